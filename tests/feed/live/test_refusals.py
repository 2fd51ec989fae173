"""A sentence for each way in which a connection cannot be made, against real sockets where there is one."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import email.utils
import socket
import ssl
import struct
import subprocess
import threading
import time
from contextlib import contextmanager

import aiohttp
import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.live.refusals import (
    MAX_RETRY_AFTER_S,
    MAX_WORDS,
    HandshakeError,
    NamespaceError,
    plain,
    refusal_of,
    retry_after_s,
)
from rugs_lab.feed.server.game_server import GameServer
from tests.support.live import DEADLINE_S, leaves_nothing, quick, until

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick


@contextmanager
def listening(handler, tls=None):
    """Run `handler(reader, writer)` for each connection on loopback; yield the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    writers = []

    async def serve(reader, writer):
        writers.append(writer)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def begin():
        return await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)

    async def end(server):
        server.close()
        for _ in range(5):  # what was accepted just now is taken over
            await asyncio.sleep(0)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        for _ in range(5):
            await asyncio.sleep(0)

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def answering(text):
    async def handler(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text.encode())
        await writer.drain()

    return handler


def says(feed, words):
    with feed:
        until(lambda: words in feed.state.reason, f"{words!r} in {feed.state.reason!r}")


def test_a_proxy_that_is_not_there():
    says(LiveFeed("http://rugs.example", proxy="http://127.0.0.1:9"), "the proxy does not answer")


