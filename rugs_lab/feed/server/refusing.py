"""How a strict server rejects clients: ``GameServer(refuse=...)``, to see what a feed says of each way."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.errors import ArgumentError

if TYPE_CHECKING:
    from aiohttp import web

ORIGIN: Final = "https://rugs.fun"
RETRY_AFTER_S: Final = 30
OTHER_PATH: Final = "other/socket.io"
WORDS: Final = "this address is banned"

REFUSALS: Final = {
    "origin": f"lets in only clients whose Origin is {ORIGIN}",
    "websocket": "takes polling only",
    "page": "answers with the page of a bot check (HTTP 403)",
    "too_many": f"answers HTTP 429 with Retry-After: {RETRY_AFTER_S}",
    "maintenance": f"answers HTTP 503 with Retry-After: {RETRY_AFTER_S}",
    "not_found": f"is under the path {OTHER_PATH}; HTTP 404 under any other",
    "namespace": f'turns the namespace down with CONNECT_ERROR, "{WORDS}"',
}
"""Each value of ``refuse``, and what such a server does."""

_PAGE: Final = "<!DOCTYPE html><title>Just a moment...</title><p>Checking your browser</p>"
_HTML: Final = {"Content-Type": "text/html; charset=UTF-8"}
_ANSWERS: Final[dict[str, tuple[int, dict[str, str], str]]] = {
    "page": (403, {**_HTML, "Server": "cloudflare", "CF-Mitigated": "challenge"}, _PAGE),
    "too_many": (429, {"Retry-After": str(RETRY_AFTER_S)}, "too many connections"),
    "maintenance": (503, {"Retry-After": str(RETRY_AFTER_S)}, "maintenance"),
}

Handler = Callable[["web.Request"], Awaitable["web.StreamResponse"]]


def checked_refusal(refuse: object) -> str | None:
    """Return a value of ``refuse``, if it is one."""
    if refuse is None or (isinstance(refuse, str) and refuse in REFUSALS):
        return refuse
    raise ArgumentError(f"refuse is None or one of {', '.join(map(repr, REFUSALS))}; got {refuse!r:.60}")


def middleware(refuse: str) -> Any:
    """Return the aiohttp middleware that turns HTTP requests down in that way."""
    from aiohttp import web

    @web.middleware
    async def refusing(request: web.Request, handler: Handler) -> web.StreamResponse:
        if refuse in _ANSWERS:
            status, headers, body = _ANSWERS[refuse]
            return web.Response(status=status, headers=headers, body=body.encode())
        if refuse == "origin" and request.headers.get("Origin") != ORIGIN:
            return web.json_response({"code": 4, "message": "origin not allowed"}, status=403)
        return await handler(request)

    return refusing
