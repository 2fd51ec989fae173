"""Session statistics that full messages carry: last hundred games, day's best, god candles, rug pool."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from rugs_lab.game.parse_values import (
    Amount,
    Count,
    Id,
    Price,
    Short,
    TimeMs,
    as_amount,
    as_id,
    as_price,
    as_prices,
    as_time_ms,
    as_whole,
)


class GodCandle(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The greatest tenfold jump of the day in its class.

    `peak`: The class's record price, a multiplier.
    `time_ms`: Milliseconds since 1970 in UTC.
    `jump`: Prices before and after it, multipliers.
    `game_id`: Since 2026; not always right for the 50x class, check it against the replay.
    """

    peak: Price | None = None
    time_ms: TimeMs | None = None
    jump: tuple[Price, Price] | None = None
    game_id: Id | None = None


class SessionStats(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the server reports of its session; every field is None until a message carried it.

    `average_multiplier`: Mean peak of the server's last hundred games, a multiplier.
    `games_2x`, `games_10x`, `games_50x`, `games_100x`: How many of those reached it.
    `highest_today`, `highest_today_ms`, `highest_today_game`: The day's highest peak (multiplier), when (ms
        since 1970, UTC), and its game (since 2026).
    `god_candles`: Class (``"2x"``, ``"10x"``, ``"50x"``) → `GodCandle`; only those that happened.
    `rugpool_sol`, `instarugs`, `instarugs_needed`: The rug pool's amount, SOL, and how many instant rugs it
        has of those it needs.
    """

    average_multiplier: Price | None = None
    games_2x: Count | None = None
    games_10x: Count | None = None
    games_50x: Count | None = None
    games_100x: Count | None = None
    highest_today: Price | None = None
    highest_today_ms: TimeMs | None = None
    highest_today_game: Id | None = None
    god_candles: Annotated[dict[Short, GodCandle], Meta(max_length=3)] = {}
    rugpool_sol: Amount | None = None
    instarugs: Count | None = None
    instarugs_needed: Count | None = None


def parse_stats(message: Mapping[str, object], before: SessionStats | None = None) -> SessionStats:
    """Read the statistics of a message; what it does not carry stays as it was `before`."""
    before = before or SessionStats()
    found: dict[str, Any] = {
        "average_multiplier": as_price(message.get("averageMultiplier")),
        "highest_today": as_price(message.get("highestToday")),
        "highest_today_ms": as_time_ms(message.get("highestTodayTimestamp")),
        "highest_today_game": as_id(message.get("highestTodayGameId")),
    }
    for size in ("2x", "10x", "50x", "100x"):
        found[f"games_{size}"] = as_whole(message.get(f"count{size}"))
    pool = message.get("rugpool")
    if isinstance(pool, Mapping):
        found["rugpool_sol"] = as_amount(pool.get("rugpoolAmount"))
        found["instarugs"] = as_whole(pool.get("instarugCount"))
        found["instarugs_needed"] = as_whole(pool.get("threshold"))
    candles = dict(before.god_candles)
    for size in ("2x", "10x", "50x"):
        name = f"godCandle{size}"
        if name in message:
            candles.pop(size, None)
            candle = _god_candle(message, name)
            if candle is not None:
                candles[size] = candle
    known = {name: value for name, value in found.items() if value is not None}
    return msgspec.structs.replace(before, **known, god_candles=candles)


def _god_candle(message: Mapping[str, object], name: str) -> GodCandle | None:
    peak = as_price(message.get(name))
    if peak is None:
        return None
    jump = as_prices(message.get(f"{name}MassiveJump")) or ()
    return GodCandle(
        peak=peak,
        time_ms=as_time_ms(message.get(f"{name}Timestamp")),
        jump=(jump[0], jump[1]) if len(jump) == 2 else None,
        game_id=as_id(message.get(f"{name}GameId")),
    )
