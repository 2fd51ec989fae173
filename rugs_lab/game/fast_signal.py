"""The compiled form of `rugs_lab.game.signal.parse_update`, for frames that are as they should be.

Nearly every frame is. Its text is read by one typed decoder, which checks types and bounds in C and cuts out
what is seldom looked at (leaderboard, history) without decoding it: a frame of 300 kB is 90 % history that
was sent before. A frame that is otherwise in any way (a wrong type, a value out of bounds, an unknown key,
``NaN``) is left to `parse_update`, which says what is wrong with it. Both give the same `Update`; a property
test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from rugs_lab.errors import PayloadError
from rugs_lab.game.json_text import read_json
from rugs_lab.game.limits import HISTORY_GAMES, MAX_TICKS, PARTIAL_TICKS
from rugs_lab.game.message_kinds import kind_of
from rugs_lab.game.parse_values import ID_PATTERN, MAX_COUNT, MAX_ID_LENGTH, MAX_PRICE, MAX_SHORT, MAX_TICK
from rugs_lab.game.signal import MAX_COOLDOWN_MS, READ_KEYS, GameSignal, Update

_Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH, pattern=ID_PATTERN)]
_Tick = Annotated[int, Meta(ge=0, le=MAX_TICK)]
_Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
_Price = Annotated[float, Meta(gt=0, le=MAX_PRICE)]
_Short = Annotated[str, Meta(min_length=1, max_length=MAX_SHORT)]
_TickText = Annotated[str, Meta(pattern=r"\A[0-9]{1,7}\Z")]


class _Partial(msgspec.Struct):
    values: Annotated[dict[_TickText, _Price], Meta(max_length=10 * PARTIAL_TICKS)]


class _Fair(msgspec.Struct):
    serverSeedHash: _Short | UnsetType = UNSET
    version: _Short | UnsetType = UNSET


class _Frame(msgspec.Struct, forbid_unknown_fields=True):
    """Every key that a ``gameStateUpdate`` was ever seen with (2025-12 and 2026-02)."""

    gameId: _Id
    active: bool | UnsetType = UNSET
    price: _Price | UnsetType = UNSET
    rugged: bool | UnsetType = UNSET
    tickCount: _Tick | UnsetType = UNSET
    cooldownTimer: Annotated[int, Meta(ge=0, le=MAX_COOLDOWN_MS)] | UnsetType = UNSET
    allowPreRoundBuys: bool | UnsetType = UNSET
    tradeCount: _Count | UnsetType = UNSET
    connectedPlayers: _Count | UnsetType = UNSET
    gameHistory: Annotated[list[dict[str, Raw]], Meta(max_length=10 * HISTORY_GAMES)] | UnsetType = UNSET
    partialPrices: _Partial | UnsetType = UNSET
    prices: Annotated[list[_Price], Meta(min_length=1, max_length=MAX_TICKS + 2)] | UnsetType = UNSET
    provablyFair: _Fair | UnsetType = UNSET
    leaderboard: Raw | UnsetType = UNSET
    cooldownPaused: Raw | UnsetType = UNSET
    pauseMessage: Raw | UnsetType = UNSET
    rugpool: Raw | UnsetType = UNSET
    rugRoyale: Raw | UnsetType = UNSET
    gameVersion: Raw | UnsetType = UNSET
    averageMultiplier: Raw | UnsetType = UNSET
    count2x: Raw | UnsetType = UNSET
    count10x: Raw | UnsetType = UNSET
    count50x: Raw | UnsetType = UNSET
    count100x: Raw | UnsetType = UNSET
    highestToday: Raw | UnsetType = UNSET
    highestTodayTimestamp: Raw | UnsetType = UNSET
    highestTodayPrices: Raw | UnsetType = UNSET
    highestTodayGameId: Raw | UnsetType = UNSET
    highestTodayServerSeed: Raw | UnsetType = UNSET
    godCandle2x: Raw | UnsetType = UNSET
    godCandle2xTimestamp: Raw | UnsetType = UNSET
    godCandle2xPrices: Raw | UnsetType = UNSET
    godCandle2xMassiveJump: Raw | UnsetType = UNSET
    godCandle2xGameId: Raw | UnsetType = UNSET
    godCandle2xServerSeed: Raw | UnsetType = UNSET
    godCandle10x: Raw | UnsetType = UNSET
    godCandle10xTimestamp: Raw | UnsetType = UNSET
    godCandle10xPrices: Raw | UnsetType = UNSET
    godCandle10xMassiveJump: Raw | UnsetType = UNSET
    godCandle10xGameId: Raw | UnsetType = UNSET
    godCandle10xServerSeed: Raw | UnsetType = UNSET
    godCandle50x: Raw | UnsetType = UNSET
    godCandle50xTimestamp: Raw | UnsetType = UNSET
    godCandle50xPrices: Raw | UnsetType = UNSET
    godCandle50xMassiveJump: Raw | UnsetType = UNSET
    godCandle50xGameId: Raw | UnsetType = UNSET
    godCandle50xServerSeed: Raw | UnsetType = UNSET
    availableShitcoins: Raw | UnsetType = UNSET


KNOWN_KEYS: Final = frozenset(_Frame.__struct_fields__)
"""Keys that a ``gameStateUpdate`` was ever seen with."""

_REST_KEYS: Final = KNOWN_KEYS - READ_KEYS
_read = msgspec.json.Decoder(_Frame).decode


def read_update(text: str | bytes, received_ns: int | None = None) -> Update | None:
    """Read the JSON text of one ``gameStateUpdate`` payload; None leaves it to `parse_update`.

    Examples
    --------
    >>> read_update('{"gameId":"g1","tickCount":4,"price":1.5}').signal.price
    1.5
    >>> read_update('{"gameId":"g1","price":"1.5"}') is None
    True
    """
    try:
        frame = _read(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    active, rugged, tick = _or_none(frame.active), _or_none(frame.rugged), _or_none(frame.tickCount)
    presale = _or_none(frame.allowPreRoundBuys)
    history, partial, prices, fair = frame.gameHistory, frame.partialPrices, frame.prices, frame.provablyFair
    return Update(
        signal=GameSignal(
            gameId=frame.gameId,
            active=active,
            rugged=rugged,
            tickCount=tick,
            price=_or_none(frame.price),
            cooldownTimer=_or_none(frame.cooldownTimer),
            allowPreRoundBuys=presale,
            tradeCount=_or_none(frame.tradeCount),
            gameHistory=None if history is UNSET else tuple([Record(entry) for entry in history]),
            kind=kind_of(
                active=active,
                rugged=rugged,
                tick=tick,
                presale=presale,
                history=history is not UNSET,
                prices=prices is not UNSET,
            ),
            received_ns=received_ns,
        ),
        partial_prices={} if partial is UNSET else {int(at): price for at, price in partial.values.items()},
        prices=None if prices is UNSET else tuple(prices),
        players=_or_none(frame.connectedPlayers),
        server_seed_hash=None if fair is UNSET else _or_none(fair.serverSeedHash),
        version=None if fair is UNSET else _or_none(fair.version),
        rest=_Rest(frame),
    )


class Record(Mapping[str, Any]):
    """A JSON object that is cut into keys, and whose values are decoded when asked for.

    Examples
    --------
    >>> record = Record(msgspec.json.decode('{"id": "g1", "prices": [1, 2]}', type=dict[str, Raw]))
    >>> record["id"], record["prices"], record.get("seed")
    ('g1', [1, 2], None)
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: dict[str, Raw]) -> None:
        self._raw = raw

    def __getitem__(self, key: str) -> Any:
        return _read_part(self._raw[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


class _Rest(Mapping[str, Any]):
    """The keys of a frame that are not read, as a mapping; decoded when asked for."""

    __slots__ = ("_frame",)

    def __init__(self, frame: _Frame) -> None:
        self._frame = frame

    def __getitem__(self, key: str) -> Any:
        value = getattr(self._frame, key) if key in _REST_KEYS else UNSET
        if value is UNSET:
            raise KeyError(key)
        return _read_part(value)

    def __iter__(self) -> Iterator[str]:
        return (key for key in _REST_KEYS if getattr(self._frame, key) is not UNSET)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _read_part(raw: Raw) -> Any:
    """Decode what was cut out; what cannot be read (nested too deeply) is None."""
    try:
        return read_json(raw)
    except PayloadError:
        return None


def _or_none(value: Any) -> Any:
    return None if value is UNSET else value
