"""Payload → `GameSignal`: the one parser of ``gameStateUpdate``.

A payload is whatever JSON came over the wire. What is usable is taken; a field of the wrong type or outside
of what is possible is left absent and named in `Update.rejected`; a payload without a usable ``gameId`` is
rejected with `PayloadError`. Absent is ``None``: no default ever replaces a field the server did not
send (53 % of all messages carry no price, tick or flags; see docs/the_game.md).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from rugs_lab.errors import PayloadError
from rugs_lab.game.limits import HISTORY_GAMES, PARTIAL_TICKS
from rugs_lab.game.message_kinds import MessageKind, kind_of
from rugs_lab.game.parse_values import (
    MAX_ID_LENGTH,
    MAX_SHORT,
    as_flag,
    as_price,
    as_prices,
    as_tick,
    as_whole,
    is_game_id,
)
from rugs_lab.game.phase import Phase

MAX_COOLDOWN_MS = 24 * 3_600_000
READ_KEYS = frozenset(
    {
        "gameId",
        "active",
        "price",
        "rugged",
        "tickCount",
        "cooldownTimer",
        "allowPreRoundBuys",
        "tradeCount",
        "connectedPlayers",
        "gameHistory",
        "partialPrices",
        "prices",
        "provablyFair",
    }
)
"""Keys of a ``gameStateUpdate`` that are read for the fields of `Update`; the others are its rest."""

_T = TypeVar("_T")
_as_cooldown: Final = partial(as_whole, most=MAX_COOLDOWN_MS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class GameSignal(msgspec.Struct, frozen=True, kw_only=True, weakref=True):
    """The nine fields of one ``gameStateUpdate`` under the server's own names, with phase and receive time.

    Attributes
    ----------
    gameId
        ``YYYYMMDD-<16 hexadecimal digits>``, date in UTC.
    active, rugged, allowPreRoundBuys
        Flags; ``None`` when the message does not carry them.
    tickCount
        Tick of the game (250 ms each); ``None`` when absent.
    price
        Multiplier, 1.0 at tick 0; ``None`` when absent.
    cooldownTimer
        Time to the start of the game, ms; ``None`` when absent.
    tradeCount
        Trades of this game so far; ``None`` when absent.
    gameHistory
        Finished games as the server sent them, or ``None`` (only 1.3 % of the messages carry it).
    phase
        As `rugs_lab.game.phase_tracker.PhaseTracker` found it; ``UNKNOWN`` before.
    kind
        Message kind, from the payload alone.
    received_ns
        Time of arrival, nanoseconds since 1970 in UTC; ``None`` when not known.
    """

    gameId: str
    active: bool | None = None
    rugged: bool | None = None
    tickCount: int | None = None
    price: float | None = None
    cooldownTimer: int | None = None
    allowPreRoundBuys: bool | None = None
    tradeCount: int | None = None
    gameHistory: tuple[Mapping[str, Any], ...] | None = None
    phase: Phase = Phase.UNKNOWN
    kind: MessageKind = MessageKind.OTHER
    received_ns: int | None = None

    @property
    def received(self) -> datetime | None:
        """Time of arrival, UTC."""
        if self.received_ns is None:
            return None
        return _EPOCH + timedelta(microseconds=self.received_ns // 1000)


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is read of one ``gameStateUpdate``.

    `signal`: The nine fields.
    `partial_prices`: Tick → price of the last five ticks at most; empty when absent.
    `prices`: All prices of the running game from tick 0 (snapshot only), else ``None``.
    `players`: Connected players, or ``None``.
    `server_seed_hash`, `version`: The published hash of the running game's seed, or ``None``.
    `rest`: The other keys of the message as they came (leaderboard, statistics); not validated.
    `rejected`: Names of fields that were there and could not be used.
    """

    signal: GameSignal
    partial_prices: Mapping[int, float] = {}
    prices: tuple[float, ...] | None = None
    players: int | None = None
    server_seed_hash: str | None = None
    version: str | None = None
    rest: Mapping[str, Any] = {}
    rejected: tuple[str, ...] = ()


