"""``rugs-lab serve``: the built-in game server as a process of its own, until Ctrl-C.

For several notebooks that watch the same games, or for a program in another language.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rugs_lab.commands.interrupt import Interrupt
from rugs_lab.errors import RugsLabError


def run(*, port: int, speed: float, seed: int | None, capture: str | None, games: str | None) -> int:
    """Serve on loopback until interrupted (Ctrl-C or the signal TERM), then stop in order and return 0.

    Parameters
    ----------
    port
        TCP port; 0 takes any free one.
    speed
        1 is real time, 4 ticks a second.
    seed
        Makes the games the same every time; None makes new ones.
    capture, games
        File with a raw capture, or with finished games one JSON object a line (``id``, ``prices``, and what
        else is known: ``serverSeed``, ``serverSeedHash``, ``version``), to play instead; at most one of them.

    Raises
    ------
    RugsLabError
        The port is taken, or the file cannot be played.
    """
    from rugs_lab.feed.server.game_server import GameServer

    played = None if games is None else read_lines(Path(games))
    with (
        Interrupt() as interrupt,
        GameServer(speed=speed, seed=seed, games=played, capture=capture, port=port) as server,
    ):
        print(f"Serving games on {server.url} at speed {speed:g}; Ctrl-C stops it.")
        print(f'To watch: rl.watch(rl.LiveFeed("{server.url}")) in a notebook, ', end="")
        print(f"or `rugs-lab check --url {server.url}`.", flush=True)
        interrupt.wait()
    print("stopped", flush=True)
    return 0


def read_lines(path: Path) -> list[Any]:
    """Read a file of one JSON value a line; empty lines are skipped.

    Raises
    ------
    RugsLabError
        The file cannot be read, or a line is no JSON; with its number.
    """
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
