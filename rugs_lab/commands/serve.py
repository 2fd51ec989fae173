"""``rugs-lab serve``: the built-in game server as a process of its own, until Ctrl-C.

For several notebooks that watch the same games, or for a program in another language.
"""

import json
from argparse import ArgumentParser, Namespace
from math import inf
from pathlib import Path
from typing import Any

from rugs_lab.commands import argument_types
from rugs_lab.commands.interrupt import Interrupt
from rugs_lab.errors import RugsLabError


def add_arguments(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = "Run a game server on this machine that speaks the real site's format, until Ctrl-C."
    parser.add_argument(
        "--port", type=argument_types.port_or_any, default=0, help="port (default: any free one)"
    )
    parser.add_argument(
        "--speed",
        type=argument_types.speed,
        default=1.0,
        help="1 is real time: 4 ticks a second; max: as fast as clients take it (default: 1)",
    )
    parser.add_argument("--seed", type=int, help="a number that makes the games the same every time")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--capture", metavar="FILE", help="play the messages of a raw event log (JSON lines, `record --raw`)"
    )
    source.add_argument(
        "--games",
        metavar="FILE",
        help="play finished games (JSON lines with id, prices, and what else is known: serverSeed, "
        "serverSeedHash, version)",
    )


def run(options: Namespace) -> int:
    """Serve on loopback until interrupted (Ctrl-C or the signal TERM), then stop in order and return 0."""
    from rugs_lab.feed.server.game_server import GameServer

    played = None if options.games is None else read_lines(Path(options.games))
    with (
        Interrupt() as interrupt,
        GameServer(
            speed=options.speed, seed=options.seed, games=played, capture=options.capture, port=options.port
        ) as server,
    ):
        pace = "as fast as clients take it" if options.speed == inf else f"at speed {options.speed:g}"
        print(f"Serving games on {server.url} {pace}; Ctrl-C stops it.")
        print(f'To watch: rl.watch(rl.LiveFeed("{server.url}")) in a notebook, ', end="")
        print(f"or `rugs-lab check --url {server.url}`.", flush=True)
        interrupt.wait()
    print("stopped", flush=True)
    return 0


def read_lines(path: Path) -> list[Any]:
    """Read a file of one JSON value a line; empty lines are skipped."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RugsLabError(f"the games of {path} cannot be read: {error}") from error
    values = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values.append(json.loads(line))
        except ValueError as error:
            raise RugsLabError(
                f"{path}, line {number}: a game is one JSON object on a line of its own; {error}"
            ) from error
    return values