def parse_update(payload: object, received_ns: int | None = None) -> Update:
    """Read one ``gameStateUpdate`` payload.

    `payload`: The decoded JSON: the first argument of the event that is not a trace.
    `received_ns`: Time of arrival, nanoseconds since 1970 in UTC.
    """
    if not isinstance(payload, Mapping):
        raise PayloadError(
            f"a gameStateUpdate is a JSON object; got {type(payload).__name__}: the message is rejected"
        )
    game_id = payload.get("gameId")
    if not is_game_id(game_id):
        raise PayloadError(
            f"a gameStateUpdate names its game in gameId (1 to {MAX_ID_LENGTH} printable ASCII characters); "
            f"got {str(game_id)[:80]!r}: the message is rejected"
        )
    fields = _Fields(payload)
    history = fields.take("gameHistory", fields.records)
    prices = fields.take("prices", as_prices)
    active = fields.take("active", as_flag)
    rugged = fields.take("rugged", as_flag)
    tick = fields.take("tickCount", as_tick)
    presale = fields.take("allowPreRoundBuys", as_flag)
    signal = GameSignal(
        gameId=game_id,
        active=active,
        rugged=rugged,
        tickCount=tick,
        price=fields.take("price", as_price),
        cooldownTimer=fields.take("cooldownTimer", _as_cooldown),
        allowPreRoundBuys=presale,
        tradeCount=fields.take("tradeCount", as_whole),
        gameHistory=history,
        kind=kind_of(active, rugged, tick, presale, history=history is not None, prices="prices" in payload),
        received_ns=received_ns,
    )
    server_seed_hash, version = fields.commitment()
    return Update(
        signal=signal,
        partial_prices=fields.partial_prices(),
        prices=prices,
        players=fields.take("connectedPlayers", as_whole),
        server_seed_hash=server_seed_hash,
        version=version,
        rest={key: value for key, value in payload.items() if key not in READ_KEYS},
        rejected=tuple(fields.rejected),
    )


class _Fields:
    """Takes fields of one payload by type; names those that it has to reject."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self._payload = payload
        self.rejected: list[str] = []

    def take(self, key: str, read: Callable[[object], _T | None]) -> _T | None:
        value = read(self._payload.get(key))
        if value is None:
            self._reject(key)
        return value

    def records(self, value: object) -> tuple[Mapping[str, Any], ...] | None:
        """Return the finished games of the history; anything else is left out."""
        if not isinstance(value, list) or len(value) > 10 * HISTORY_GAMES:
            return None
        taken = tuple(item for item in value if isinstance(item, Mapping))
        if len(taken) < len(value):
            self._reject("gameHistory")
        return taken

    def commitment(self) -> tuple[str | None, str | None]:
        """Return the hash of the seed and the version, out of ``provablyFair``."""
        fair = self._payload.get("provablyFair")
        if not isinstance(fair, Mapping):
            self._reject("provablyFair")
            return None, None
        texts = []
        for key in ("serverSeedHash", "version"):
            value = fair.get(key)
            usable = isinstance(value, str) and 0 < len(value) <= MAX_SHORT
            if key in fair and not usable:
                self._reject("provablyFair")
            texts.append(value if usable else None)
        return texts[0], texts[1]

    def partial_prices(self) -> Mapping[int, float]:
        window = self._payload.get("partialPrices")
        values = window.get("values") if isinstance(window, Mapping) else None
        if not isinstance(values, Mapping) or len(values) > 10 * PARTIAL_TICKS:
            self._reject("partialPrices")
            return {}
        taken: dict[int, float] = {}
        for key, value in values.items():
            price = as_price(value)
            if price is None or not (
                isinstance(key, str) and key.isdecimal() and key.isascii() and len(key) < 8
            ):
                self._reject("partialPrices")
                continue
            taken[int(key)] = price
        return taken

    def _reject(self, key: str) -> None:
        if key in self._payload and key not in self.rejected:
            self.rejected.append(key)
