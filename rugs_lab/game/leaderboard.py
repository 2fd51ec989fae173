"""Rows of the leaderboard and bets of the history → typed values."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from rugs_lab.game.parse_values import (
    Amount,
    Count,
    Fields,
    Text,
    TickNumber,
    TimeMs,
    as_amount,
    as_flag,
    as_text,
    as_tick,
    as_time_ms,
    as_whole,
    is_practice,
    read_fields,
)

MAX_ROWS = 20
"""Rows of a leaderboard that are read; the server shows ten."""

MAX_BETS = 2_000
"""Records of side bets of one game that are read; about forty were measured, 131 at most."""


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the leaderboard. It lags one tick behind the price of the message it came with.

    `position`: 1 is the highest profit.
    `player_id`, `username`: As the server names them; the name may be None.
    `level`: Player's level.
    `pnl_sol`, `regular_pnl_sol`, `sidebet_pnl_sol`, `short_pnl_sol`: Profit in this game, SOL: in total, and
        its three parts (absent before the game).
    `pnl_percent`: Profit in percent of `invested_sol`.
    `units`, `average_cost`: Position now held, and the average price paid for it (a multiplier).
    `invested_sol`: Peak net outlay, SOL.
    `has_sidebet`: True while a side bet is open; None where the server does not say.
    `practice`: Play money: never counts in statistics. None: another currency than SOL; its amounts are None.
    """

    position: Count | None = None
    player_id: Text | None = None
    username: Text | None = None
    level: Count | None = None
    pnl_sol: Amount | None = None
    regular_pnl_sol: Amount | None = None
    sidebet_pnl_sol: Amount | None = None
    short_pnl_sol: Amount | None = None
    pnl_percent: Amount | None = None
    units: Amount | None = None
    average_cost: Amount | None = None
    invested_sol: Amount | None = None
    has_sidebet: bool | None = None
    practice: bool | None = False


STANDING_FIELDS: Final[Fields] = {
    "position": ("position", as_whole),
    "player_id": ("id", as_text),
    "username": ("username", as_text),
    "level": ("level", as_whole),
    "pnl_sol": ("pnl", as_amount),
    "regular_pnl_sol": ("regularPnl", as_amount),
    "sidebet_pnl_sol": ("sidebetPnl", as_amount),
    "short_pnl_sol": ("shortPnl", as_amount),
    "pnl_percent": ("pnlPercent", as_amount),
    "units": ("positionQty", as_amount),
    "average_cost": ("avgCost", as_amount),
    "invested_sol": ("totalInvested", as_amount),
}


class PlayerBet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One side bet of a player, out of ``globalSidebets`` of a finished game.

    `game_id`, `player_id`, `username`: As the server names them; the name may be None.
    `start_tick`, `end_tick`: Window of the bet; it wins when the rug tick is at most `end_tick`.
    `stake_sol`, `payout_sol`: SOL; the payout holds the stake, and is 0.0 for a lost bet. None while not
        settled.
    `practice`: Play money: never counts in statistics. None: another currency than SOL; its amounts are None.
    `time_ms`: When it was settled, or placed where that is not known; ms since 1970 in UTC, the server's
        clock.
    """

    game_id: Text | None = None
    player_id: Text | None = None
    username: Text | None = None
    start_tick: TickNumber | None = None
    end_tick: TickNumber | None = None
    stake_sol: Amount | None = None
    payout_sol: Amount | None = None
    practice: bool | None = False
    time_ms: TimeMs | None = None


def _shared(value: object) -> str | None:
    """Return a text that many bets have in common, once in memory."""
    text = as_text(value)
    return None if text is None else sys.intern(text)


_BET_FIELDS: Final[Fields] = {
    "game_id": ("gameId", _shared),
    "player_id": ("playerId", _shared),
    "username": ("username", _shared),
    "stake_sol": ("betAmount", as_amount),
    "time_ms": ("timestamp", as_time_ms),
}
PLACED_FIELDS: Final[Fields] = {
    **_BET_FIELDS,
    "start_tick": ("startedAtTick", as_tick),
    "end_tick": ("end", as_tick),
}
PAYOUT_FIELDS: Final[Fields] = {
    **_BET_FIELDS,
    "payout_sol": ("payout", as_amount),
    "start_tick": ("startTick", as_tick),
    "end_tick": ("endTick", as_tick),
}


def parse_leaderboard(rows: object) -> tuple[Standing, ...]:
    """Read the rows of a leaderboard; what is not a row is left out."""
    return tuple([_standing(row) for row in _records(rows, MAX_ROWS)])


def parse_bets(records: object) -> tuple[PlayerBet, ...]:
    """Read ``globalSidebets``: one bet per player and start, joined from its placing and its payout.

    Bets of the presale have a payout and no placing; the ids of the two never agree.
    """
    bets: dict[tuple[str | None, int | None], PlayerBet] = {}
    for record in _records(records, MAX_BETS):
        if record.get("type") not in ("placed", "payout"):
            continue  # what another record means is not known
        bet = _bet(record)
        nobody = bet.player_id is None  # cannot be joined
        key = (None, -1 - len(bets)) if nobody else (bet.player_id, bet.start_tick)
        if key not in bets or bet.payout_sol is not None:
            bets[key] = bet
    return tuple(sorted(bets.values(), key=lambda bet: (bet.start_tick is None, bet.start_tick)))


def _records(value: object, most: int) -> Iterable[Mapping[str, Any]]:
    return (
        [row for row in value[:most] if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
    )


def _standing(row: Mapping[str, Any]) -> Standing:
    coin = row.get("selectedCoin")
    practice = is_practice(coin.get("address", coin) if isinstance(coin, Mapping) else coin)
    found = read_fields(row, STANDING_FIELDS, practice)
    return Standing(**found, has_sidebet=_has_sidebet(row), practice=practice)


def _has_sidebet(row: Mapping[str, Any]) -> bool | None:
    if isinstance(row.get("sideBet"), Mapping):
        return True
    active = row.get("sidebetActive", ...)
    if active is None or (active is ... and row.get("sideBet", ...) is None):
        return False  # null is how the server says that there is none
    return as_flag(active)


def _bet(record: Mapping[str, Any]) -> PlayerBet:
    practice = is_practice(record.get("coinAddress"))
    fields = PLACED_FIELDS if record.get("type") == "placed" else PAYOUT_FIELDS
    return PlayerBet(**read_fields(record, fields, practice), practice=practice)