def test_a_proxy_that_wants_a_password():
    with listening(
        answering("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    ) as port:
        for url in ("https://rugs.example", "http://rugs.example"):
            says(LiveFeed(url, proxy=f"http://127.0.0.1:{port}"), "the proxy needs a user and a password")
            says(
                LiveFeed(url, proxy=f"http://me:no@127.0.0.1:{port}"),
                "does not accept that user and password",
            )


def test_a_password_of_a_proxy_or_header_is_not_shown():
    feed = LiveFeed("http://rugs.example", proxy="http://me:secret@127.0.0.1:9", headers={"Cookie": "secret"})
    assert "secret" not in repr(feed.address)
    with GameServer(speed=20, seed=7) as server:
        headers = {"Authorization": "Bearer secret", "X-Key": "secret", "Origin": "https://h"}
        report = LiveFeed(server.url, headers=headers).diagnose(0.1)
        said = f"{report!r} {report._repr_html_()} {report.as_dict()}"
    assert "secret" not in said
    assert "Authorization: (not shown), X-Key: (not shown)" in said
    assert "Origin: https://h" in said


def test_a_proxy_that_does_not_connect():
    with listening(answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")) as port:
        says(
            LiveFeed("https://rugs.example", proxy=f"http://me:secret@127.0.0.1:{port}"),
            "the proxy does not connect to that address (HTTP 502 Bad Gateway); check its address "
            f"(http://127.0.0.1:{port}; proxy=",
        )


@pytest.mark.parametrize("status", ["403 Forbidden", "502 Bad Gateway", "404 Not Found"])
def test_an_answer_through_a_plain_proxy_may_be_the_proxys(status):
    with listening(answering(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")) as port:
        proxy = f"http://127.0.0.1:{port}"
        says(LiveFeed("http://rugs.example", proxy=proxy), f"; or the proxy {proxy} answers so (proxy=")
        feed = LiveFeed(proxy)
        says(feed, status[:3])
        assert "proxy" not in feed.diagnose(0.1).failed.words


def test_a_proxy_of_no_known_name():
    says(
        LiveFeed("http://rugs.example", proxy="http://no-such-proxy.invalid:3128"),
        "the proxy's host name is not known",
    )


@pytest.mark.parametrize(
    ("proxy", "stage", "words"),
    [
        ("http://127.0.0.1:9", "tcp", "the proxy does not answer"),
        ("http://no-such-proxy.invalid:9", "name", "the proxy's host name is not known"),
    ],
)
def test_the_diagnosis_names_the_proxy(proxy, stage, words, monkeypatch):
    for feed in (LiveFeed("http://10.255.255.1", proxy=proxy), LiveFeed("https://10.255.255.1", proxy=proxy)):
        failed = feed.diagnose(0.1).failed
        assert (failed.name, words in failed.words, proxy in failed.words) == (stage, True, True)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    diagnosis = LiveFeed("http://10.255.255.1").diagnose(0.1)
    assert proxy in diagnosis.failed.words
    name = diagnosis.stages[0]
    assert not name.ok or name.words.startswith("the proxy 127.0.0.1 is")


@pytest.mark.parametrize("status", [401, 403])
def test_an_origin_that_was_sent_is_named(status):
    def words(**headers):
        address = LiveFeed("http://127.0.0.1:9", headers=headers).address
        return refusal_of(HandshakeError(status, {}), address=address).words

    assert " no Origin was sent, and the site's own is https://rugs.fun (headers=, --header)" in words()
    assert "the Origin https://wrong.example was sent, and the site's own is https://rugs.fun" in words(
        origin="https://wrong.example"
    )
    assert "the site's own Origin, https://rugs.fun, was sent: try other headers" in words(
        Origin="https://rugs.fun"
    )


@pytest.mark.parametrize(
    ("status", "length", "said"),
    [
        (503, 34, ': "back at <b>noon</b>"'),
        (429, 34, ': "back at <b>noon</b>"'),
        (503, 0, ""),
        (503, 10**9, ': "back at <b>noon</b>"'),  # and the rest never comes
    ],
)
@pytest.mark.usefixtures("quick")
def test_the_servers_words_at_a_websocket_handshake_are_repeated(status, length, said):
    body = '{"message": "back at <b>noon</b>"}'[:length] + " " * min(max(length - 34, 0), 3000)
    head = f"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    with listening(answering(head + body)) as port:
        says(LiveFeed(f"http://127.0.0.1:{port}", transports=["websocket"]), f"(HTTP {status}{said}")


def test_a_certificate_of_the_client_that_a_server_demands(tmp_path):
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    known = ssl.create_default_context(cafile=certificate)
    with listening(answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), tls=context) as port:
        url = f"https://127.0.0.1:{port}"
        says(LiveFeed(url, ssl=known), "if it needs a certificate of the client, give a context with one")
        known.load_cert_chain(certificate, key)
        says(LiveFeed(url, ssl=known), "no Socket.IO server under that path (HTTP 404)")


def test_a_host_that_is_not_known():
    says(LiveFeed("http://no-such-host.invalid"), "the host name no-such-host.invalid is not known")


def test_a_certificate_that_nobody_signed(tmp_path):
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with listening(answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), tls=context) as port:
        url = f"https://127.0.0.1:{port}"
        says(LiveFeed(url), "cannot be trusted (self-signed certificate)")
        says(LiveFeed(url, ssl=False), "no Socket.IO server under that path (HTTP 404)")
        known = ssl.create_default_context(cafile=certificate)
        says(LiveFeed(url, ssl=known), "no Socket.IO server under that path (HTTP 404)")


def test_a_certificate_of_another_name(tmp_path):
    certificate, key = self_signed(tmp_path, names="DNS:elsewhere.example")
    refused_certificate(certificate, key, "(IP address mismatch, certificate is not valid for '127.0.0.1'.)")


def test_a_certificate_that_has_expired(tmp_path):
    certificate, key = self_signed(tmp_path)
    settings = "[ca]\ndefault_ca=a\n[a]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n"
    (tmp_path / "settings").write_text(f"{settings}policy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n")
    with (tmp_path / "settings").open("a") as more:
        more.write("[e]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=CA:TRUE\n")
    (tmp_path / "index").touch()
    (tmp_path / "serial").write_text("01\n")
    openssl(tmp_path, "req", "-new", "-key", key, "-subj", "/CN=rugs", "-out", "request")
    dates = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"]
    signed = ["-selfsign", "-keyfile", key, "-in", "request", "-out", certificate]
    openssl(tmp_path, "ca", "-batch", "-notext", "-config", "settings", *dates, *signed)
    refused_certificate(certificate, key, "(certificate has expired)")


def refused_certificate(certificate, key, words):
    """Check that a feed that trusts the certificate's issuer still says what is wrong with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    known = ssl.create_default_context(cafile=certificate)
    with listening(answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), tls=context) as port:
        feed = LiveFeed(f"https://127.0.0.1:{port}", ssl=known)
        says(feed, f"the certificate of that address cannot be trusted {words}; check the address and")
        failed = feed.diagnose(0.1).failed
        assert (failed.name, words in failed.words) == ("tls", True)


def test_a_server_that_does_not_speak_tls():
    async def handler(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    with listening(handler) as port:
        says(LiveFeed(f"https://127.0.0.1:{port}"), "no TLS with that address")


def test_a_server_that_answers_nothing():
    async def handler(reader, writer):
        await reader.read()

    with listening(handler) as port:
        says(LiveFeed(f"http://127.0.0.1:{port}"), "did not answer the Socket.IO handshake in time")
        says(LiveFeed(f"https://127.0.0.1:{port}"), "did not answer in time (TCP and TLS)")


def test_each_stage_has_a_timeout_of_its_own(monkeypatch):
    async def mute(reader, writer):
        await reader.read()

    with socket.socket() as full, contextlib.ExitStack() as clients:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # what comes after these gets no answer to its first packet
            client = clients.enter_context(socket.socket())
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(full.getsockname())
        port = full.getsockname()[1]
        says(LiveFeed(f"http://127.0.0.1:{port}"), "the address did not answer in time (TCP)")
        says(LiveFeed("http://rugs.example", proxy=f"http://127.0.0.1:{port}"), "the proxy did not answer in")
    with listening(mute) as port:
        says(
            LiveFeed("https://rugs.example", proxy=f"http://127.0.0.1:{port}"), "the proxy did not answer in"
        )
    found = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found.wait(DEADLINE_S) and [])
    with LiveFeed("http://rugs.example") as feed:
        until(lambda: "the host name was not found in time" in feed.state.reason)
        found.set()


def test_a_stop_does_not_wait_for_the_name_of_a_host(monkeypatch, caplog):
    asked, found = threading.Event(), threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: asked.set() or found.wait(DEADLINE_S) or [])
    try:
        with LiveFeed("http://rugs.example"):
            assert asked.wait(DEADLINE_S)
        assert "has not ended" not in caplog.text
        assert not any(each.name == "rugs_lab feed" for each in threading.enumerate())
    finally:
        found.set()


def test_a_wait_without_end_is_bounded_shown_and_can_be_stopped():
    seen = []

    async def handler(reader, writer):
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 429 No\r\nRetry-After: 99999999999999\r\nContent-Length: 0\r\n\r\n")

    with listening(handler) as port, LiveFeed(f"http://127.0.0.1:{port}") as feed:
        until(lambda: "it asks to wait at least 3600 s" in feed.state.reason)
        assert MAX_RETRY_AFTER_S <= (feed.state.again_ns - feed.state.since_ns) / 1e9 < MAX_RETRY_AFTER_S + 2
    assert feed.state == "stopped"
    assert len(seen) == 1


@pytest.fixture
def in_new_york(monkeypatch):
    """The zone of this process."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no zone of a process")
@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize("form", ["%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S"])
def test_a_date_without_a_zone_is_in_utc(form):
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=60)
    assert retry_after_s({"Retry-After": soon.strftime(form)}) == pytest.approx(60, abs=5)


def test_the_wait_that_a_server_asks_for():
    assert retry_after_s({"retry-after": "5"}) == 5
    assert retry_after_s({"Retry-After": "86400"}) == MAX_RETRY_AFTER_S
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=60)
    assert retry_after_s({"Retry-After": email.utils.format_datetime(soon, usegmt=True)}) == pytest.approx(
        60, abs=5
    )
    assert retry_after_s({"Retry-After": email.utils.formatdate(time.time() - 60)}) == 0
    for wrong in ("-5", "1e9", "soon", "", "٣"):
        assert retry_after_s({"Retry-After": wrong}) in (None, 3.0)


