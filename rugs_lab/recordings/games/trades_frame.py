"""Values → DataFrames: trades, side bets, leaderboards. Columns and dtypes are the same when empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.columns import typed

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from rugs_lab.game.leaderboard import PlayerBet, Standing
    from rugs_lab.game.trade import Trade

_NO_TIME: Final = np.iinfo(np.int64).min
_TRADE: Final = {
    "game_id": "str",
    "tick": "Int32",
    "type": "str",
    "price": "float64",
    "amount_sol": "float64",
    "units": "float64",
    "practice": "boolean",
    "username": "str",
    "player_id": "str",
    "id": "str",
    "leverage": "float64",
    "received": "datetime64[ns, UTC]",
    "late_ticks": "Int32",
}
_BET: Final = {
    "game_id": "str",
    "start_tick": "Int32",
    "end_tick": "Int32",
    "stake_sol": "float64",
    "payout_sol": "float64",
    "practice": "boolean",
    "username": "str",
    "player_id": "str",
    "time": "datetime64[ns, UTC]",
}
_TIMES: Final = {"received": ("received_ns", 1), "time": ("time_ms", 1_000_000)}
"""Column of times → the field that has it, and how many nanoseconds its unit is."""

_STANDING: Final = {
    "position": "Int32",
    "username": "str",
    "level": "Int32",
    "pnl_sol": "float64",
    "regular_pnl_sol": "float64",
    "sidebet_pnl_sol": "float64",
    "short_pnl_sol": "float64",
    "pnl_percent": "float64",
    "units": "float64",
    "average_cost": "float64",
    "invested_sol": "float64",
    "has_sidebet": "boolean",
    "practice": "boolean",
    "player_id": "str",
}


def trades_frame(trades: Iterable[Trade]) -> pd.DataFrame:
    """One row per broadcast trade: amounts in SOL, prices multipliers, ``tick`` the tick of its fill.

    ``received`` is its arrival (UTC), ``late_ticks`` how many ticks its game was ahead of it then.
    """
    return _frame(trades, _TRADE)


def bets_frame(bets: Iterable[PlayerBet]) -> pd.DataFrame:
    """One row per side bet of a player: stake and payout (stake included) in SOL, window in ticks.

    ``time``: when it was settled or placed, by the server's clock (UTC).
    """
    return _frame(bets, _BET)


def leaderboard_frame(standings: Iterable[Standing]) -> pd.DataFrame:
    """One row per player: profit in SOL, position in units, average cost a multiplier."""
    return _frame(standings, _STANDING)


def leaderboards_frame(ids: NDArray[Any], boards: Sequence[Sequence[Standing]]) -> pd.DataFrame:
    """One row per player and game, ``game_id`` first."""
    frame = leaderboard_frame(row for board in boards for row in board)
    frame.insert(0, "game_id", typed(np.repeat(ids, [len(board) for board in boards])))
    return frame


def archived_frame(table: pa.Table) -> pd.DataFrame:
    """Return the trades or side bets of an archive as a frame, without a value for each of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    types = {"str": pa.string(), "Int32": pa.int32(), "boolean": pa.bool_(), "float64": pa.float64()}
    dtypes = {kind: typed([], name).dtype for name, kind in types.items() if name != "float64"}
    columns = {}
    for name, dtype in (_TRADE if "type" in table.column_names else _BET).items():
        field, unit_ns = _TIMES.get(name, (name, None))
        kind = types.get(dtype, pa.int64())
        column = table[field] if field in table.column_names else pa.nulls(len(table), kind)
        if unit_ns is not None:
            column = pc.multiply(column, unit_ns).cast(pa.timestamp("ns", "UTC"))
        columns[name] = column
    frame: pd.DataFrame = pa.table(columns).to_pandas(types_mapper=dtypes.get)
    return frame


def _frame(values: Iterable[Any], columns: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    rows = list(values)
    return pd.DataFrame({name: typed(_column(rows, name), dtype) for name, dtype in columns.items()})


def _column(rows: list[Any], name: str) -> Any:
    """Return the values of a column; times as int64 nanoseconds, the smallest is not a time."""
    if name not in _TIMES:
        return [getattr(row, name) for row in rows]
    field, unit_ns = _TIMES[name]
    times = [getattr(row, field) for row in rows]
    return np.array([_NO_TIME if time is None else time * unit_ns for time in times], np.int64)
