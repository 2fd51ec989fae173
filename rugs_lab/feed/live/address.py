"""`Address`: where a feed connects and what its handshake says, from the URL and options that a user gives.

The site lets in clients whose ``Origin`` is its own, as every page of it sends; so that is the default for
its hosts, and no ``Origin`` for any other. A URL may be copied from a browser's network tools: what belongs
to that one connection (``EIO``, ``transport``, ``sid``, ``t``) is left out.
"""

import re
import ssl as tls
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

from rugs_lab.errors import ArgumentError
from rugs_lab.resources import of_extra, package_version

SITE: Final = "rugs.fun"
SITE_ORIGIN: Final = "https://rugs.fun"
TRANSPORTS: Final = ("websocket", "polling")
USER_AGENT: Final = f"rugs_lab/{package_version() or 'source'} (read-only client; python-socketio)"

Transport = Literal["websocket", "polling"]
Tls = tls.SSLContext | bool | None

_OF_ONE_CONNECTION: Final = frozenset({"EIO", "transport", "sid", "t"})
_SOCKET_IO: Final = "socket.io"
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_PUBLIC_HEADERS: Final = frozenset({"origin", "user-agent"})
_CREDENTIALS: Final = re.compile(r"(?<=//)[^/?#]*@")
_PROXY_SCHEMES: Final = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, and how.

    `url`: scheme, host, port and query, for python-socketio. `path`: of the Socket.IO endpoint, without
    slashes at its ends. `headers`: of every request of the handshake. `proxy`: its URL; None: none.
    `transports`: tried in this order. `ssl`: as in `aiohttp`: a context, True for the usual verification,
    False for none. `name`: the address for people, without a query and without a password; url, headers and
    proxy, which may have one, are not shown.
    """

    url: str = field(repr=False)
    path: str
    headers: Mapping[str, str] = field(repr=False)
    proxy: str | None = field(repr=False)
    transports: tuple[Transport, ...]
    ssl: tls.SSLContext | bool
    name: str
    secure: bool = field(default=False)

    @property
    def public_headers(self) -> dict[str, str]:
        """The headers that any host may be sent and anybody may see: no secret is in them."""
        return {name: value for name, value in self.headers.items() if name.lower() in _PUBLIC_HEADERS}

    @property
    def host(self) -> str:
        """Name or number of the host."""
        return urlsplit(self.url).hostname or ""

    @property
    def named(self) -> bool:
        """Whether the host has a name that is to be looked up."""
        try:
            return not ip_address(self.host)
        except ValueError:
            return True

    @property
    def port(self) -> int:
        """Port of the host."""
        return urlsplit(self.url).port or (443 if self.secure else 80)


def address_of(
    url: object,
    *,
    headers: Mapping[str, str | None] | None = None,
    proxy: str | Literal[False] | None = None,
    transports: Sequence[str] = TRANSPORTS,
    path: str | None = None,
    ssl: Tls = None,
) -> Address:
    """Read what a user gives for a connection; see `LiveFeed`.

    A path in `url` before ``socket.io`` is that of a relay. Headers replace the defaults whatever the case of
    their names. `proxy` None: as the environment says, never to this machine itself.
    """
    parts = _parts(url)
    kept = [(key, value) for key, value in parse_qsl(parts.query, True) if key not in _OF_ONE_CONNECTION]
    base = parts._replace(path="", query=urlencode(kept), fragment="").geturl()
    secure = parts.scheme in ("https", "wss")
    return Address(
        url=base,
        path=_path(parts, path),
        headers=_headers(parts, headers),
        proxy=_proxy(parts, proxy, secure=secure),
        transports=_transports(transports),
        ssl=_ssl(ssl),
        name=name_of(str(url)),
        secure=secure,
    )


def name_of(url: str) -> str:
    """Return an address for people: without query, fragment, user and password."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/").removesuffix(f"/{_SOCKET_IO}")
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], path=path, query="", fragment="").geturl()