@pytest.mark.parametrize("status", range(200, 600))
def test_every_status_has_a_sentence(status):
    refusal = refusal_of(HandshakeError(status, {}))
    assert (str(status) in refusal.words) == (status != 200)
    assert refusal.stage == "handshake"


@pytest.mark.parametrize(
    ("status", "headers", "challenge"),
    [
        (403, {"Server": "cloudflare", "Content-Type": "text/html; charset=UTF-8"}, True),
        (503, {"Server": "cloudflare", "Content-Type": "text/html"}, True),
        (403, {"CF-Mitigated": "challenge"}, True),
        (403, {"Server": "cloudflare", "Content-Type": "application/json"}, False),
        (403, {"Content-Type": "text/html"}, False),
    ],
)
def test_a_bot_check_is_recognised_by_its_headers(status, headers, challenge):
    assert ("bot check" in refusal_of(HandshakeError(status, headers)).words) == challenge


def test_words_of_others_are_bounded_and_cannot_steer_a_terminal():
    hostile = "x\x1b[2J\u202e\n" * 500
    for refusal in (refusal_of(NamespaceError(hostile)), refusal_of(HandshakeError(403, {}, hostile))):
        assert refusal.words.isprintable()
        assert len(refusal.words) < MAX_WORDS + 150
    assert plain("a\tb\r\n c") == "a b c"


