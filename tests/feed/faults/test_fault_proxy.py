"""The proxy that spoils connections: each toxic alone, over real sockets."""

import asyncio
import contextlib
import socket
import socketserver
import threading
from urllib.parse import urlsplit

import pytest

from rugs_lab.errors import ArgumentError, FeedError
from tests.support import toxics
from tests.support.fault_proxy import FaultProxy

DEADLINE_S = 20


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            while data := self.request.recv(65536):
                self.request.sendall(data)


@pytest.fixture
def pauses():
    """The pauses that toxics asked for, s; none is waited out."""
    return []


@pytest.fixture
def proxy(pauses):
    async def note(seconds):
        pauses.append(seconds)
        await asyncio.sleep(0)

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with FaultProxy(f"http://127.0.0.1:{server.server_address[1]}", seed=7, pause=note) as proxy:
            yield proxy
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def connected(proxy):
    with socket.create_connection(("127.0.0.1", urlsplit(proxy.url).port), DEADLINE_S) as client:
        yield client


def exchange(client, data):
    """Send, and return what comes back until it is complete or the connection ends."""
    client.sendall(data)
    back = b""
    while len(back) < len(data) and (piece := client.recv(65536)):
        back += piece
    return back


def test_everything_passes_and_what_the_client_sent_is_recorded(proxy):
    data = bytes(range(256)) * 4000
    with connected(proxy) as client:
        assert exchange(client, data) == data
    with connected(proxy) as client:
        assert exchange(client, b"second") == b"second"
    assert [bytes(sent) for sent in proxy.sent] == [data, b"second"]
    assert proxy.connections == 2


def test_latency_delays_and_keeps_the_order(proxy, pauses):
    proxy.add(toxics.Latency(latency_ms=8e7, jitter_ms=2e7))
    with connected(proxy) as client:
        assert exchange(client, b"abc") == b"abc"
        assert [6e4 - DEADLINE_S < pause < 1e5 for pause in pauses] == [True]
        proxy.remove()
        assert exchange(client, b"def") == b"def"
    assert len(pauses) == 1
    assert proxy.toxics == ()


def test_bandwidth_is_bounded(proxy, pauses):
    proxy.add(toxics.Bandwidth(rate_kb=1000, stream="upstream"))
    with connected(proxy) as client:
        assert len(exchange(client, b"x" * 100_000)) == 100_000
    assert sum(pauses) == pytest.approx(0.1)


@pytest.mark.parametrize("size", [1, 7])
def test_slices_hold_the_same_bytes(proxy, size):
    proxy.add(toxics.Slicer(size=size, variation=size - 1))
    with connected(proxy) as client:
        assert exchange(client, bytes(range(256))) == bytes(range(256))


def test_data_are_limited_and_the_connection_then_closed(proxy):
    proxy.add(toxics.LimitData(limit_bytes=5))
    with connected(proxy) as client:
        assert exchange(client, b"123") == b"123"
        assert exchange(client, b"456") == b"45"


def test_reset_after_so_many_bytes(proxy):
    proxy.add(toxics.ResetPeer(after_bytes=4))
    with connected(proxy) as client:
        assert exchange(client, b"123") == b"123"
        with pytest.raises(ConnectionResetError):
            exchange(client, b"456")


def test_reset_of_a_connection_that_is_open(proxy):
    with connected(proxy) as client:
        assert exchange(client, b"1") == b"1"
        proxy.add(toxics.ResetPeer(timeout_ms=20))
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_peer_that_is_gone_says_nothing_until_the_toxic_is_off(proxy):
    with connected(proxy) as client:
        gone = toxics.Timeout()
        proxy.add(gone)
        client.sendall(b"lost")
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(1)
        proxy.remove(gone)
        client.settimeout(DEADLINE_S)
        assert exchange(client, b"heard") == b"heard"


def test_timeout_closes_after_its_time(proxy):
    proxy.add(toxics.Timeout(timeout_ms=30))
    with connected(proxy) as client:
        assert exchange(client, b"1") == b""


def test_slow_close(proxy, pauses):
    proxy.add(toxics.SlowClose(delay_ms=80, stream="upstream"))
    with connected(proxy) as client:
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert pauses == [0.08]


def test_down_refuses_and_up_listens_at_the_same_address(proxy):
    url = proxy.url
    with connected(proxy) as client:
        exchange(client, b"1")
        proxy.down()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    with pytest.raises(ConnectionRefusedError), connected(proxy):
        pass
    proxy.up()
    assert proxy.url == url
    with connected(proxy) as client:
        assert exchange(client, b"1") == b"1"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_server_that_does_not_listen_resets_its_clients():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        FaultProxy(f"http://127.0.0.1:{port}") as proxy,
        pytest.raises(ConnectionResetError),  # at the connect, or after it
        connected(proxy) as client,
    ):
        client.recv(1)


def test_stopping_leaves_no_thread_and_may_be_repeated():
    before = threading.active_count()
    proxy = FaultProxy("http://127.0.0.1:9")
    with pytest.raises(FeedError, match="start"):
        _ = proxy.url
    proxy.stop()
    proxy.start().start()
    proxy.stop()
    proxy.stop()
    assert threading.active_count() == before


def test_an_address_without_a_port_says_what_is_expected():
    with pytest.raises(ArgumentError, match="http://host:port"):
        FaultProxy("127.0.0.1")
