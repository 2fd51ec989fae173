"""The key figures of a run as rows of words: value, 95 % interval, what it rests on, a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within
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
    """Return the rows for what is known of a run: its `stats` or `figures` where they were asked for."""
    asked = run.__dict__
    best = asked.get("stats", asked.get("figures"))
    known: Mapping[str, Any] = key_figures(run.results) if best is None else best
    results = run.results
    settled = results.voided == 0
    bets = int(results.bets[settled].sum())
    acted = int((results.buys + results.bets > 0).sum())
    games, ticks = _count(len(run), "game"), _count(int(results.ticks.sum()), "tick")

    def words(label: str, unit: str, sign: bool) -> str:
        value = known.get(label)
        return LATER if value is None else _number(value, unit, sign)

    def row(name: str, label: str, n: str, baseline: str, *, sign: bool = False, sure: bool = True) -> Row:
        what, _, unit = label.removesuffix("]").partition(" [")
        low, high = (known.get(f"{what}, 95 % {end} [{unit}]") for end in ("low", "high"))
        interval = LATER
        if not sure or (low is not None and low != low):
            interval = NONE
        elif low is not None and high is not None:
            interval = f"{_bare(low, 3, sign)} to {_bare(high, 3, sign)}"
        return Row(name, words(label, unit.split()[0], sign), interval, n, baseline)

    def random(label: str, *, sign: bool = False, unit: str = "") -> str:
        return f"random strategy {words(f'random strategy: {label}', unit, sign)}"

    profit, above = "profit per game [SOL]", "profit per game above the random strategy [SOL]"
    total, won, hit = "total profit [SOL]", "win rate [%]", "side-bet hit rate [%]"
    ruin = f"ruin within {SESSION_GAMES} games"
    chance = f"{100 * rug_within():.2f} % by the price process · {100 / SIDEBET_PAYOUT:g} % breaks even"
    rows = [
        row("profit per game", profit, games, f"0 no trading · {random(profit, sign=True)}", sign=True),
        row("above a random strategy of equal exposure", above, games, "0", sign=True),
        row("games won, of those acted in", won, _count(acted, "game"), random(won, unit="%")),
        row("side bets won", hit, _count(bets, "bet"), chance),
        row("total profit", total, games, f"0 · {random(total, sign=True)}", sign=True, sure=False),
        row("largest drawdown", "max drawdown [SOL]", games, "0", sure=False),
        row(ruin, f"{ruin} [%]", "10,000 drawn sessions", "0"),
        row("ticks in a position", HELD, ticks, random(HELD, unit="%"), sure=False),
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


def _number(value: float, unit: str, sign: bool) -> str:
    return NONE if value != value else f"{_bare(value, 4, sign)} {unit}".strip()


def _bare(value: float, digits: int, sign: bool) -> str:
    text = f"{value:{'+' if sign and value else ''}.{digits}g}"
    if "e" in text:
        text = f"{value:{'+' if sign else ''}.9f}".rstrip("0").rstrip(".")
    return text


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
