"""Why a connection could not be made, or ended: a sentence for each case, with what to do about it.

What the other side says is repeated in its own words, bounded and without characters that steer a terminal;
pages escape it as they do all text.
"""

import asyncio
import email.utils
import errno
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final

import aiohttp
import socketio

from rugs_lab.errors import PayloadError
from rugs_lab.feed.live.address import SITE_ORIGIN, Address, name_of
from rugs_lab.game.event_text import read_json

MAX_WORDS: Final = 200
"""Of the other side's own words, characters."""

MAX_RETRY_AFTER_S: Final = 3600.0
"""A longer ``Retry-After`` is waited for no longer than this."""

_SECONDS: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:,|\Z)")
_SPACE: Final = str.maketrans("\t\r\n", "   ")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no connection: one sentence with what was expected, what was received, what to do.

    `stage`: ``name``, ``tcp``, ``proxy``, ``tls``, ``handshake`` or ``namespace``. `retry_after_s`: how long
    the server asks to wait, s. `other_transport`: whether another transport may get through.
    """

    stage: str
    words: str
    retry_after_s: float | None = None
    other_transport: bool = False


class HandshakeError(Exception):
    """An HTTP answer to the handshake that is none of Socket.IO; its first bytes, where they were read."""

    def __init__(
        self, status: int, headers: Mapping[str, str], body: str = "", *, websocket: bool = True
    ) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.body = body
        self.websocket = websocket


class PollError(Exception):
    """The first poll failed; the cause says why. python-engineio would keep its text only."""


class GreetingError(Exception):
    """The first packet of the connection is none of Engine.IO, with what was received."""


class ClosedError(Exception):
    """The server closed the connection before its namespace was connected; how, in words."""


class NamespaceError(Exception):
    """The server's CONNECT_ERROR, with its words."""


def plain(words: object) -> str:
    r"""Return words of the other side as one bounded line of printable characters."""
    text = " ".join(str(words)[: 4 * MAX_WORDS].translate(_SPACE).split())
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= MAX_WORDS else f"{text[: MAX_WORDS - 1]}…"


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a ``Retry-After``, given in seconds or as a date; None without one."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if seconds := _SECONDS.match(text):
        return min(float(seconds[1]), MAX_RETRY_AFTER_S)
    try:
        at = email.utils.parsedate_to_datetime(text)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)  # a date of HTTP is in UTC
        return min(max(0.0, at.timestamp() - time.time()), MAX_RETRY_AFTER_S)
    except (ValueError, TypeError, OverflowError):
        return None


