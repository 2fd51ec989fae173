"""Frames of ``gameStateUpdate`` and other payloads, key by key in the order of the message.

A `ServerState` is all that a message can show at one moment; each function shows one kind of message of it.
"""

from dataclasses import dataclass
from typing import Any, Final

from rugs_lab.feed.server.simulation.player_trading import Fill
from rugs_lab.feed.server.simulation.players import Player
from rugs_lab.feed.server.simulation.rounds import Round, number
from rugs_lab.game.limits import PARTIAL_TICKS, PRACTICE_COIN, START_PRICE

Payload = dict[str, Any]

_SHITCOINS: Final = (
    {
        "address": PRACTICE_COIN,
        "ticker": "FREE",
        "name": "Practice SOL",
        "max_bet": 10000,
        "max_win": 100000,
    },
)
_RUG_ROYALE: Final[Payload] = {
    "status": "INACTIVE",
    "activeEventId": None,
    "currentEvent": None,
    "upcomingEvents": [],
    "events": [],
}


@dataclass(frozen=True, slots=True)
class ServerState:
    """What the server shows at one moment.

    `tick`: last tick shown. `players`, `trades`: their numbers. `history`: the newest game first. `counts`,
    `bests`, `rugpool`: from `SessionRecords`. `drift`: of the tick number of a late rug message, ticks.
    """

    game: Round
    tick: int
    timer_ms: int
    active: bool
    rugged: bool
    presale: bool
    board: list[dict[str, Any]]
    players: int
    trades: int
    history: list[Payload]
    counts: Payload
    bests: Payload
    rugpool: Payload
    drift: int = 0


def delta(state: ServerState) -> Payload:
    """Return a message of seven keys (cooldown, presale)."""
    return {
        "gameId": state.game.id,
        "cooldownTimer": state.timer_ms,
        "cooldownPaused": False,
        "allowPreRoundBuys": state.presale,
        "leaderboard": state.board,
        "connectedPlayers": state.players,
        "provablyFair": _commitment(state.game),
    }


def tick_frame(state: ServerState) -> Payload:
    """Return a message of 21 keys (active, rug1a, presale_open)."""
    return {
        "active": state.active,
        "price": _price(state),
        "partialPrices": _partial(state),
        "tradeCount": state.trades,
        "rugged": state.rugged,
        "tickCount": state.tick,
        **_timer(state),
        **state.counts,
        "leaderboard": state.board,
        "gameId": state.game.id,
        "connectedPlayers": state.players,
        "rugpool": state.rugpool,
        "rugRoyale": _RUG_ROYALE,
        "provablyFair": _commitment(state.game),
    }


def start(state: ServerState) -> Payload:
    """Return a message of 14 keys (tick 0)."""
    return {**_state(state), "partialPrices": _partial(state), "provablyFair": _commitment(state.game)}


def full(state: ServerState) -> Payload:
    """Return a message with history (start_full, rug1b, rug2)."""
    return {**_history(state), **start(state)}


def snapshot(state: ServerState) -> Payload:
    """Return what a client gets on connect: history and every price of the running game."""
    prices = state.game.wire(state.tick + 1)
    return {
        **_history(state),
        **_state(state),
        "prices": prices,
        "provablyFair": _commitment(state.game),
    }


def finished(game: Round, timestamp: int, sidebets: list[dict[str, Any]]) -> Payload:
    """Return the entry of ``gameHistory`` of a finished game, its seed revealed where it is known."""
    fair = {"serverSeedHash": game.server_seed_hash}
    if game.server_seed is not None:
        fair = {"serverSeed": game.server_seed, **fair}
    return {
        "id": game.id,
        "timestamp": timestamp,
        "prices": game.wire(),
        "peakMultiplier": number(game.peak),
        "rugged": True,
        "globalTrades": [],
        "globalSidebets": sidebets,
        "provablyFair": fair,
        **_version(game, "gameVersion"),
    }


def trade(fill: Fill, trade_id: str, game_id: str) -> Payload:
    """Return ``standard/newTrade``; buys and sells order their keys differently."""
    price, amount, units = number(fill.price), number(fill.amount_sol), number(fill.units)
    coin = PRACTICE_COIN if fill.player.practice else "solana"
    who = {"id": trade_id, "gameId": game_id, "playerId": fill.player.id}
    paid = {"bonusPortion": 0, "realPortion": amount, **_name(fill.player)}
    if fill.type == "buy":
        order = {"price": price, "type": "buy", "qty": units, "tickIndex": fill.tick}
        return {**who, **order, "coin": coin, "amount": amount, "leverage": 1, **paid}
    order = {"type": "sell", "price": price, "tickIndex": fill.tick}
    return {**who, **order, "coin": coin, "amount": amount, "qty": units, **paid}


def chat(player: Player, timestamp: int) -> Payload:
    """Return ``newChatMessage``, without a text."""
    return {
        "playerId": player.id,
        **_name(player),
        "message": "",
        "timestamp": timestamp,
        "filtered": False,
        "role": None,
        "tag": None,
        "verified": True,
        "discordUsername": None,
        "replyTo": None,
    }


def _history(state: ServerState) -> Payload:
    return {
        "gameHistory": state.history,
        **state.counts,
        **state.bests,
        "availableShitcoins": _SHITCOINS,
    }


def _state(state: ServerState) -> Payload:
    return {
        "active": state.active,
        "price": _price(state),
        "rugged": state.rugged,
        "tickCount": state.tick + state.drift,
        **_timer(state),
        "leaderboard": state.board,
        "gameId": state.game.id,
        "connectedPlayers": state.players,
        **_version(state.game, "gameVersion"),
    }


def _timer(state: ServerState) -> Payload:
    return {
        "cooldownTimer": state.timer_ms,
        "cooldownPaused": False,
        "pauseMessage": "",
        "allowPreRoundBuys": state.presale,
    }


def _price(state: ServerState) -> int | float:
    return number(state.game.prices[state.tick] if state.active else START_PRICE)


def _partial(state: ServerState) -> Payload:
    if not state.active:
        return {"startTick": 0, "endTick": 0, "values": {"0": number(START_PRICE)}}
    first = max(0, state.tick - PARTIAL_TICKS + 1)
    prices = state.game.prices
    values = {str(tick): number(prices[tick]) for tick in range(first, state.tick + 1)}
    return {"startTick": first, "endTick": state.tick, "values": values}


def _commitment(game: Round) -> Payload:
    return {"serverSeedHash": game.server_seed_hash, **_version(game, "version")}


def _version(game: Round, key: str) -> Payload:
    return {} if game.version is None else {key: game.version}


def _name(player: Player) -> Payload:
    return {"username": player.username, "level": player.level}
