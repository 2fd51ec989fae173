"""The feed that a command connects to, and the options of its handshake."""

import os
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rugs_lab.feed.live.address import TRANSPORTS
from rugs_lab.feed.live.live_feed import RUGS_FUN_URL, LiveFeed


def add_feed_arguments(parser: ArgumentParser, *, positional: bool = False) -> None:
    """Say how the feed is chosen; `positional`: its address may also stand without ``--url``."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--url",
        default=os.environ.get("RUGS_LAB_URL"),
        help="address of the feed (default: RUGS_LAB_URL, or the address of the real site)",
    )
    if positional:
        where.add_argument(
            "url", metavar="URL", nargs="?", default=SUPPRESS, help="address of the feed, as with --url"
        )
    where.add_argument("--demo", action="store_true", help="use the built-in server; needs no network")
    parser.add_argument(
        "--header",
        metavar="'NAME: VALUE'",
        type=header,
        action="append",
        default=[],
        help="send this header with the handshake, such as 'Origin: https://rugs.fun'; may be repeated",
    )
    parser.add_argument(
        "--proxy",
        metavar="URL",
        help="connect through this proxy (default: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY)",
    )
    parser.add_argument(
        "--path", help="path of the Socket.IO endpoint (default: the path in the address, or socket.io)"
    )
    parser.add_argument(
        "--transport", choices=TRANSPORTS, help="try this transport only (default: websocket, then polling)"
    )


def header(text: str) -> tuple[str, str]:
    """Read a header.

    >>> header("Origin: https://rugs.fun")
    ('Origin', 'https://rugs.fun')
    """
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ArgumentTypeError(f"{text!r} is not a header such as 'Origin: https://rugs.fun'")
    return name.strip(), value.strip()


@contextmanager
def chosen_feed(options: Namespace) -> Iterator[LiveFeed]:
    """Yield the feed that was chosen, not started; a built-in server runs until the context ends."""
    with ExitStack() as stack:
        url = RUGS_FUN_URL if options.url is None else options.url
        if options.demo:
            from rugs_lab.feed.server.game_server import GameServer

            url = stack.enter_context(GameServer()).url
        yield LiveFeed(
            url,
            headers=dict(options.header),
            proxy=options.proxy,
            path=options.path,
            transports=options.transport or TRANSPORTS,
        )