def refusal_of(error: BaseException, *, stage: str = "handshake", address: Address | None = None) -> Refusal:
    """Say why a connection to `address` could not be made that had come as far as `stage`."""
    check = "check its address ({}proxy=, --proxy, HTTPS_PROXY, HTTP_PROXY or ALL_PROXY)".format(
        f"{plain(name_of(address.proxy))}; " if address is not None and address.proxy else ""
    )
    chain = _chain(error)
    for each in chain:
        if isinstance(each, HandshakeError):
            return _of_answer(each, address)
        if isinstance(each, NamespaceError):
            return Refusal(
                "namespace", f"the server rejected the connection: {plain(each) or 'it gave no reason'}"
            )
        if isinstance(each, ClosedError):
            return Refusal("namespace", f"the connection was lost before its namespace was there ({each})")
        if isinstance(each, GreetingError):
            words = (
                "the address does not answer as a Socket.IO server: a handshake with sid, upgrades and pings"
            )
            return Refusal("handshake", f'{words} was expected, got "{plain(each)}"; check the address')
        if isinstance(each, aiohttp.TooManyRedirects):
            return Refusal("handshake", "the server redirects in circles; check the address")
        if isinstance(each, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
            return Refusal("handshake", f"the server redirects to an invalid address ({plain(each)})")
        if isinstance(each, aiohttp.ClientHttpProxyError):
            return _of_proxy(each, address, check)
        if type(each).__module__.startswith("aiohttp_socks"):
            what = "answer in time" if "Timeout" in type(each).__name__ else "connect to that address"
            what = "answer" if type(each).__name__ == "ProxyConnectionError" else what
            return Refusal("proxy", f"the SOCKS proxy does not {what} ({plain(each)}); {check}")
        if isinstance(each, aiohttp.ClientConnectorDNSError | socket.gaierror):
            why = f"is not known ({plain(each.strerror)})"
            if stage == "proxy":
                return Refusal("proxy", f"the proxy's host name {why}; {check}")
            asked = "" if address is None else address.host
            host = plain(getattr(each, "host", asked))
            if asked and host != plain(asked):
                return Refusal("name", f"the server redirects to {host}, a host name that {why}")
            return Refusal("name", f"the host name {host} {why}; check the address and the network")
        if isinstance(each, aiohttp.ClientProxyConnectionError) or (
            stage == "proxy" and isinstance(each, ConnectionRefusedError)
        ):
            why = plain(getattr(each, "os_error", each))
            return Refusal("proxy", f"the proxy does not answer ({why}); {check}")
        if isinstance(each, ssl.SSLCertVerificationError):  # or aiohttp's, which has one
            return _of_certificate(getattr(each, "certificate_error", each))
        if isinstance(each, aiohttp.ClientSSLError | ssl.SSLError):
            return Refusal(
                "tls",
                f"no TLS with that address ({_ssl_reason(each)}); check http or https and the port",
            )
        if isinstance(each, ConnectionRefusedError):
            return Refusal("tcp", "nothing listens at that address (connection refused); check host and port")
        if isinstance(each, TimeoutError | asyncio.TimeoutError):
            return _of_timeout(stage, check)
    for each in chain:
        if getattr(each, "errno", None) in _CUT:
            words = "the other side reset the connection while it was being made"
            return Refusal(stage, words, other_transport=True)
        if isinstance(each, ConnectionResetError | aiohttp.ServerDisconnectedError):
            words = "the server closed the connection while it was being made"
            if address is not None and address.secure and stage == "handshake":
                words = f"{words}; if it needs a certificate of the client, give a context with one (ssl=)"
            return Refusal(stage, words, other_transport=True)
        if isinstance(each, OSError) and each.strerror:
            why = plain(each.strerror)
            if stage == "proxy":
                return Refusal("proxy", f"the network does not reach the proxy ({why}); {check}")
            return Refusal("tcp", f"the network does not reach that address ({why})")
    deepest = chain[-1]
    if isinstance(deepest, socketio.exceptions.ConnectionError) and str(deepest).startswith(_NO_NAMESPACE):
        return Refusal("namespace", "the server did not answer the request for its namespace in time")
    return Refusal(
        stage,
        f"the address does not answer as a Socket.IO server ({type(deepest).__name__}: {plain(deepest)})",
    )


_CUT: Final = (errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE)
_NO_NAMESPACE: Final = ("One or more namespaces", "Unexpected connection error")
_STAGE_TIMEOUTS: Final = {
    "name": "the host name was not found in time; check the network",
    "tcp": "the address did not answer in time (TCP); check host, port and firewall",
    "proxy": "the proxy did not answer in time",
    "tls": "the address did not answer in time (TCP and TLS); check host, port and firewall",
    "handshake": "the address did not answer the Socket.IO handshake in time",
    "namespace": "the server did not answer the request for its namespace in time",
}


def _of_timeout(stage: str, check: str) -> Refusal:
    words = _STAGE_TIMEOUTS.get(stage, _STAGE_TIMEOUTS["handshake"])
    words = f"{words}; {check}" if stage == "proxy" else words
    return Refusal(stage, words, other_transport=stage == "handshake")


_PROXY_USER: Final = (
    "the proxy needs a user and a password (HTTP 407{said}), as in http://user:password@host:port "
    "(proxy=, --proxy)"
)
_PROXY_NOT_YOU: Final = "the proxy does not accept that user and password (HTTP 407{said}); check them"
_ANSWERS: Final = {
    400: "the server does not take this handshake (HTTP 400{said}); check the address, or try another "
    "transport (transports=, --transport)",
    401: "the server does not let this client in (HTTP 401{said}), and a login it cannot have; {origin} "
    "(headers=, --header)",
    403: "the server does not let this client in (HTTP 403{said}); {origin} (headers=, --header)",
    404: "there is no Socket.IO server under that path (HTTP 404{said}); check the address and its path "
    "(path=, --path)",
    426: "the server needs another transport (HTTP 426{said})",
    429: "too many connections from this address (HTTP 429{said}); close other clients",
    503: "the server is not available now (HTTP 503{said}), as in maintenance",
    200: "a web page answers at that address and no Socket.IO server; check the address and the proxy",
}
_CHALLENGE: Final = (
    "the address is protected by a bot check of {server} (HTTP {status}, an HTML page); do not try to evade "
    "it, read the site's terms"
)


def _of_answer(error: HandshakeError, address: Address | None) -> Refusal:
    status, headers = error.status, {name.lower(): value for name, value in error.headers.items()}
    page = "html" in headers.get("content-type", "")
    said = f': "{plain(_message(error.body))}"' if error.body and not page else ""
    if _is_challenge(status, headers):
        words = _CHALLENGE.format(server=plain(headers.get("server") or "the site"), status=status)
    elif status == 407:
        words = _of_proxy_user(address, said)
    elif status in _ANSWERS:
        words = _ANSWERS[status].format(said=said, origin=_of_origin(address))
    elif 300 <= status < 400:
        there = plain(headers.get("location", ""))
        words = f"the address redirects to {there} (HTTP {status}); use that address"
        if not there:
            words = f"the address redirects and does not say where to (HTTP {status}); check the address"
    elif 500 <= status < 600:
        words = f"the server has an error of its own (HTTP {status}{said})"
    else:
        words = f"HTTP {status}{said} is not an answer of a Socket.IO server; check the address"
    proxy = None if address is None or address.secure else address.proxy
    if proxy is not None and proxy.startswith("http") and status not in (200, 407):
        words = f"{words}; or the proxy {plain(name_of(proxy))} answers so (proxy=, --proxy or HTTP_PROXY)"
    wait_s = retry_after_s(headers) if status in (429, 503) or 300 <= status < 400 else None
    if wait_s is not None:
        least = " at least" if wait_s == MAX_RETRY_AFTER_S else ""
        words = f"{words}; it asks to wait{least} {wait_s:.0f} s"
    other = error.websocket and wait_s is None and status not in (429, 503)
    return Refusal("handshake", words, wait_s, other_transport=other)


def _of_origin(address: Address | None) -> str:
    sent = {} if address is None else {name.lower(): value for name, value in address.headers.items()}
    if "origin" not in sent:
        return f"no Origin was sent, and the site's own is {SITE_ORIGIN}"
    if sent["origin"] == SITE_ORIGIN:
        return f"the site's own Origin, {SITE_ORIGIN}, was sent: try other headers"
    return f"the Origin {plain(sent['origin'])} was sent, and the site's own is {SITE_ORIGIN}"


def _message(body: str) -> str:
    """Return the message of a JSON body, as Engine.IO servers send one; any other body as it is."""
    try:
        value = read_json(body)
    except PayloadError:
        return body
    found = value.get("message") if isinstance(value, dict) else value
    return found if isinstance(found, str) else body


def _is_challenge(status: int, headers: Mapping[str, str]) -> bool:
    if headers.get("cf-mitigated") == "challenge":
        return True
    guards = ("cloudflare", "ddos-guard", "sucuri", "akamai")
    page = "html" in headers.get("content-type", "")
    return (
        status in (403, 503) and page and any(guard in headers.get("server", "").lower() for guard in guards)
    )


def _of_proxy(error: aiohttp.ClientHttpProxyError, address: Address | None, check: str) -> Refusal:
    said = f"HTTP {error.status} {plain(error.message)}"
    if error.status == 407:
        return Refusal(
            "proxy", _of_proxy_user(address, f': "{plain(error.message)}"' if error.message else "")
        )
    words = f"the proxy does not connect to that address ({said}); {check}"
    return Refusal("proxy", words)


def _of_proxy_user(address: Address | None, said: str) -> str:
    words = _PROXY_NOT_YOU if address is not None and "@" in (address.proxy or "") else _PROXY_USER
    return words.format(said=said)


def _of_certificate(error: BaseException) -> Refusal:
    problem = getattr(error, "verify_message", "") or _ssl_reason(error)
    return Refusal(
        "tls",
        f"the certificate of that address cannot be trusted ({plain(problem)}); check the address and this "
        "machine's clock, or name a file with its issuer (SSL_CERT_FILE, or a context for ssl=)",
    )


def _ssl_reason(error: BaseException) -> str:
    inner = getattr(error, "os_error", None) or error
    return plain(getattr(inner, "reason", None) or inner).replace("_", " ").lower()


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain
