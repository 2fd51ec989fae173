"""Players and trades, as far as they were recorded. Play money never counts."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._baselines import profit_stakes
from rugs_lab.analysis._observed import chunks, only_games, spells
from rugs_lab.analysis._survival import EDGES, exposure, rising
from rugs_lab.columns import text_index
from rugs_lab.estimates.estimate import share_interval
from rugs_lab.estimates.intervals import clustered, groups_of, ratio
from rugs_lab.game.sidebet import rug_within
from rugs_lab.recordings.games.games import Games

_NANO: Final = 1e-9
_SUMS: Final = ["games", "bets", "bets_won", "stake_sol", "profit", "trades", "trips", "trip_profit"]


def players(games: Games) -> pd.DataFrame:
    """Return what each player is known to have won or lost, practice left out.

    Side bets are known completely: every one, with its payout, is in the history of a finished game. Of
    trades only 5 to 13 % are broadcast, so a profit from them is known only where a player's recorded
    purchases and sales in a game are the same number of units; other trades are counted and nothing is made
    of them.

    Returns
    -------
    DataFrame
        Index ``player_id``, the most bets first. ``games``; ``bets`` settled, ``bets_won``, ``win_share``
        with its exact interval ``low``, ``high`` and ``baseline`` (18.17 %); ``stake_sol``,
        ``bet_profit_sol``, and ``bet_baseline_sol`` (what such stakes lose on average);
        ``trades``, ``round_trips`` (games with as much sold as bought) and ``round_trip_profit_sol`` (missing
        without any). The interval takes the bets of a player as independent; those that overlap in one game
        are not.
    """
    only_games("players", games)
    twice = pd.Index(games.ids).duplicated()
    frame = _sums(games[~twice] if twice.any() else games)
    counts = {name: frame[name].astype("int64") for name in ("games", "bets", "bets_won", "trades", "trips")}
    settled, closed = counts["bets"] > 0, counts["trips"] > 0
    low, high = share_interval(counts["bets_won"], counts["bets"])
    expected = rug_within()
    made = pd.DataFrame(
        {
            "games": counts["games"],
            "bets": counts["bets"],
            "bets_won": counts["bets_won"],
            "win_share": counts["bets_won"] / counts["bets"].where(settled),
            "low": low,
            "high": high,
            "baseline": expected,
            "stake_sol": frame["stake_sol"].where(settled),
            "bet_profit_sol": frame["profit"].where(settled),
            "bet_baseline_sol": frame["stake_sol"].where(settled) * profit_stakes(expected),
            "trades": counts["trades"],
            "round_trips": counts["trips"],
            "round_trip_profit_sol": frame["trip_profit"].where(closed),
        }
    )
    return made.sort_values(["bets", "trades"], ascending=False, kind="stable")


def _sums(games: Games) -> pd.DataFrame:
    """Return for each player, by id, counts and sums over games, in which each game is once.

    Amounts are added one by one in their order, so the sums do not depend on the size of blocks.
    """
    places: dict[str, int] = {}
    sums = np.zeros((len(_SUMS), 0))
    for _, part in chunks(games):
        bets, trades = part.sidebets, part.trades
        bets = bets[~bets["practice"] & bets["payout_sol"].notna() & bets["player_id"].notna()]
        trades = trades[~trades["practice"] & trades["player_id"].notna()]
        trips, stake, payout = _round_trips(trades), bets["stake_sol"].fillna(0), bets["payout_sol"]
        both = pd.concat([bets[["player_id", "game_id"]], trades[["player_id", "game_id"]]])
        for name in both["player_id"].unique():
            places.setdefault(name, len(places))
        sums = np.pad(sums, ((0, 0), (0, len(places) - sums.shape[1])))
        once, bet, trade, trip = (
            each["player_id"].map(places).to_numpy(np.int64)
            for each in (both.drop_duplicates(), bets, trades, trips)
        )
        added = (once, 1), (bet, 1), (bet, payout > 0), (bet, stake), (bet, payout - stake), (trade, 1)
        for row, (place, values) in zip(sums, (*added, (trip, 1), (trip, trips["profit_sol"])), strict=True):
            np.add.at(row, place, np.asarray(values, float))
    return pd.DataFrame(sums.T, text_index(list(places), "player_id"), _SUMS).sort_index()


def trades_by_tick(games: Games, edges: Sequence[int] = EDGES) -> pd.DataFrame:
    """Return how many trades were recorded per tick of play, by age of the game and kind of trade.

    Games of files that hold no trades at all are left out; so is practice. Only 5 to 13 % of trades are
    broadcast: compare rows with each other, not with the site's own count.

    Returns
    -------
    DataFrame
        ``type`` (``buy``, ``sell``, ...), ``from_tick``, ``to_tick``, ``trades``, ``n_ticks`` of play,
        ``n_games``, ``trades_per_tick`` with an interval by bootstrap over games, and ``baseline``: the rate
        of that type over all ticks. Trades at tick 0 (orders of the presale) belong to the first bin.
    """
    only_games("trades_by_tick", games)
    steps = rising(edges)
    traded, file = games.columns.trades > 0, pd.factorize(np.asarray(games.columns.file))[0]
    with_trades = np.isin(file, np.unique(file[traded]))
    found, count = spells(games).some(with_trades), int(with_trades.sum())
    groups, where = groups_of(count)
    bins = list(pairwise(steps.tolist()))
    counts: dict[str, NDArray[np.int64]] = {}
    for first, part in chunks(games[with_trades]):
        trades = part.trades
        trades = trades[~trades["practice"]]
        place = pd.Series(where[first : first + len(part)], index=part.ids)
        group = trades["game_id"].map(place).to_numpy(np.int64)
        tick = np.maximum(trades["tick"].to_numpy(np.int64), steps[0] + 1)
        at = np.where(tick <= steps[-1], (np.searchsorted(steps, tick) - 1) * groups + group, -1)
        for kind in trades["type"].unique():
            inside = at[(trades["type"] == kind).to_numpy(bool) & (at >= 0)]
            added = np.bincount(inside, minlength=len(bins) * groups).reshape(len(bins), groups)
            counts[kind] = counts.get(kind, 0) + added
    lived = [np.clip(found.exit, *each) - np.clip(found.entry, *each) for each in bins]
    ticks = [np.bincount(where[found.game], each, groups) for each in lived]
    n_games = [len(np.unique(found.game[each > 0])) for each in lived]
    total = int(exposure(found, steps).sum())
    rows: list[tuple[object, ...]] = []
    for kind, of_bins in sorted(counts.items()):
        overall = of_bins.sum() / total if total else np.nan
        for (first, last), trades_, ticks_, n in zip(bins, of_bins, ticks, n_games, strict=True):
            at_risk = int(ticks_.sum())
            rate = clustered(ratio, np.stack([trades_, ticks_], axis=1)) if at_risk else (np.nan,) * 3
            rows.append((kind, first + 1, last, int(trades_.sum()), at_risk, n, *rate, overall))
    names = ["type", "from_tick", "to_tick", "trades", "n_ticks", "n_games", "trades_per_tick"]
    return pd.DataFrame(rows, columns=[*names, "low", "high", "baseline"])


def _round_trips(trades: pd.DataFrame) -> pd.DataFrame:
    """Return one row per player and game in which as many units were sold as bought: profit in SOL."""
    spot = trades[trades["type"].isin(["buy", "sell"])].dropna(subset=["units", "amount_sol"])
    sign = np.where(spot["type"] == "sell", 1.0, -1.0)
    flows = spot.assign(
        units=-sign * spot["units"], profit_sol=sign * spot["amount_sol"], turnover=spot["units"], trades=1
    )
    by_game = flows.groupby(["player_id", "game_id"])[["units", "profit_sol", "turnover", "trades"]].sum()
    closed = by_game["units"].abs() <= _NANO * by_game["trades"]
    return by_game[closed & (by_game["turnover"] > 0)].reset_index()
