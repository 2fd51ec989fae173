"""The key figures of a run as rows of words: value, 95 % interval, what it rests on, a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.trading.backtest.run_stats import key_figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rugs_lab.trading.backtest.run import Run

LATER: Final = "…"
NONE: Final = "-"
HELD: Final = "exposure, positions [% of ticks]"


class Row(NamedTuple):
    """One figure; all of it words."""

    name: str
    value: str
    interval: str
    n: str
    baseline: str


def key_rows(run: Run) -> list[Row]:
    """Return the rows for what is known of a run: its `stats` or `figures` where they were asked for.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> run = rl.backtest(rl.strategies["hold_to_target"], rl.sample()[:100])
    >>> row = key_rows(run)[0]
    >>> row.name, row.n, row.baseline
    ('profit per game', '100 games', '0 no trading · random …')
    """
    asked = run.__dict__
    best = asked.get("stats", asked.get("figures"))
    known: Mapping[str, Any] = key_figures(run.results) if best is None else best
    results = run.results
    settled = results.voided == 0
    bets = int(results.bets[settled].sum())
    acted = int((results.buys + results.bets > 0).sum())
    games = _count(len(run), "game")

    def words(label: str, *, unit: str = "SOL", digits: int = 4, sign: bool = True) -> str:
        value = known.get(label, None)
        return LATER if value is None else _number(value, unit, digits, sign)

    def interval(label: str, unit: str, *, sign: bool, digits: int = 3) -> str:
        low, high = (known.get(f"{label}, 95 % {end} [{unit}]") for end in ("low", "high"))
        if low is None or high is None:
            return LATER
        return NONE if low != low else f"{_bare(low, digits, sign)} to {_bare(high, digits, sign)}"

    rows = [
        Row(
            "profit per game",
            words("profit per game [SOL]"),
            interval("profit per game", "SOL", sign=True),
            games,
            f"0 no trading · random {words('random strategy: profit per game [SOL]', unit='')}".strip(),
        ),
        Row(
            "above a random strategy of equal exposure",
            words("profit per game above the random strategy [SOL]"),
            interval("profit per game above the random strategy", "SOL", sign=True),
            games,
            "0",
        ),
        Row(
            "games won, of those acted in",
            words("win rate [%]", unit="%", sign=False),
            interval("win rate", "%", sign=False),
            _count(acted, "game"),
            f"random strategy {words('random strategy: win rate [%]', unit='%', sign=False)}",
        ),
        Row(
            "side bets won",
            words("side-bet hit rate [%]", unit="%", sign=False),
            interval("side-bet hit rate", "%", sign=False),
            _count(bets, "bet"),
            "18.17 % by the law · 20 % breaks even",
        ),
        Row(
            "total profit",
            words("total profit [SOL]"),
            NONE,
            games,
            f"0 · random strategy {words('random strategy: total profit [SOL]', unit='')}".strip(),
        ),
        Row("largest drawdown", words("max drawdown [SOL]", sign=False), NONE, games, "0"),
        Row(
            f"ruin within {SESSION_GAMES} games",
            words(f"ruin within {SESSION_GAMES} games [%]", unit="%", sign=False),
            interval(f"ruin within {SESSION_GAMES} games", "%", sign=False),
            "10,000 drawn sessions",
            "0",
        ),
        Row(
            "ticks in a position",
            words(HELD, unit="%", sign=False, digits=3),
            NONE,
            _count(int(results.ticks.sum()), "tick"),
            f"random strategy {words(f'random strategy: {HELD}', unit='%', sign=False, digits=3)}",
        ),
    ]
    return [row for row in rows if bets or row.name != "side bets won"]


def verdict(run: Run) -> str:
    """Return whether the mean differs from zero, in words."""
    mean = run.profit_per_game
    if mean.error != mean.error or mean.n < 2:
        return "too few games to tell"
    if mean.significant:
        return f"profit per game is {'above' if mean.value > 0 else 'below'} 0 by 2 standard errors or more"
    return "profit per game does not differ from 0 by 2 standard errors"


def _number(value: float, unit: str, digits: int, sign: bool) -> str:
    return NONE if value != value else f"{_bare(value, digits, sign)} {unit}".strip()


def _bare(value: float, digits: int, sign: bool) -> str:
    text = f"{value:{'+' if sign and value else ''}.{digits}g}"
    if "e" in text:
        text = f"{value:{'+' if sign else ''}.9f}".rstrip("0").rstrip(".")
    return text


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