def _parts(url: object) -> SplitResult:
    if isinstance(url, str) and len(url) <= 4096:
        try:
            parts = urlsplit(url.strip())
            if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname and parts.port != 0:
                return parts
        except ValueError:
            pass
    raise ArgumentError(
        "url must be an http, https, ws or wss address such as 'http://127.0.0.1:5000'; "
        f"got {_without_password(url, 200)!r}"
    )


def _without_password(url: object, most: int) -> str:
    return _CREDENTIALS.sub("", str(url)[:4096])[:most]


def _path(parts: SplitResult, path: str | None) -> str:
    if path is None:
        path = parts.path.strip("/")
        if path.rpartition("/")[2] != _SOCKET_IO:
            path = f"{path}/{_SOCKET_IO}"
    if not isinstance(path, str) or re.search(r"[\s?#]|://", path) or not path.strip("/"):
        raise ArgumentError(
            f"path is that of the Socket.IO endpoint without a host, such as 'socket.io'; got {path!r:.100}"
        )
    return path.strip("/")


def _headers(parts: SplitResult, given: Mapping[str, str | None] | None) -> dict[str, str]:
    headers: dict[str, str] = {"User-Agent": USER_AGENT}
    host = parts.hostname or ""
    if host == SITE or host.endswith(f".{SITE}"):
        headers["Origin"] = SITE_ORIGIN
    if given is None:
        return headers
    if not isinstance(given, Mapping):
        raise ArgumentError(f"headers are a mapping of names to values; got {given!r:.100}")
    for name, value in given.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise ArgumentError(f"a header's name has no spaces, colons or line breaks; got {name!r:.100}")
        for known in [known for known in headers if known.lower() == name.lower()]:
            del headers[known]
        if value is None:
            continue
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise ArgumentError(f"the header {name} must be a text without line breaks; got {value!r:.100}")
        headers[name] = value
    return headers


def _proxy(parts: SplitResult, proxy: str | Literal[False] | None, *, secure: bool) -> str | None:
    if proxy is False:
        return None
    if proxy is None:
        host = parts.hostname or ""
        found = getproxies_environment()
        with_port = parts.netloc.rpartition("@")[2]
        if _is_loopback(host) or any(proxy_bypass_environment(each, found) for each in (host, with_port)):
            return None
        proxy = found.get("https" if secure else "http") or found.get("all")
        if not proxy:
            return None
        proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        there = urlsplit(proxy if isinstance(proxy, str) else "")
        known = there.scheme in _PROXY_SCHEMES and there.hostname and there.port != 0
    except ValueError:
        known = False
    if not known:
        raise ArgumentError(
            "a proxy is a URL such as 'http://user:password@host:3128' or 'socks5://host:1080'; "
            f"got {_without_password(proxy, 100)!r}"
        )
    if there.scheme.startswith("socks"):
        of_extra("aiohttp_socks", "socks", f"a SOCKS proxy ({name_of(proxy)})")
    return there.geturl()  # its scheme in lower case


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
        address = getattr(address, "ipv4_mapped", None) or address
        return address.is_loopback or address.is_unspecified
    except ValueError:
        return f".{host.rstrip('.')}".endswith(".localhost")


def _transports(given: Sequence[str]) -> tuple[Transport, ...]:
    wanted = (given,) if isinstance(given, str) else tuple(given)
    if not wanted or not set(wanted) <= set(TRANSPORTS) or len(set(wanted)) < len(wanted):
        raise ArgumentError(f"transports are 'websocket', 'polling' or both, in order; got {given!r:.100}")
    return tuple(each for each in wanted if each in TRANSPORTS)  # type: ignore[misc]


def _ssl(given: Tls) -> tls.SSLContext | bool:
    if given is None:
        return True
    if isinstance(given, bool | tls.SSLContext):
        return given
    raise ArgumentError(
        f"ssl is an ssl.SSLContext, True or False (certificates are not verified); got {given!r:.100}"
    )
