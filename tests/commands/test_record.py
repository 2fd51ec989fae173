"""``rugs-lab record`` as it is started: a real process, its output, its end."""

import os
import signal
import subprocess
import sys

import pytest

from rugs_lab.cli import main
from rugs_lab.commands import record
from rugs_lab.commands.argument_types import rotation
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from rugs_lab.recordings.write.line_format import read_line
from rugs_lab.recordings.write.line_types import GapLine, RawLine, SessionLine, TickLine

COMMAND = [sys.executable, "-m", "rugs_lab", "record"]
DEADLINE_S = 60


def lines_in(folder):
    data = b"".join(path.read_bytes() for path in sorted(folder.glob("live_game_*.jsonl")))
    assert data.endswith(b"\n")
    return [read_line(line) for line in data.splitlines()]


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_records_until_it_is_told_to_end(tmp_path, number):
    folder = tmp_path / "data"
    with subprocess.Popen(
        [*COMMAND, folder, "--demo", "--raw"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            first = process.stdout.readline()
            assert str(folder) in first
            assert "messages" in process.stdout.readline()
            process.send_signal(number)
            out, err = process.communicate(timeout=DEADLINE_S)
        finally:
            process.kill()
    assert "stopped:" in out
    if process.returncode:  # so early that nothing had come
        assert "nothing was received" in err
        return
    assert err == ""
    lines = lines_in(folder)
    assert {type(line) for line in lines} >= {SessionLine, TickLine, RawLine}
    assert isinstance(lines[-1], GapLine)
    assert lines[-1].state == "stopped"


def test_it_ends_after_its_hours(tmp_path, capsys):
    assert main(["record", str(tmp_path), "--demo", "--hours", "0.0004", "--rotate", "game"]) == 0
    out = capsys.readouterr().out
    assert out.count("messages") >= 2, "one status line at the start, one at the end"
    assert any(isinstance(line, TickLine) for line in lines_in(tmp_path))


def test_a_disk_that_takes_nothing_makes_it_fail_after_all(tmp_path, capsys):
    (tmp_path / "data").write_text("")
    assert main(["record", str(tmp_path / "data"), "--demo", "--hours", "0.0003"]) == 1
    captured = capsys.readouterr()
    assert "failing" in captured.out
    assert "lines could not be written" in captured.err


def test_a_torn_line_of_a_former_run_is_reported(tmp_path, capsys):
    (tmp_path / "live_game_1.jsonl").write_bytes(b'{"type":"session","format":"rugs_lab/1"}\n{"ty')
    main(["record", str(tmp_path), "--demo", "--hours", "0.0003"])
    assert "a torn last line of live_game_1.jsonl (4 bytes) was moved aside" in capsys.readouterr().out


def test_what_the_server_said_is_repeated_when_nothing_came(tmp_path, capsys):
    with GameServer(speed=10, refuse="page") as server:
        assert main(["record", str(tmp_path), "--url", server.url, "--hours", "0.0004"]) == 1
    words = f"nothing was received from {server.url}: the address is protected by a bot check of cloudflare"
    assert words in capsys.readouterr().err


def test_a_second_address_is_reported_with_the_usage_of_the_command(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["record", str(tmp_path), "http://127.0.0.1:9"])
    err = capsys.readouterr().err
    assert err.startswith("usage: rugs-lab record [-h]")
    assert err.endswith("rugs-lab record: error: unrecognized arguments: http://127.0.0.1:9\n")
    with pytest.raises(SystemExit):
        main(["record", str(tmp_path), "--", "--port"])
    assert capsys.readouterr().err.startswith("usage: rugs-lab record [-h]")


def test_an_address_that_is_none_is_an_error(tmp_path, capsys):
    assert main(["record", str(tmp_path), "--url", "nowhere"]) == 1
    assert "url must be" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "size"), [("game", "game"), ("64MB", 64_000_000), ("5000", 5000), ("2gb", 2 * 10**9)]
)
def test_rotation_is_read(text, size):
    assert rotation(text) == size


@pytest.mark.parametrize("text", ["games", "0", "1kB", "-5MB", "MB", ""])
def test_what_is_no_rotation_is_rejected(text, capsys):
    with pytest.raises(SystemExit):
        main(["record", "--rotate", text])


def test_the_status_line_says_how_feed_and_recorder_stand(tmp_path):
    feed = LiveFeed("http://127.0.0.1:9")
    said = record.status(feed, feed.record(tmp_path))
    feed.record(None)
    assert "stopped (not started yet), 0 messages" in said
    assert "0 lost" in said


def test_a_disk_that_is_not_done_at_the_end_makes_it_fail(tmp_path, capsys, monkeypatch):
    import threading

    from rugs_lab.recordings.write.disk import Disk

    free, write = threading.Event(), Disk.write

    def stuck(self, file, data):
        if b'"tick"' in data:
            free.wait(DEADLINE_S)
        return write(self, file, data)

    monkeypatch.setattr(Disk, "write", stuck)
    monkeypatch.setattr(record, "END_S", 0.2)
    try:
        assert main(["record", str(tmp_path), "--demo", "--hours", "0.0004"]) == 1
    finally:
        free.set()
    captured = capsys.readouterr()
    assert "lines lost (the disk was not done after" in captured.out
    assert "lines could not be written" in captured.err
