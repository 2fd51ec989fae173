"""`feature_frame`: the features at every tick of games, and the outcome; for training a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rugs_lab.columns import text_index
from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.engine.batches import Batch, batches
from rugs_lab.trading.features.feature_set import Features, check_defined
from rugs_lab.trading.features.feature_vector import BUILT_IN, PATH, RECENT
from rugs_lab.trading.strategy.observation import Observer

if TYPE_CHECKING:
    import pandas as pd


def feature_frame(games: Games, features: Features = BUILT_IN) -> pd.DataFrame:
    """Return the features of somebody who only watches, a row per known tick before the rug.

    Columns: the names of `PATH`, or of the `features` given (see `rugs_lab.features`), float32; then
    ``rug_within_40`` (boolean; missing where the rug is not known): whether a side bet decided at this tick,
    which is placed at the next one, would win. Index: ``game_id`` and ``seen_tick``. The last tick before a
    rug is left out: a bet decided there is never placed. Split such rows by game, never by row: rows of one
    game know each other's future.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> frame = feature_frame(rl.sample()[:50])
    >>> frame.shape[1], frame["rug_within_40"].dtype
    (9, BooleanDtype)
    """
    import pandas as pd

    from rugs_lab.trading.environment.vector_loop import watch

    check_defined(features)
    # The arrays grow in place: nothing but the result and one batch of games is ever held.
    columns = PATH if features == BUILT_IN else features.columns
    rows, codes = np.empty((0, len(columns)), np.float32), np.empty(0, np.int32)
    watcher = Observer(Account())
    ticks, wins, unknown = np.empty(0, np.int32), np.empty(0, bool), np.empty(0, bool)
    levels, places = np.unique(np.asarray(games.ids, object), return_inverse=True)
    n = 0
    for batch in batches(games, len(games)):
        room = n + int(batch.ends.sum())
        for each in (codes, ticks, wins, unknown):
            each.resize(room, refcheck=False)
        rows.resize((room, len(columns)), refcheck=False)
        new = (rows[n:], codes[n:], ticks[n:], wins[n:])
        if features == BUILT_IN:
            end = n + watch(batch, *new, np.zeros(RECENT, np.int64))
        else:
            end = n + _watch(features, watcher, batch, new)
        unknown[n:end] = np.isnan(batch.rug_prices)[codes[n:end]]
        codes[n:end] = places[batch.first + codes[n:end]]
        n = end
    kinds = [text_index(levels, "game_id"), pd.RangeIndex(ticks[:n].max(initial=0) + 1)]
    index = pd.MultiIndex(kinds, [codes[:n], ticks[:n]], names=["game_id", "seen_tick"])  # type: ignore
    frame = pd.DataFrame(rows[:n], columns=list(columns), index=index, copy=False)
    frame["rug_within_40"] = pd.arrays.BooleanArray(wins[:n], unknown[:n])
    return frame


def people_frame(games: Games, features: Features = BUILT_IN) -> pd.DataFrame:
    """Return what people did, as far as it is recorded: the rows of `feature_frame`, and their trades.

    A row per recorded trade (``action`` ``buy`` or ``sell``, ``amount_sol``, ``player_id``), at the tick
    before it, on which it was decided; and one per tick after which no trade is recorded (``hold``). Only
    games with trades; without practice trades, and those in presale or at ticks without a row. Only 5 to 13 %
    of all trades are broadcast: what else the same people did, and what they hold, is not known.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> rl.models.people_frame(rl.sample()[:50])["action"].value_counts().index.tolist()
    ['hold', 'sell', 'buy']
    """
    once = np.unique(games.ids, return_index=True)[1]  # a game that is given twice has the same trades twice
    trades = games[once].trades.query("type in ['buy', 'sell'] and practice == False and tick > 0")
    made = trades[["type", "amount_sol", "player_id"]].rename(columns={"type": "action"})
    made.index = [trades["game_id"], trades["tick"].astype("int64").rename("seen_tick") - 1]
    frame = feature_frame(games[np.isin(games.ids, trades["game_id"].unique())], features)
    return frame.join(made).fillna({"action": "hold"})


def _watch(features: Features, watcher: Observer, batch: Batch, into: tuple[NDArray[Any], ...]) -> int:
    """Do what `vector_loop.watch` does, with features made of observations."""
    rows, places, ticks, wins = into
    n = 0
    for game in range(len(batch)):
        watcher.begin()
        end, rugged = int(batch.ends[game]), bool(batch.rug_prices[game] > 0)
        for tick, price in enumerate(batch.flat[batch.offsets[game] :][:end].tolist()):
            if price != price:
                continue
            watcher.see(tick, price)
            if not rugged or tick + 1 < end:
                rows[n], places[n], ticks[n] = features(watcher.observation()), game, tick
                wins[n] = rugged and end <= tick + 1 + SIDEBET_TICKS
                n += 1
        watcher.end(end if rugged else None)
    return n
