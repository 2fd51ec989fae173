"""The lines of a recording: what the recorder writes, and how it is read back.

A recording is a text of JSON lines, UTF-8, one object on each, the key ``type`` first. Every line has a
``timestamp``, ISO 8601 in UTC with microseconds, and, where the clock gave it, ``ns``: the remaining 0 to 999
nanoseconds. Fields that a message did not have are absent. Names are those of the original program where it
had one.

``session``
    First line of every file: `SessionLine`.
``game_start``
    First line of a game in this file: `GameStartLine`.
``tick``
    One for each accepted message, in order of arrival: `TickLine`. Lines with ``backfilled``, and lines
    without ``kind``, are no messages but give a price (see there).
``trade``, ``gap``, ``game_end``, ``history``, ``leaderboard``, ``stats``, ``anomaly``
    `TradeLine`, `GapLine`, `GameEndLine`, `HistoryLine`, `LeaderboardLine`, `StatsLine`, `AnomalyLine`.
``raw``
    An event as it was received, if that was asked for: `RawLine`. `rugs_lab.GameServer` plays such a file.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from rugs_lab.errors import PayloadError
from rugs_lab.game.event_text import read_json
from rugs_lab.game.signal import GameSignal
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.read.timestamps import MOST_NS, ns_of
from rugs_lab.recordings.read.version_0_1 import line_of_today
from rugs_lab.recordings.write.line_types import GameEndLine, Line, RawLine, TickLine, TradeLine

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_TRADE_FIELDS: Final = [name for name in Trade.__struct_fields__ if name not in ("type", "received_ns")]

_encode = msgspec.json.Encoder().encode
_decode: Callable[[bytes], Line] = msgspec.json.Decoder(Line).decode
_decode_parts = msgspec.json.Decoder(list[Raw]).decode
_decode_name = msgspec.json.Decoder(str).decode


def write_line(line: Line) -> bytes:
    r"""Return the bytes of a line, its newline included."""
    return _encode(line) + b"\n"


def read_line(data: bytes | str) -> Line:
    """Read one line."""
    try:
        return _decode(line_of_today(data if isinstance(data, bytes) else data.encode()))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise PayloadError(f"a line of a recording is expected, but it could not be read: {error}") from None


def stamp(received_ns: int | None) -> dict[str, Any]:
    """Return ``timestamp`` and ``ns`` of a line, by name, of a time in nanoseconds since 1970."""
    if received_ns is None:
        return {}
    seconds, rest = divmod(received_ns, 1_000_000_000)
    return {"timestamp": f"{_second(seconds)}.{rest // 1000:06d}+00:00", "ns": rest % 1000}


def received_ns(line: Line) -> int | None:
    """Return the time of a line, nanoseconds since 1970 in UTC, or None."""
    if line.timestamp is None:
        return None
    try:
        whole = ns_of(datetime.fromisoformat(line.timestamp))
    except (ValueError, TypeError, OverflowError):
        whole = None
    if whole is None or whole + line.ns > MOST_NS:
        raise PayloadError(
            f"timestamp should be an ISO time with its zone, 1678 to 2261; got {line.timestamp[:80]!r}"
        )
    return whole + line.ns


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"


def message_line(signal: GameSignal, players: int | None = None) -> TickLine:
    """Return the line of an accepted message."""
    return TickLine(
        **stamp(signal.received_ns),
        game_id=signal.gameId,
        tick=signal.tickCount,
        price=signal.price,
        phase=signal.phase,
        active=signal.active,
        rugged=signal.rugged,
        cooldown_timer=signal.cooldownTimer,
        allow_pre_round_buys=signal.allowPreRoundBuys,
        trade_count=signal.tradeCount,
        players=players,
        kind=signal.kind,
    )


def trade_line(trade: Trade) -> TradeLine:
    """Return the line of a trade; `trade_of` is its inverse."""
    values = {name: getattr(trade, name) for name in _TRADE_FIELDS}
    return TradeLine(**stamp(trade.received_ns), trade_type=trade.type, **values)


def trade_of(line: TradeLine, at_ns: int | None = None) -> Trade:
    """Return the trade of a line, received at `at_ns`."""
    values = {name: getattr(line, name) for name in _TRADE_FIELDS}
    return Trade(type=line.trade_type, received_ns=at_ns, **values)


def encodable(text: str) -> str:
    """Return a text that UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()


def end_line(game: Game, received_ns: int | None = None) -> GameEndLine:
    """Return the line of a game that ended."""
    return GameEndLine(
        **stamp(received_ns),
        game_id=game.id,
        rug_tick=game.rug_tick,
        peak=game.peak if game.peak > 0 else None,
        peak_tick=game.peak_tick,
        rug_price=game.rug_price if game.rug_price > 0 else None,
        status=game.status,
    )


def raw_line(text: str, received_ns: int | None = None) -> bytes:
    r"""Return the line of an event from the JSON text of its list, newline included."""
    at = stamp(received_ns)
    try:
        if "\n" in text or "\r" in text:
            raise ValueError("a line break between two values")
        name, *parts = _decode_parts(text)
        args = Raw(b"[" + b",".join(map(bytes, parts)) + b"]")
        return write_line(RawLine(**at, event=_decode_name(name), args=args))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return write_line(RawLine(**at, text=encodable(text)))


def event_of(line: RawLine) -> tuple[str, tuple[Any, ...]]:
    """Return name and arguments of a raw line's event."""
    if line.event is not None and line.args is not UNSET:
        args = read_json(line.args)
        if isinstance(args, list):
            return line.event, tuple(args)
    event = None if line.text is None else read_json(line.text)
    if not isinstance(event, list) or not event or not isinstance(event[0], str):
        raise PayloadError("a raw line should have event and args, or text; this one has neither")
    return event[0], tuple(event[1:])
