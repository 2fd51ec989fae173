"""The compiled form of `rugs_lab.game.signal.parse_update`, for messages that are as they should be.

Nearly every message is. Its text is read by one typed decoder, which checks types and bounds in C and cuts
out what is seldom looked at (leaderboard, history) without decoding it: a message of 300 kB is 90 % history
that was sent before. A message that is otherwise in any way (a wrong type, a value out of bounds, an unknown
key, ``NaN``) is left to `parse_update`, which reports what is wrong with it. Both give the same `Update`; a
property test holds them together.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, cast

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from rugs_lab.errors import PayloadError
from rugs_lab.game.event_text import read_json, too_deep
from rugs_lab.game.limits import HISTORY_GAMES, MAX_TICKS, PARTIAL_TICKS
from rugs_lab.game.message_kinds import kind_of
from rugs_lab.game.parse_values import MAX_SHORT, Count, Id, Price, TickNumber
from rugs_lab.game.signal import MAX_COOLDOWN_MS, READ_KEYS, GameSignal, Update

_Short = Annotated[str, Meta(min_length=1, max_length=MAX_SHORT)]
_TickText = Annotated[str, Meta(pattern=r"\A[0-9]{1,7}\Z")]


class _Partial(msgspec.Struct):
    values: Annotated[dict[_TickText, Price], Meta(max_length=10 * PARTIAL_TICKS)]


class _Fair(msgspec.Struct):
    serverSeedHash: _Short | UnsetType = UNSET
    version: _Short | UnsetType = UNSET


class _Message(msgspec.Struct):
    """The keys that are read."""

    gameId: Id
    active: bool | UnsetType = UNSET
    price: Price | UnsetType = UNSET
    rugged: bool | UnsetType = UNSET
    tickCount: TickNumber | UnsetType = UNSET
    cooldownTimer: Annotated[int, Meta(ge=0, le=MAX_COOLDOWN_MS)] | UnsetType = UNSET
    allowPreRoundBuys: bool | UnsetType = UNSET
    tradeCount: Count | UnsetType = UNSET
    connectedPlayers: Count | UnsetType = UNSET
    gameHistory: Annotated[list[dict[str, Raw]], Meta(max_length=10 * HISTORY_GAMES)] | UnsetType = UNSET
    partialPrices: _Partial | UnsetType = UNSET
    prices: Annotated[list[Price], Meta(min_length=1, max_length=MAX_TICKS + 2)] | UnsetType = UNSET
    provablyFair: _Fair | UnsetType = UNSET


_SIZES: Final = ("2x", "10x", "50x")
_RECORD: Final = ("", "Timestamp", "Prices", "GameId", "ServerSeed")
_REST_KEYS: Final = frozenset(
    [
        *("leaderboard", "cooldownPaused", "pauseMessage", "rugpool", "rugRoyale", "gameVersion"),
        *("averageMultiplier", "availableShitcoins", "count100x"),
        *[f"count{size}" for size in _SIZES],
        *[f"highestToday{part}" for part in _RECORD],
        *[f"godCandle{size}{part}" for size in _SIZES for part in (*_RECORD, "MassiveJump")],
    ]
)
KNOWN_KEYS: Final = READ_KEYS | _REST_KEYS
"""Keys that a ``gameStateUpdate`` was ever seen with (2025-12 and 2026-02)."""

_rest: Final = [(key, Raw | UnsetType, UNSET) for key in sorted(_REST_KEYS)]
_whole: Final = msgspec.defstruct("_Whole", _rest, bases=(_Message,), forbid_unknown_fields=True)
_read: Final = msgspec.json.Decoder(cast("type[_Message]", _whole)).decode


def read_update(text: str | bytes, received_ns: int | None = None) -> Update | None:
    """Read the JSON text of one ``gameStateUpdate`` payload; None leaves it to `parse_update`."""
    if too_deep(text):
        return None
    try:
        message = _read(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    active, rugged, tick = _or_none(message.active), _or_none(message.rugged), _or_none(message.tickCount)
    presale = _or_none(message.allowPreRoundBuys)
    history, prices = _or_none(message.gameHistory), _or_none(message.prices)
    partial, fair = message.partialPrices, message.provablyFair
    return Update(
        signal=GameSignal(
            gameId=message.gameId,
            active=active,
            rugged=rugged,
            tickCount=tick,
            price=_or_none(message.price),
            cooldownTimer=_or_none(message.cooldownTimer),
            allowPreRoundBuys=presale,
            tradeCount=_or_none(message.tradeCount),
            gameHistory=None if history is None else tuple([Record(entry) for entry in history]),
            kind=kind_of(
                active, rugged, tick, presale, history=history is not None, prices=prices is not None
            ),
            received_ns=received_ns,
        ),
        partial_prices={} if partial is UNSET else {int(at): price for at, price in partial.values.items()},
        prices=None if prices is None else tuple(prices),
        players=_or_none(message.connectedPlayers),
        server_seed_hash=None if fair is UNSET else _or_none(fair.serverSeedHash),
        version=None if fair is UNSET else _or_none(fair.version),
        rest=_Rest(message),
    )


class Record(Mapping[str, Any]):
    """A JSON object that is cut into keys, and whose values are decoded when asked for."""

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
    """The keys of a message that are not read, as a mapping; decoded when asked for."""

    __slots__ = ("_message",)

    def __init__(self, message: _Message) -> None:
        self._message = message

    def __getitem__(self, key: str) -> Any:
        value = getattr(self._message, key) if key in _REST_KEYS else UNSET
        if value is UNSET:
            raise KeyError(key)
        return _read_part(value)

    def __iter__(self) -> Iterator[str]:
        return (key for key in _REST_KEYS if getattr(self._message, key) is not UNSET)

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
