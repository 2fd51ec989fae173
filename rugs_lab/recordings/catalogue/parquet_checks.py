"""A Parquet file of games is what its schema says: types, ranges and lengths, as of lines of a recording."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rugs_lab.game.limits import MOST_TICKS
from rugs_lab.game.parse_values import MAX_COUNT, MAX_PRICE, MAX_TICK, believable, is_game_id
from rugs_lab.game.signal import MAX_COOLDOWN_MS
from rugs_lab.recordings.catalogue.parquet_schema import COLUMNS, HEAVY, prices_of
from rugs_lab.recordings.games.game import STATUSES, Source
from rugs_lab.recordings.games.game_stores import Details
from rugs_lab.recordings.games.games_frame import summarise
from rugs_lab.recordings.games.message_rows import KINDS, PHASES
from rugs_lab.recordings.write.line_format import read_line, received_ns, trade_line, write_line
from rugs_lab.recordings.write.line_types import HistoryLine, LeaderboardLine, Line

_MOST: Final = {
    "length": MOST_TICKS + 1,
    "missing": MOST_TICKS + 1,
    "peak_tick": MOST_TICKS,
    "rug_tick": MOST_TICKS,
    "source": int(max(Source)),
    "trade_count": MAX_COUNT,
}
_MESSAGE: Final = {
    **dict.fromkeys(("trade_count", "players"), (0, MAX_COUNT)),
    "tick": (0, MAX_TICK),
    "price": (np.finfo(float).tiny, MAX_PRICE),
    "cooldown_ms": (0, MAX_COOLDOWN_MS),
}
_LISTS: Final = ("trades", "sidebets", "leaderboard", "messages")
_NOT_NULL: Final = ("id", "length", "status", "source", "missing", "trade_count", "prices", "sources")
_COMPUTED: Final = ("missing", "peak", "peak_tick", "rug_price", "source", "status")
CHECKED: Final = (*dict.fromkeys((*_NOT_NULL, *_COMPUTED, "rug_tick", "corrected", *_LISTS)),)
"""Columns that `value_faults` reads."""


def schema_faults(schema: pa.Schema, names: dict[str, str], older: bool) -> Iterator[str]:
    """Yield what is wrong with the columns.

    `names`: names of today → names in the file; `older`: columns and fields of later versions may be missing.
    """
    for name, kind in {**COLUMNS, **HEAVY}.items():
        place = schema.get_field_index(names.get(name, name))
        if place >= 0 and not _fits(schema.field(place).type, kind, older):
            yield f"its column {name} is {schema.field(place).type}, not {kind}"
        elif place < 0 and (not older or name in {*CHECKED} - {"corrected", "leaderboard", "messages"}):
            yield f"it has no column {name}"


def value_faults(tables: Iterable[pa.Table], older: bool) -> Iterator[str]:
    """Yield what is wrong with the values, one row group after the other; see `detail_faults` for others."""
    seen: set[str] = set()
    for table in tables:
        yield from (f"its column {name} has nulls" for name in _NOT_NULL if table[name].null_count)
        ids = table["id"].to_pylist()
        if not all(map(is_game_id, ids)) or len({*ids} - seen) < len(ids):
            yield "an id in it is invalid, or is there twice"
        seen.update(ids)
        for name, highest in _MOST.items():
            if not _within(table[name], 0, highest):
                yield f"its column {name} has values beyond 0 to {highest}"
        if not {*pc.unique(table["status"].cast(pa.string())).to_pylist()} <= {*STATUSES}:
            yield "its column status has other words than it may"
        yield from _price_faults(table)
        if not np.array_equal(pc.list_value_length(table["trades"]).fill_null(0), table["trade_count"]):
            yield "its trade_count is not that of its trades"
        lists = {name: table[name].combine_chunks() for name in _LISTS}
        for name, column in lists.items():
            if (column.null_count and not older) or column.flatten().null_count:
                yield f"its column {name} has nulls"
        rows = lists["messages"].flatten()
        for name, (least, most) in _MESSAGE.items():
            if not _within(rows.field(name), least, most):
                yield f"{name} of messages has values beyond {least:g} to {most:g}"
        if not {*pc.unique(rows.field("kind")).to_pylist()} <= {*KINDS}:
            yield "kind of messages has other words than it may"
        if not {*pc.unique(rows.field("phase")).to_pylist()} <= {*PHASES} or rows.field("place").null_count:
            yield "phase or place of messages has other values than it may"


def detail_faults(game_id: str, details: Details) -> Iterator[str]:
    """Yield what could not be in the lines of a recording (see `line_types`) of one game."""
    history = HistoryLine(game_id=game_id, ended_ms=details.ended_ms, sidebets=[*details.bets])
    lines: list[Line] = [
        history,
        LeaderboardLine(game_id=game_id, rows=details.board),
        *map(trade_line, details.trades),
    ]
    for line in lines:
        try:
            received_ns(read_line(write_line(line)))
        except (ValueError, OverflowError) as error:  # PayloadError is a ValueError
            yield f"{type(line).__name__} of {game_id}: {error}"


def _price_faults(table: pa.Table) -> Iterator[str]:
    prices, sources, lengths = (table[name] for name in ("prices", "sources", "length"))
    counts = [pc.list_value_length(each).to_numpy() for each in (prices, sources)]
    if not all(np.array_equal(count, lengths.to_numpy()) for count in counts):
        yield "its prices, sources and length are not of one length"
        return
    flat, offsets, codes = prices_of(table)
    known = np.asarray(codes) != Source.MISSING
    if np.asarray(codes).max(initial=0) > max(Source) or not np.array_equal(known, believable(flat)):
        yield "its prices are beyond what is possible, or not where its sources say"
    if (table["rug_tick"].fill_null(-1).to_numpy() >= counts[0]).any():
        yield "a rug_tick in it lies beyond the prices"
        return
    marks, rugs = table["corrected"], table["rug_tick"].fill_null(-1).to_numpy()
    facts = summarise(flat, offsets, codes, rugs, marks.fill_null(False).to_numpy())
    facts["status"] = np.array(STATUSES, object)[facts["status"]]
    for name in _COMPUTED if not marks.null_count else _COMPUTED[:-1]:  # version 0.1 marked none
        known = table[name].cast(pa.string()) if name == "status" else table[name]
        absent = np.nan if pa.types.is_floating(known.type) else -1 if name != "status" else ""
        if not np.array_equal(facts[name], known.fill_null(absent).to_numpy(), equal_nan=absent is np.nan):
            yield f"its column {name} does not follow from its prices"


def _within(values: pa.Array, least: float, most: float) -> bool:
    inside = pc.and_(pc.greater_equal(values, least), pc.less_equal(values, most))
    return pc.all(inside).as_py() is not False


def _fits(found: pa.DataType, kind: pa.DataType, older: bool) -> bool:
    if pa.types.is_list(kind) and pa.types.is_list(found):
        return _fits(found.value_type, kind.value_type, older)
    if pa.types.is_dictionary(kind) and pa.types.is_dictionary(found):
        return bool(found.value_type == kind.value_type)  # older pyarrow reads all indices as 32 bits
    if pa.types.is_struct(kind) and pa.types.is_struct(found):
        expected, names = {field.name: field.type for field in kind}, {field.name for field in found}
        same = names <= expected.keys() if older else names == expected.keys()
        return same and all(_fits(field.type, expected[field.name], older) for field in found)
    return bool(found == kind)
