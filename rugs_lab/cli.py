# PYTHON_ARGCOMPLETE_OK
"""The command line, ``rugs-lab``: lists the commands and runs the one that was asked for.

Each command is a module of `rugs_lab.commands` with two functions: ``add_arguments(parser)`` says what it
takes, ``run(options)`` does it and returns the exit status. A module is imported only when its command was
asked for, so that ``--help`` and ``--version`` answer at once.

Exit status: 0 done, 1 it could not be done (one line on the error stream says why), 2 the command line was
not understood, 130 interrupted with Ctrl-C where that is not the ordinary way to stop.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Final

from rugs_lab import __version__
from rugs_lab.commands import lab
from rugs_lab.errors import RugsLabError

COMMANDS: Final = {
    "check": "connect to the feed, listen for a while, print what was received",
    "serve": "run the built-in game server until Ctrl-C",
    "record": "write a feed to files until Ctrl-C",
    "seal": "archive recordings as Parquet files",
    "verify": "check recorded games against their published seeds",
    "report": "print the key figures of recorded games",
}
"""Name of each command, which is its module in `rugs_lab.commands` too, and one line on what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``rugs-lab`` with `argv` (default: the process's own arguments) and return the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a console of few characters shows the others escaped
            stream.reconfigure(errors="backslashreplace")
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what may follow
        from argcomplete import autocomplete

        autocomplete(parser_for(os.environ.get("COMP_LINE", "").split()))
    own, extra = _split_at_dashes(given)
    options, unknown = parser_for(own).parse_known_args(own)
    if unknown:
        options.error(f"unrecognized arguments: {' '.join(unknown)}")
    if extra and options.command is not None:
        options.error("arguments after -- are passed to JupyterLab and are allowed only without a command")
    options.extra = extra
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except RugsLabError as error:
        print(f"rugs-lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # what reads it has ended, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        print("rugs-lab: interrupted", file=sys.stderr)
        return 130
    return status


def parser_for(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser that knows all commands, and the arguments of those that `arguments` name."""
    parser = argparse.ArgumentParser(
        prog="rugs-lab",
        usage=f"%(prog)s [--port PORT] [--no-browser] [-- ...]\n       %(prog)s {'|'.join(COMMANDS)} [...]",
        epilog="Arguments after -- are passed to JupyterLab. `rugs-lab COMMAND --help` describes a command.",
    )
    parser.add_argument("--version", action="version", version=f"rugs-lab {__version__}")
    lab.add_arguments(parser)
    parser.set_defaults(run=lab.run, error=parser.error)
    commands = parser.add_subparsers(
        dest="command", title="other commands", metavar=" | ".join(COMMANDS), prog="rugs-lab"
    )
    for name, line in COMMANDS.items():
        command = commands.add_parser(name, help=line)
        if name in arguments:
            module = import_module(f"rugs_lab.commands.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run, error=command.error)
    return parser


def _split_at_dashes(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split at the first ``--``: ours before it, JupyterLab's after it."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]
