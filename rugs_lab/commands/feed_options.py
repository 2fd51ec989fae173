"""The feed that a command connects to: ``--url``, ``--demo``, or the real site."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from rugs_lab.feed.live.live_feed import RUGS_FUN_URL


def add_feed_arguments(parser: ArgumentParser) -> None:
    """Say how the feed is chosen."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--url", help="address of the feed (default: the address of the real site, rugs_lab.RUGS_FUN_URL)"
    )
    where.add_argument("--demo", action="store_true", help="take a built-in server instead; needs no network")


@contextmanager
def feed_address(options: Namespace) -> Iterator[str]:
    """Yield the address that was chosen; a built-in server runs until the context ends."""
    if not options.demo:
        yield RUGS_FUN_URL if options.url is None else options.url
        return
    from rugs_lab.feed.server.game_server import GameServer

    with GameServer() as server:
        yield server.url
