"""Values → DataFrames: trades, side bets, leaderboards. Columns and dtypes are the same when empty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
_TRADE: Final = (
    "game_id tick type price amount_sol units practice username player_id id leverage received late_ticks"
)
_BET: Final = "game_id start_tick end_tick stake_sol payout_sol practice username player_id time"
_STANDING: Final = (
    "position username level pnl_sol regular_pnl_sol sidebet_pnl_sol short_pnl_sol pnl_percent units "
    "average_cost invested_sol has_sidebet practice player_id"
)
_DTYPES: Final = {
    **dict.fromkeys(("game_id", "type", "username", "player_id", "id"), "str"),
    **dict.fromkeys(("tick", "late_ticks", "start_tick", "end_tick", "position", "level"), "Int32"),
    **dict.fromkeys(("practice", "has_sidebet"), "boolean"),
    **dict.fromkeys(("received", "time"), "datetime64[ns, UTC]"),
}
"""Those of columns that are neither amounts nor prices."""

_TIMES: Final = {"received": ("received_ns", 1), "time": ("time_ms", 1_000_000)}
"""Column of times → the field that has it, and how many nanoseconds its unit is."""


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


def arrow_type(field: str) -> pa.DataType:
    """Return the type that a field of a trade, a side bet or a leaderboard has in an archive."""
    import pyarrow as pa

    types = {"str": pa.string(), "Int32": pa.int32(), "boolean": pa.bool_(), "float64": pa.float64()}
    is_time = field in [name for name, _ in _TIMES.values()]
    return pa.int64() if is_time else types[_DTYPES.get(field, "float64")]


def archived_frame(table: pa.Table) -> pd.DataFrame:
    """Return the trades or side bets of an archive as a frame, without a value for each of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    dtypes, columns = {}, {}
    for name in (_TRADE if "type" in table.column_names else _BET).split():
        field, unit_ns = _TIMES.get(name, (name, None))
        kind = arrow_type(field)
        column = table[field] if field in table.column_names else pa.nulls(len(table), kind)
        if unit_ns is not None:
            column = pc.multiply(column, unit_ns).cast(pa.timestamp("ns", "UTC"))
        elif name in _DTYPES:
            dtypes[kind] = typed([], _DTYPES[name]).dtype
        columns[name] = column
    frame: pd.DataFrame = pa.table(columns).to_pandas(types_mapper=dtypes.get)
    return frame


def _frame(values: Iterable[Any], columns: str) -> pd.DataFrame:
    import pandas as pd

    rows, names = list(values), columns.split()
    return pd.DataFrame({name: typed(_column(rows, name), _DTYPES.get(name, "float64")) for name in names})


def _column(rows: list[Any], name: str) -> Any:
    """Return the values of a column; times as int64 nanoseconds, the smallest is not a time."""
    if name not in _TIMES:
        return [getattr(row, name) for row in rows]
    field, unit_ns = _TIMES[name]
    times = [getattr(row, field) for row in rows]
    return np.array([_NO_TIME if time is None else time * unit_ns for time in times], np.int64)