def test_an_unknown_failure_is_named_with_its_own_words():
    assert "RuntimeError: what?" in refusal_of(RuntimeError("what?")).words
    error = aiohttp.ServerDisconnectedError()
    assert "closed the connection while it was being made" in refusal_of(error).words


def openssl(folder, *arguments):
    try:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")


def self_signed(folder, names="IP:127.0.0.1"):
    """Return the files of a certificate for 127.0.0.1 and its key; made by openssl."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=rugs"]
    named = ["-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(certificate)]
    openssl(folder, *command, *named)
    return str(certificate), str(key)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("99999999999999", MAX_RETRY_AFTER_S),
        ("9" * 400, MAX_RETRY_AFTER_S),
        ("1.5", 1.5),
        ("120, 130", 120.0),
        ("-5", None),
        ("1.", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER_S),
    ],
)
def test_every_number_of_seconds_is_read_and_bounded(text, seconds):
    assert retry_after_s({"Retry-After": text}) == seconds


@pytest.mark.parametrize(("status", "wait_s"), [(429, 60), (503, 60), (302, 60), (400, None), (200, None)])
def test_only_answers_that_ask_to_wait_are_waited_for(status, wait_s):
    refusal = refusal_of(HandshakeError(status, {"Retry-After": "60"}))
    assert refusal.retry_after_s == wait_s
    assert ("it asks to wait 60 s" in refusal.words) == (wait_s is not None)
    assert refusal.other_transport == (wait_s is None)


def test_a_status_that_is_none_and_a_redirect_to_nowhere():
    assert "HTTP 999 is not an answer of a Socket.IO server" in refusal_of(HandshakeError(999, {})).words
    assert "does not say where to (HTTP 302)" in refusal_of(HandshakeError(302, {})).words


GREETING = '0{"sid":"a","upgrades":[],"pingInterval":%s,"pingTimeout":%s,"maxPayload":1}'


@pytest.mark.parametrize(
    "text",
    [
        "0{}x",
        "0{}",
        "0[]",
        '0{"sid":5,"upgrades":7,"pingInterval":"x","pingTimeout":null}',
        *(GREETING % each for each in (("0", "0"), ("1e999", "5"), ("25000", "-5"), ("25000", '"x"'))),
    ],
)
def test_a_handshake_that_cannot_be_is_a_sentence_and_no_storm(text):
    seen = []

    async def handler(reader, writer):
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
        await writer.drain()

    with listening(handler) as port, LiveFeed(f"http://127.0.0.1:{port}", transports=("polling",)) as feed:
        until(lambda: feed.state == "reconnecting")
        words = feed.state.reason
        assert "as a Socket.IO server: a handshake with sid, upgrades and pings was expected, got" in words
        assert not any(b"sid=" in request for request in seen)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://[::bad/", "http://"])
def test_a_redirect_to_what_is_no_address_is_a_sentence(location):
    text = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    with (
        listening(answering(text)) as port,
        LiveFeed(f"http://127.0.0.1:{port}", transports=("polling",)) as feed,
    ):
        until(lambda: feed.state == "reconnecting")
        assert feed.state.reason.startswith("the server redirects to an invalid address (")


def test_a_connection_that_is_reset_after_it_was_accepted():
    async def handler(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    with listening(handler) as port:
        says(LiveFeed(f"http://127.0.0.1:{port}"), "the other side reset the connection")


def test_a_redirect_to_a_host_that_is_not_known_is_named():
    text = "HTTP/1.1 302 Found\r\nLocation: http://no-such-host.invalid/x\r\nContent-Length: 0\r\n\r\n"
    with listening(answering(text)) as port:
        says(LiveFeed(f"http://127.0.0.1:{port}"), "the server redirects to no-such-host.invalid, a host")


def test_a_proxys_own_words_are_repeated():
    text = "HTTP/1.1 407 No\x1b[2J guests\r\nContent-Length: 0\r\n\r\n"
    with listening(answering(text)) as port:
        feed = LiveFeed("https://rugs.example", proxy=f"http://127.0.0.1:{port}")
        says(feed, '(HTTP 407: "No?[2J guests")')


def test_a_long_pause_is_in_the_reason():
    text = "HTTP/1.1 503 Closed\r\nRetry-After: 900\r\nContent-Length: 0\r\n\r\n"
    with listening(answering(text)) as port, LiveFeed(f"http://127.0.0.1:{port}") as feed:
        feed.wait(state="reconnecting", timeout=DEADLINE_S)
        assert "; trying again in 90" in feed.state.reason
        assert feed.state.again_ns > feed.state.since_ns + 899_000_000_000
