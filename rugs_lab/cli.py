"""The command line, ``rugs-lab``: reads the arguments, calls one module of `rugs_lab.commands`.

Exit status: 0 done, 1 it could not be done (one line on the error stream says why), 2 the command line was
not understood, 130 interrupted with Ctrl-C where that is not the ordinary way to stop.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from math import inf

from rugs_lab import __version__
from rugs_lab.errors import RugsLabError


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``rugs-lab`` with `argv` (default: the process's own arguments) and return the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    own, extra = _split_at_dashes(given)
    parser = _parser()
    options = parser.parse_args(own)
    if extra and options.command is not None:
        parser.error("arguments after -- are handed to JupyterLab and belong to the bare command only")
    try:
        return _run(options, extra)
    except RugsLabError as error:
        print(f"rugs-lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("rugs-lab: interrupted", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace, extra: list[str]) -> int:
    """Call the command; each is imported only here, so that ``--help`` and ``--version`` answer at once."""
    if options.command == "check":
        from rugs_lab.commands import check

        return check.run(url=options.url, demo=options.demo, seconds=options.seconds)
    if options.command == "serve":
        from rugs_lab.commands import serve

        return serve.run(
            port=options.serve_port,
            speed=options.speed,
            seed=options.seed,
            capture=options.capture,
            games=options.games,
        )
    if options.command == "fuzz":
        from tests.support import fuzz

        return fuzz.run(
            mutants=options.mutants, seed=options.seed, capture=options.capture, only=options.only
        )
    if options.command == "soak":
        from tests.support import soak

        return soak.run(
            hours=options.hours_of_play, speed=options.speed, minutes=options.minutes, seed=options.seed
        )
    if options.command == "record":
        from rugs_lab.commands import record

        return record.run(
            folder=options.folder,
            url=options.url,
            demo=options.demo,
            raw=options.raw,
            rotate=options.rotate,
            hours=options.hours,
        )
    if options.command == "seal":
        from rugs_lab.commands import seal

        return seal.run(folder=options.folder, to=options.to)
    if options.command == "verify":
        from rugs_lab.commands import verify

        return verify.run(files=options.files, every_game=options.all)
    if options.command == "report":
        from rugs_lab.commands import report

        return report.run(folder=options.folder)
    from rugs_lab.commands import lab

    return lab.run(port=options.port, browser=options.browser, extra=extra)


def _split_at_dashes(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split at the first ``--``: ours before it, JupyterLab's after it.

    >>> _split_at_dashes(["--port", "8899", "--", "--debug"])
    (['--port', '8899'], ['--debug'])
    """
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rugs-lab",
        usage="%(prog)s [--port PORT] [--no-browser] [-- ...]\n"
        "       %(prog)s check|serve|record|seal|verify|report|fuzz|soak [...]",
        description="Open JupyterLab on the live notebook, which starts with the built-in game server. "
        "JupyterLab listens on this machine only.",
        epilog="Arguments after -- are handed to JupyterLab. `rugs-lab check --help` says more about that "
        "command, and so on.",
    )
    parser.add_argument("--version", action="version", version=f"rugs-lab {__version__}")
    parser.add_argument(
        "--port", type=_port, help="port of JupyterLab (default: the first free one from 8888 up)"
    )
    parser.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        help="open no browser page, only print the address",
    )
    commands = parser.add_subparsers(
        dest="command",
        title="other commands",
        metavar="check | serve | record | seal | verify | report | fuzz | soak",
        prog="rugs-lab",
    )

    check = commands.add_parser(
        "check",
        help="connect to the feed, listen for a while, print what came",
        description="Connect to the feed, listen, disconnect, and print what came. Nothing is ever sent to "
        "the game. The exit status is 0 when frames came and the connection was closed cleanly, else 1.",
    )
    where = check.add_mutually_exclusive_group()
    where.add_argument(
        "--url", help="address of the feed (default: the address of the real site, rugs_lab.RUGS_FUN_URL)"
    )
    where.add_argument(
        "--demo", action="store_true", help="check a built-in server instead; needs no network"
    )
    check.add_argument(
        "--seconds", type=_positive, default=15.0, help="how long to listen, in seconds (default: 15)"
    )

    verify = commands.add_parser(
        "verify",
        help="check recorded games against their published seeds",
        description="Check every price of recorded games against their published seeds, bit for bit. The "
        "exit status is 0 when games could be verified and none disagrees, else 1.",
    )
    verify.add_argument("files", nargs="+", metavar="FILE", help="recordings, folders or glob patterns")
    verify.add_argument("--all", action="store_true", help="print every game, not only those that disagree")

    serve = commands.add_parser(
        "serve",
        help="run the built-in game server until Ctrl-C",
        description="Run a game server on this machine that speaks the real site's format, until Ctrl-C.",
    )
    serve.add_argument(
        "--port",
        dest="serve_port",
        metavar="PORT",
        type=_port_or_any,
        default=0,
        help="port (default: any free one)",
    )
    serve.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        help="1 is real time: 4 ticks a second; max: as fast as clients take it (default: 1)",
    )
    serve.add_argument("--seed", type=int, help="a number that makes the games the same every time")
    source = serve.add_mutually_exclusive_group()
    source.add_argument("--capture", metavar="FILE", help="play the frames of a raw capture (JSON lines)")
    source.add_argument("--games", metavar="FILE", help="play the finished games of a file (JSON lines)")
    _add_trials(commands)
    _add_record(commands)
    _add_seal(commands)
    _add_report(commands)
    return parser


def _add_trials(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the two commands that try the feed's patience."""
    fuzz = commands.add_parser(
        "fuzz",
        help="hand damaged events to the feed and look for one that it does not bear",
        description="Damage events in thousands of ways, hand them to two feeds (as text and as values), and "
        "check that nothing raises, that both agree, and that nothing is kept that the events did not say. "
        "The exit status is 1 when something did not hold; it is printed with the way to see it again.",
    )
    fuzz.add_argument("--mutants", type=_count, default=10_000, help="damaged events to try (default: 10000)")
    fuzz.add_argument("--seed", type=int, default=1, help="makes them the same every time (default: 1)")
    fuzz.add_argument("--capture", metavar="FILE", help="damage the events of a raw capture (JSON lines)")
    fuzz.add_argument("--only", metavar="N", type=_count, help="try one mutant again, and print it")

    soak = commands.add_parser(
        "soak",
        help="run the feed for hours of play through a bad network and look for loss and growth",
        description="Run a feed against a game server of its own through a proxy that spoils the connection, "
        "compare every game with the one that was played, and watch memory, threads and files. The exit "
        "status is 1 when a tick was lost or something grew.",
    )
    soak.add_argument(
        "--hours-of-play", type=_positive, default=24.0, help="time on the server's clock (default: 24)"
    )
    soak.add_argument("--speed", type=_speed, default=inf, help="a number, or max (default: max)")
    soak.add_argument(
        "--minutes", type=_positive, help="end after so many minutes of real time at the latest"
    )
    soak.add_argument("--seed", type=int, default=1, help="of games and faults (default: 1)")


def _add_seal(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command that seals recordings."""
    seal = commands.add_parser(
        "seal",
        help="put recordings into a catalogue of Parquet files",
        description="Put the recordings of a folder into Parquet files, one a month; the recordings stay. It "
        "may run again and again, also while a recorder writes: what has grown since is sealed anew. "
        "`rugs_lab.load` of the folder then reads the catalogue.",
    )
    seal.add_argument("folder", metavar="FOLDER", help="where the recordings are")
    seal.add_argument("--to", metavar="FOLDER", help="where the catalogue goes (default: FOLDER/catalogue)")


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command that prints statistics."""
    report = commands.add_parser(
        "report",
        help="print the key figures of recorded games",
        description="Print hazard, survival, durations, peaks, returns, drawdowns, rug price, side bets, "
        "trades, time of day and quality of recorded games, each with n, 95 % interval and baseline.",
    )
    source = report.add_mutually_exclusive_group(required=True)
    source.add_argument("folder", metavar="FOLDER", nargs="?", help="a folder, file or glob pattern")
    source.add_argument("--sample", action="store_true", help="the games that come with the package")


def _add_record(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command that records."""
    record = commands.add_parser(
        "record",
        help="write a feed to files until Ctrl-C",
        description="Write everything that a feed brings to files in a folder, until Ctrl-C, and say once a "
        "minute how it stands. Trouble with the network or the disk is waited out. The exit status is 1 when "
        "nothing came or something could not be written.",
    )
    record.add_argument(
        "folder", metavar="FOLDER", nargs="?", default="data", help="made when missing (default: data)"
    )
    where = record.add_mutually_exclusive_group()
    where.add_argument(
        "--url", help="address of the feed (default: the address of the real site, rugs_lab.RUGS_FUN_URL)"
    )
    where.add_argument(
        "--demo", action="store_true", help="record a built-in server instead; needs no network"
    )
    record.add_argument(
        "--raw", action="store_true", help="write every event as it came, too: `serve --capture` plays it"
    )
    record.add_argument(
        "--rotate",
        metavar="game|SIZE",
        type=_rotate,
        default="64MB",
        help="a new file for each game, or at a size such as 64MB (default: 64MB)",
    )
    record.add_argument("--hours", type=_positive, default=inf, help="end after so long (default: never)")


def _rotate(text: str) -> str | int:
    """Read ``game``, or a size in bytes, kB, MB or GB.

    >>> _rotate("game"), _rotate("1.5MB")
    ('game', 1500000)
    """
    if text == "game":
        return text
    for unit, size in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("", 1.0)):
        if text.lower().endswith(unit.lower()):
            size *= _positive(text[: len(text) - len(unit)])
            if size < 4096:
                raise argparse.ArgumentTypeError(f"{text!r} is less than the least size, 4096 bytes")
            return int(size)
    raise AssertionError("every text ends with nothing")


def _port(text: str) -> int:
    port = _port_or_any(text)
    if port == 0:
        raise argparse.ArgumentTypeError("0 is not a port here; leave the option out to take any free one")
    return port


def _port_or_any(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number from 1 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _speed(text: str) -> float:
    return inf if text == "max" else _positive(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number
