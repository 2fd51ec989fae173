"""``rugs-lab report FOLDER``: the key figures of recorded games, with intervals and baselines."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Hashable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.recordings.games.games import Games

_HEADER: Final = ("", "value", "95 % interval", "baseline", "", "n")
_DIGITS: Final = 4


def add_arguments(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Print hazard, survival, durations, peaks, returns, drawdowns, rug price, side bets, trades, time of "
        "day and quality of recorded games, with n, and 95 % interval and baseline where they apply."
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("folder", metavar="FOLDER", nargs="?", help="a folder, file or glob pattern")
    source.add_argument("--sample", action="store_true", help="the games that come with the package")
    parser.add_argument("--json", action="store_true", help="print a JSON list of all figures")


def run(options: Namespace) -> int:
    """Load games, compute the figures, print them as text, and return 0."""
    from rugs_lab.analysis._summary import summary
    from rugs_lab.recordings.read.load import load, sample

    games = sample() if options.sample else load(options.folder)
    name = "the sample that comes with the package" if options.sample else options.folder
    print(summary(games).to_json(orient="records") if options.json else text_of(games, name))
    return 0


def text_of(games: Games, name: str) -> str:
    """Return the report as text: one block a section, one line a figure.

    ``out`` after a baseline says that it lies outside the interval.
    """
    from rugs_lab.analysis._rug_price import rug_price_exceptions
    from rugs_lab.analysis._summary import summary

    frame = summary(games)
    rows: list[tuple[str, ...]] = [_HEADER]
    sections: dict[int, str] = {}
    for section, part in frame.groupby("section", sort=False):
        sections[len(rows)] = str(section)
        rows += [_row(record) for record in part.to_dict("records")]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    lines = [f"{name}: {len(games)} games", ""]
    for place, row in enumerate(rows):
        if place in sections:
            lines += ["", sections[place]]
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:4], widths[1:4], strict=True)]
        lines.append("  " + "  ".join([*cells, row[4].ljust(widths[4]), row[5]]).rstrip())
    lines += ["", *_exceptions(rug_price_exceptions(games))]
    judged = frame["within"].dropna()
    outside = int((~judged.astype(bool)).sum())
    lines += [
        "",
        f"{outside} of {len(judged)} baselines lie outside their 95 % interval (marked: out); by chance "
        f"alone about {0.05 * len(judged):.0f} would; "
        "the baselines are not independent, because they share games.",
    ]
    return "\n".join(lines)


def _row(record: Mapping[Hashable, Any]) -> tuple[str, ...]:
    low, high = _number(record["low"]), _number(record["high"])
    interval = "-" if "-" in (low, high) else f"{low} to {high}"
    out = " out" if record["within"] is False else ""
    return (
        str(record["measure"]),
        _number(record["value"]),
        interval,
        _number(record["baseline"]) + out,
        str(record["unit"]),
        f"n = {record['n']:,} {record['n_unit']}",
    )


def _number(value: object) -> str:
    """Write a number with four digits that count; what is missing as a dash.

    >>> _number(0.0051234), _number(145.4), _number(float("nan")), _number(0.0)
    ('0.005123', '145.4', '-', '0')
    """
    number = float(str(value))
    return f"{number:.{_DIGITS}g}" if isfinite(number) else "-"


def _exceptions(frame: pd.DataFrame) -> list[str]:
    """Return a line for each game whose rug price does not follow the rule."""
    if not len(frame):
        return ["rug price: no exception to the rule"]
    lines = [f"rug price: {len(frame)} exceptions to the rule"]
    for game, row in frame.iterrows():
        lines.append(
            f"  {game}: {row['rug_price']!r} at tick {row['rug_tick']}, by the rule {row['by_rule']!r}, "
            f"{row['missing']} ticks missing before it"
        )
    return lines
