"""``rugs-lab check``: the first stage that fails is the exit status; all stages stand in its JSON."""

import json

import pytest

from rugs_lab.cli import main
from rugs_lab.commands.check import FIRST_STATUS
from rugs_lab.feed.live.diagnosis import STAGES
from rugs_lab.feed.server.game_server import GameServer
from tests.feed.live.test_refusals import listening
from tests.support.live import leaves_nothing, quick, update
from tests.support.live import says as scripted
from tests.support.scripted import ScriptedServer, greet

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick


def checked(capsys, *arguments):
    """Run the command; return its status, and the first stage that its JSON says is wrong."""
    capsys.readouterr()
    status = main(["check", *arguments, "--seconds", "0.3", "--json"])
    said = capsys.readouterr()
    stages = json.loads(said.out)["stages"]
    assert [stage["name"] for stage in stages] == list(STAGES)
    wrong = [stage for stage in stages if stage["ok"] is False]
    assert len(wrong) == (status != 0)
    if not wrong:
        return status, None, ""
    place = STAGES.index(wrong[0]["name"])
    assert all(stage["words"] == "not reached" for stage in stages[place + 1 :] if stage["ok"] is None)
    assert wrong[0]["words"] in said.err
    return status - FIRST_STATUS, wrong[0]["name"], wrong[0]["words"]


def test_a_name_that_is_not_known(capsys):
    place, stage, words = checked(capsys, "http://no-such-host.invalid")
    assert (place, stage) == (0, "name")
    assert "is not known" in words


def test_a_port_where_nothing_listens(capsys):
    place, stage, _ = checked(capsys, "http://127.0.0.1:9")
    assert (place, stage) == (1, "tcp")


def test_an_address_without_tls(capsys):
    async def plain(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with listening(plain) as port:
        place, stage, words = checked(capsys, f"https://127.0.0.1:{port}")
    assert (place, stage) == (2, "tls")
    assert "no TLS with that address" in words


@pytest.mark.parametrize(("refuse", "stage"), [("too_many", "handshake"), ("namespace", "namespace")])
def test_a_strict_server(capsys, refuse, stage):
    with GameServer(refuse=refuse) as server:
        assert checked(capsys, server.url)[:2] == (STAGES.index(stage), stage)


def test_a_server_that_says_nothing(capsys):
    with ScriptedServer(scripted()) as server:
        place, stage, words = checked(capsys, server.url)
    assert (place, stage) == (5, "first event")
    assert "no usable gameStateUpdate among 0 messages" in words


def test_a_connection_that_does_not_hold(capsys):
    async def script(ws, number):
        await greet(ws)
        await ws.send_str(update(number))
        await ws.close()

    with ScriptedServer(script) as server:
        place, stage, words = checked(capsys, server.url)
    assert (place, stage) == (7, "rates")
    assert "the connection was lost" in words


def test_what_was_sent_stands_in_the_handshake(capsys):
    with GameServer(speed=20, seed=7, refuse="origin") as server:
        arguments = ["check", server.url, "--header", "Origin: https://rugs.fun", "--seconds", "1", "--json"]
        assert main(arguments) == 0
    stages = {stage["name"]: stage for stage in json.loads(capsys.readouterr().out)["stages"]}
    assert "Origin: https://rugs.fun" in stages["handshake"]["words"]
    assert stages["handshake"]["words"].endswith("came by websocket")


def test_a_proxy_of_the_command_line(capsys):
    place, stage, words = checked(capsys, "http://rugs.example", "--proxy", "http://127.0.0.1:9")
    assert (place, stage) == (1, "tcp")
    assert "the proxy does not answer" in words
