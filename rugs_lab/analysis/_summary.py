"""The key figures of all statistics in one table: what ``rugs-lab report`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from rugs_lab.analysis._hours import hour_tests
from rugs_lab.analysis._observed import Look, between, gap, looked, only_games, stretches
from rugs_lab.analysis._peaks import DEPTHS, LEVELS, drawdowns, falls, peaks, reached
from rugs_lab.analysis._players import players, trades_by_tick
from rugs_lab.analysis._quality import quality, sources_of
from rugs_lab.analysis._returns import WINDOW, Sums, before_rug, moves, returns, volatility_before_rug
from rugs_lab.analysis._rug_price import lowest_before, rug_price_rule
from rugs_lab.analysis._sidebets import sidebets, sidebets_pooled
from rugs_lab.analysis._survival import durations, hazard, hazard_by_tick, survival
from rugs_lab.estimates.estimate import share
from rugs_lab.estimates.intervals import EstimateRow, table
from rugs_lab.game.sidebet import rug_within
from rugs_lab.recordings.games.games import Games

PAST: Final = (40, 100, 200)
"""Ticks for which the summary says how many games live past them."""

_COMPARED: Final = ("trades recorded",)
"""Sections whose baseline is not the price process, only something to compare with."""


def summary(games: Games) -> pd.DataFrame:
    """Return the key figures of some games, with n, and 95 % interval and baseline where they apply.

    Returns
    -------
    DataFrame
        ``section``, then the columns of a table of estimates: ``measure``, ``value``, ``low``, ``high``,
        ``baseline``, ``unit``, ``n``, ``n_unit``; and ``within``: whether the baseline lies in the interval
        (missing without one). Of 60 true baselines about three lie outside a 95 % interval by chance.

    Examples
    --------
    >>> from rugs_lab.recordings.games.synthetic import synthetic
    >>> frame = summary(synthetic(300, seed=7))
    >>> frame.groupby("section", sort=False).size().index.tolist()[:4]
    ['hazard', 'hazard by tick', 'survival', 'duration']
    """
    only_games("summary", games)
    frame = pd.concat(
        [part.assign(section=name) for name, part in _sections(games) if len(part)], ignore_index=True
    )
    names = ["measure", "value", "low", "high", "baseline", "unit", "n", "n_unit"]
    known = frame[["low", "high", "baseline"]].notna().all(axis=1)
    inside = (frame["baseline"] >= frame["low"]) & (frame["baseline"] <= frame["high"])
    within = inside.astype("boolean").where(known & ~frame["section"].isin(_COMPARED))
    return frame[["section", *names]].assign(within=within)


def _sections(games: Games) -> Iterator[tuple[str, pd.DataFrame]]:
    paths = (Sums, moves), (Sums, before_rug, WINDOW), (Look, falls, *DEPTHS), (Look, reached, *LEVELS)
    looked(games, *paths, *((Look, each) for each in (gap, stretches, between, lowest_before, sources_of)))
    yield "hazard", hazard(games)
    ages = hazard_by_tick(games)
    by_age = _named(ages, _span(ages), "hazard_per_tick", "chance per tick", "n_ticks", "ticks")
    yield "hazard by tick", by_age
    lived = survival(games, PAST)
    past = "survives past tick " + lived["tick"].astype(str)
    yield "survival", _named(lived, past, "survival", "share of games", "n_games", "games at risk")
    yield "duration", durations(games)
    high = peaks(games)
    level = high["level_x"].map("{:g}x".format)
    yield "peaks", _named(high, "peak of at least " + level, "share", "share of games", "n_games", "games")
    yield "returns", returns(games)
    yield "volatility before the rug (last 10 ticks over earlier ones)", volatility_before_rug(games)
    yield "drawdowns", drawdowns(games)
    yield "rug price", rug_price_rule(games)
    bets = sidebets(games)
    entry = "wins, placed at tick " + bets["entry_tick"].astype(str)
    yield "side bets", _named(bets, entry, "win_share", "share of bets", "n_games", "games")
    yield "side bets, all entries", sidebets_pooled(games)
    yield "players", _players(games)
    traded = trades_by_tick(games)
    kind = traded["type"] + ", " + _span(traded)
    yield "trades recorded", _named(traded, kind, "trades_per_tick", "trades per tick", "n_games", "games")
    yield "time of day", _hours(games)
    whole = quality(games).rename(columns={"n": "of"})
    whole = whole[whole["count"] > 0].assign(baseline=np.nan)
    for unit in ("games", "ticks", "rows"):
        part = whole[whole["unit"] == unit]
        what = part["what"] + ": " + part["kind"]
        yield "quality of recordings", _named(part, what, "share", f"share of {unit}", "of", unit)


def _span(frame: pd.DataFrame) -> pd.Series[str]:
    return "tick " + frame["from_tick"].astype(str) + " to " + frame["to_tick"].astype(str)


def _named(
    frame: pd.DataFrame, measure: pd.Series[str], value: str, unit: str, n: str, n_unit: str
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "measure": measure,
            "value": frame[value],
            **{name: frame[name] for name in ("low", "high", "baseline")},
            "unit": unit,
            "n": frame[n],
            "n_unit": n_unit,
        }
    )


def _players(games: Games) -> pd.DataFrame:
    frame = players(games)
    won = share(int(frame["bets_won"].sum()), int(frame["bets"].sum()))
    gain = frame.loc[frame["round_trips"] > 0, "round_trip_profit_sol"]
    gained = share(int((gain > 0).sum()), len(gain))
    bets = "recorded side bets that won (many share a game: the interval is too narrow)"
    players_ = "players with a profit on their known round trips"
    rows = [
        EstimateRow.of(bets, won, rug_within(), "share of bets", "bets"),
        EstimateRow.of(players_, gained, np.nan, "share of players", "players"),
    ]
    return table(row for row in rows if row.n)


def _hours(games: Games) -> pd.DataFrame:
    tests = hour_tests(games).assign(low=np.nan, high=np.nan, baseline=np.nan)
    measure = tests["measure"] + " by hour of the day (p value of no difference)"
    return _named(tests, measure, "p", "p value", "n_games", "games")
