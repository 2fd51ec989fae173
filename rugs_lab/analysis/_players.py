"""Players and trades, as far as they were recorded. Play money never counts."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._baselines import profit_stakes
from rugs_lab.analysis._observed import Spells, only_games, spells
from rugs_lab.analysis._survival import EDGES, exposure, rising
from rugs_lab.estimates.estimate import share_interval
from rugs_lab.estimates.intervals import clustered, ratio, totals
from rugs_lab.game.sidebet import rug_within
from rugs_lab.recordings.games.games import Games

_NANO: Final = 1e-9


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
    bets = games.sidebets
    bets = bets[~bets["practice"] & bets["payout_sol"].notna() & bets["player_id"].notna()]
    trades = games.trades
    trades = trades[~trades["practice"] & trades["player_id"].notna()]
    bet = bets.assign(bets=1, bets_won=bets["payout_sol"] > 0, profit=bets["payout_sol"] - bets["stake_sol"])
    of_bets = bet.groupby("player_id")[["bets", "bets_won", "stake_sol", "profit"]].sum()
    trips = _round_trips(trades)
    both = pd.concat([bets[["player_id", "game_id"]], trades[["player_id", "game_id"]]])
    frame = both.groupby("player_id")["game_id"].nunique().rename("games").to_frame()
    frame = frame.join(of_bets).join(trades.groupby("player_id").size().rename("trades"))
    frame = frame.join(trips.groupby("player_id")["profit_sol"].agg(["size", "sum"]))
    counts = {name: frame[name].fillna(0).astype("int64") for name in ("bets", "bets_won", "trades", "size")}
    low, high = share_interval(counts["bets_won"], counts["bets"])
    expected = rug_within()
    made = pd.DataFrame(
        {
            "games": frame["games"],
            "bets": counts["bets"],
            "bets_won": counts["bets_won"],
            "win_share": counts["bets_won"] / counts["bets"].where(counts["bets"] > 0),
            "low": low,
            "high": high,
            "baseline": expected,
            "stake_sol": frame["stake_sol"],
            "bet_profit_sol": frame["profit"],
            "bet_baseline_sol": frame["stake_sol"] * profit_stakes(expected),
            "trades": counts["trades"],
            "round_trips": counts["size"],
            "round_trip_profit_sol": frame["sum"],
        }
    )
    return made.sort_values(["bets", "trades"], ascending=False, kind="stable")


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
    traded = games.columns.trades > 0
    files = np.asarray(games.columns.file)
    with_trades = traded | np.isin(files.astype(str), np.unique(files[traded].astype(str)))
    some = games[with_trades]
    found = spells(some)
    trades = some.trades
    trades = trades[~trades["practice"]]
    place = pd.Series(np.arange(len(some)), index=some.ids)
    game = trades["game_id"].map(place).to_numpy(np.int64)
    tick = np.maximum(trades["tick"].to_numpy(np.int64), steps[0] + 1)
    names = ["type", "from_tick", "to_tick", "trades", "n_ticks", "n_games", "trades_per_tick"]
    rows: list[tuple[object, ...]] = []
    for kind in sorted(trades["type"].unique()):
        of_kind = (trades["type"] == kind).to_numpy(bool)
        inside = of_kind & (tick <= steps[-1])
        total = int(exposure(found, steps).sum())
        overall = inside.sum() / total if total else np.nan
        for first, last in zip(steps[:-1].tolist(), steps[1:].tolist(), strict=True):
            which = of_kind & (tick > first) & (tick <= last)
            lived = np.clip(found.exit, first, last) - np.clip(found.entry, first, last)
            value, low, high = _rate(found, game[which], lived, len(some))
            n_games = len(np.unique(found.game[lived > 0]))
            count, ticks = int(which.sum()), int(lived.sum())
            rows.append((kind, first + 1, last, count, ticks, n_games, value, low, high, overall))
    return pd.DataFrame(rows, columns=[*names, "low", "high", "baseline"])


def _rate(
    found: Spells, game: NDArray[np.int64], lived: NDArray[np.int64], games: int
) -> tuple[float, float, float]:
    if not lived.sum():
        return np.nan, np.nan, np.nan
    trades = np.bincount(game, minlength=games)
    ticks = np.bincount(found.game, lived, games)
    return clustered(ratio, totals(np.arange(games), [trades, ticks], games))


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
