"""The key figures of a run as rows of words: value, 95 % interval, what it rests on, a baseline."""

from typing import Any, Final, NamedTuple

from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.figures.ticks import minus
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within
from rugs_lab.trading.backtest.run import Run
from rugs_lab.trading.backtest.run_stats import ABOVE, PENDING, PROFIT, RUIN

LATER: Final = "…"
NONE: Final = "-"


class Row(NamedTuple):
    """One figure; all of it words."""

    name: str
    value: str
    interval: str
    n: str
    baseline: str


def key_rows(run: Run) -> list[Row]:
    """Return the rows for what is known of a run: its `stats` if they were asked for, else its `figures`."""
    asked = "stats" in run.__dict__
    known = run.stats if asked else run.figures
    bets = int(run.counted.bets.sum())
    chance = f"{100 * rug_within():.2f} % by the price process · {100 / SIDEBET_PAYOUT:g} % breaks even"

    def row(name: str, label: str, n: str, baseline: str = "0", *, sign: bool = False) -> Row:
        if label not in known.index:
            return Row(name, LATER, LATER, n, baseline)
        figure: Any = known.loc[label]
        unit = label.rpartition("[")[2].removesuffix("]").split()[0]
        low, high = float(figure["low"]), float(figure["high"])
        sure = f"{_bare(low, 3, sign)} to {_bare(high, 3, sign)}" if low == low and high == high else NONE
        words = _number(float(figure["value"]), unit, sign)
        count = int(figure["n"])
        return Row(name, words, sure, f"{count:,} {n}{'' if count == 1 else 's'}", baseline)

    expected = _number(known["expected"].loc[PROFIT], "", True)
    rows = [
        row("profit per game", PROFIT, "game", f"0 no trades · expected {expected}", sign=True),
        row("profit above expected", ABOVE, "game", sign=True),
        row("games won, of those acted in", "win rate [%]", "game", NONE),
        row("side bets won", "side-bet hit rate [%]", "bet", chance),
        row("total profit", "total profit [SOL]", "game", sign=True),
        row("largest drawdown", "max drawdown [SOL]", "game"),
        row(f"ruin within {SESSION_GAMES} games", RUIN, "session"),
        row("ticks in a position", "exposure, positions [% of ticks]", "game"),
    ]
    return [row for row in rows if bets or row.name != "side bets won"]


def verdict(run: Run) -> str:
    """Return whether the mean differs from zero, in words."""
    if run.gone_after is not None:
        return f"the cash ran out after game {run.gone_after:,}: figures cover only the games before that"
    mean = run.profit_so_far
    if mean.low != mean.low:
        pending = PENDING in str(run.figures.loc[PROFIT, "note"])
        return "its interval comes with the baselines" if pending else "too few games to tell"
    return {"gains": "profit per game is above 0", "loses": "profit per game is below 0"}.get(
        mean.verdict, "profit per game is not distinguishable from 0"
    )


def _number(value: float, unit: str, sign: bool) -> str:
    return NONE if value != value else f"{_bare(value, 4, sign)} {unit}".strip()


def _bare(value: float, digits: int, sign: bool) -> str:
    text = f"{value:{'+' if sign and value else ''}.{digits}g}"
    if "e" in text:
        text = f"{value:{'+' if sign else ''}.9f}".rstrip("0").rstrip(".")
    return minus(text)
