"""`diagnose`: each stage of a connection tried on its own, with what was found: for ``rugs-lab check``.

Like any feed it sends nothing but what keeps a connection open. Through a proxy, name and TCP are the
proxy's own.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from rugs_lab.feed.live.refusals import plain, refusal_of

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.feed.core.feed import Feed
    from rugs_lab.feed.live.address import Address
    from rugs_lab.feed.live.session import Session

STAGES: Final = ("name", "tcp", "tls", "handshake", "namespace", "first event", "phases", "rates")
TIMEOUT_S: Final = 10.0
_NAMES_SHOWN: Final = 6
_PROXY_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Stage:
    """One of `STAGES`: what was found or is wrong, and how long it took, ms (None: not measured).

    `ok` None: it was not reached, or there is none (TLS of an ``http`` address).
    """

    name: str
    ok: bool | None
    words: str
    ms: float | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All stages of one connection, in their order; `source`: the address, without its query."""

    source: str
    stages: tuple[Stage, ...]

    @property
    def failed(self) -> Stage | None:
        """The first stage that was not passed; None: all were."""
        return next((stage for stage in self.stages if stage.ok is False), None)

    @property
    def ok(self) -> bool:
        """Whether every stage that there is was passed."""
        return self.failed is None

    @property
    def frame(self) -> pd.DataFrame:
        """One row per stage: ``ok`` (missing: not reached), ``ms``, ``words``."""
        import pandas as pd

        frame = pd.DataFrame([asdict(stage) for stage in self.stages]).set_index("name")
        return frame.astype({"ok": "boolean", "ms": "float64"})[["ok", "ms", "words"]]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as values of JSON."""
        return {"source": self.source, "ok": self.ok, "stages": [asdict(stage) for stage in self.stages]}

    def __repr__(self) -> str:
        width = max(len(stage.name) for stage in self.stages)
        rows = (f"{_MARKS[stage.ok]:>4}  {stage.name:<{width}}  {stage.words}" for stage in self.stages)
        return "\n".join([self.source, *rows])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{_MARKS[stage.ok]}</td><td>{stage.name}</td>"
            f"<td style='text-align:left'>{escape(stage.words)}</td></tr>"
            for stage in self.stages
        )
        return f"<table><caption>{escape(self.source)}</caption>{rows}</table>"


_MARKS: Final = {True: "ok", False: "FAIL", None: "-"}


def diagnose(
    feed: Feed,
    address: Address,
    session: Session,
    seconds: float = 15.0,
    *,
    waits: Callable[[float], bool] | None = None,
) -> Diagnosis:
    """Try each stage of the connection of `feed`, which is not started yet and is stopped at the end.

    `waits` is called with seconds to wait, and returns True when the listening is to end at once.
    """
    found: dict[str, Stage] = {}
    for stage in _of_network(address):
        found[stage.name] = stage
    if all(stage.ok is not False for stage in found.values()):
        for stage in _of_feed(feed, address, session, seconds, waits or time.sleep):
            found[stage.name] = stage
    return Diagnosis(feed.source, tuple(found.get(name, Stage(name, None, "not reached")) for name in STAGES))


def _of_network(address: Address) -> Iterator[Stage]:
    """Name, TCP and TLS, by plain sockets."""
    proxy = None if address.proxy is None else urlsplit(address.proxy)
    host = address.host if proxy is None else proxy.hostname or ""
    port = address.port if proxy is None else proxy.port or _PROXY_PORTS.get(proxy.scheme, 1080)
    kind = "" if proxy is None else "the proxy "
    stage, began_s = "name", time.monotonic()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = sorted({str(each[4][0]) for each in found})
        yield Stage("name", True, f"{kind}{host} is {', '.join(addresses[:4])}", _ms(began_s))
        stage, began_s = "tcp", time.monotonic()
        connection = socket.create_connection((host, port), TIMEOUT_S)
    except (OSError, UnicodeError) as error:
        words = refusal_of(error, stage="proxy" if kind else stage, address=address).words
        yield Stage(stage, False, words, _ms(began_s))
        return
    with connection:
        yield Stage("tcp", True, f"connected to {kind}{host}:{port}", _ms(began_s))
        if not address.secure:
            yield Stage("tls", None, "none: the address is not https")
        elif proxy is not None:
            yield Stage("tls", None, "through the proxy; see the handshake")
        else:
            yield _tls(connection, address.host, address.ssl)


def _tls(connection: socket.socket, host: str, given: ssl.SSLContext | bool) -> Stage:
    if isinstance(given, ssl.SSLContext):
        context = given
    else:
        context = ssl.create_default_context()
        if given is False:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    began_s = time.monotonic()
    try:
        with context.wrap_socket(connection, server_hostname=host) as secure:
            certificate = secure.getpeercert() or {}
            until = certificate.get("notAfter", "")
            words = f"{secure.version()}, certificate " + (
                f"valid until {until}" if until else "not verified"
            )
            return Stage("tls", True, words, _ms(began_s))
    except OSError as error:
        return Stage("tls", False, refusal_of(error, stage="tls").words, _ms(began_s))


def _of_feed(
    feed: Feed, address: Address, session: Session, seconds: float, waits: Callable[[float], object]
) -> Iterator[Stage]:
    """Handshake, namespace, events, phases and rates, by the feed itself."""
    phases: Counter[str] = Counter()
    feed.on("signal", lambda signal: phases.update([str(signal.phase)]))
    shown = {**dict.fromkeys(address.headers, "(not shown)"), **address.public_headers}
    headers = ", ".join(f"{name}: {value}" for name, value in shown.items())
    sent = f"sent {'/'.join(address.transports)} to /{address.path}, {headers}"
    began_s, ended = time.monotonic(), False
    feed.start()
    try:
        while not ended and feed.health.connections == 0 and time.monotonic() - began_s < 2 * TIMEOUT_S:
            final = session.refusal is not None and not session.refusal.other_transport
            if feed.state == "reconnecting" and (final or session.attempts >= len(address.transports)):
                break
            ended = bool(waits(0.05))
        took_ms, refusal = _ms(began_s), session.refusal
        if feed.health.connections == 0:
            words = feed.state.reason.rpartition("; trying ")[0] or str(feed.state.reason)
            if refusal is not None and refusal.stage == "namespace":
                yield Stage("handshake", True, sent)
                yield Stage("namespace", False, words, took_ms)
            else:
                yield Stage("handshake", False, f"{words} ({sent})", took_ms)
            return
        yield Stage("handshake", True, f"{sent}; came by {session.transport}", took_ms)
        yield Stage("namespace", True, "connected; nothing else is ever sent")
        began_s = time.monotonic()
        while not ended and time.monotonic() - began_s < seconds:
            ended = bool(waits(min(0.25, seconds)))
        listened_s = time.monotonic() - began_s
    finally:
        feed.stop()
    yield from _of_events(feed, phases, listened_s)


def _of_events(feed: Feed, phases: Counter[str], seconds: float) -> Iterator[Stage]:
    health = feed.health
    others = health.noise.total() + health.trades + health.rejected.total()
    names = ", ".join(f"{plain(name)} {count}" for name, count in health.noise.most_common(_NAMES_SHOWN))
    if health.messages == 0:
        rejected = f"; rejected: {plain(health.rejected.most_common(1)[0][0])}" if health.rejected else ""
        words = f"no usable gameStateUpdate among {others} messages in {seconds:.0f} s{rejected}"
        yield Stage("first event", False, words)
        return
    yield Stage(
        "first event", True, f"{health.messages} gameStateUpdate, {others} other events ({names or 'none'})"
    )
    yield Stage("phases", True, ", ".join(f"{phase} {count}" for phase, count in phases.most_common()))
    lost = health.disconnections
    words = f"{health.start.rate:.1f} messages/s; longest silence {health.start.longest_gap_ms:.0f} ms"
    yield Stage("rates", lost == 0, f"{words}; the connection was lost {lost} times" if lost else words)


def _ms(began_s: float) -> float:
    return round(1e3 * (time.monotonic() - began_s), 1)
