"""What is not the game: notices of events, chat, drawings. Clients must live with it (PROTOCOL section 1).

Two-argument events carry a trace object first; ``rugRoyaleUpdate`` comes with one argument. Of most notices
only the keys are those of the server.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from rugs_lab.feed.server.simulation import payloads
from rugs_lab.feed.server.simulation.clock import iso_utc
from rugs_lab.feed.server.simulation.player_trading import draw_id
from rugs_lab.feed.server.simulation.players import Player

Message = tuple[str, tuple[Any, ...]]

GOLDEN_CYCLE_MS: Final = 1_800_000
GOLDEN_MS: Final = 720_000
"""Golden hours of the simulation: the first 12 of every 30 minutes."""

CHAT_MEAN_MS: Final = 8_000
GOLDEN_EVERY_MS: Final = 15_000
BATTLE_EVERY_MS: Final = 60_000


def golden(now_ms: int) -> bool:
    """Tell whether a golden hour is on."""
    return now_ms % GOLDEN_CYCLE_MS < GOLDEN_MS


def traced(rng: Random, event: str, payload: dict[str, Any], trace: int | None = None) -> Message:
    """Return a two-argument event; events of one cause share the 128-bit `trace`."""
    cause = rng.getrandbits(128) if trace is None else trace
    parent = f"00-{cause:032x}-{rng.getrandbits(64):016x}-01"
    return event, ({"__trace": True, "traceparent": parent}, payload)


def on_connect(rng: Random, now_ms: int) -> list[Message]:
    """Return what follows the snapshot on connect."""
    cause = rng.getrandbits(128)
    return [
        traced(rng, "goldenHourUpdate", _golden_hour(now_ms), cause),
        traced(rng, "battleEventUpdate", _battle(), cause),
        ("rugRoyaleUpdate", ({"status": "INACTIVE", "events": []},)),
        traced(rng, "sidebetEventUpdate", {"status": "INACTIVE", "events": []}, cause),
        traced(rng, "battleEventUpdate", _battle(), cause),
        traced(rng, "maintenanceUpdate", {"active": False, "message": "", "mega": False}),
    ]


def ambient(rng: Random, now_ms: int, players: tuple[Player, ...]) -> Iterator[tuple[int, Message]]:
    """Yield (due, message) for ever, in order of time: chat, and notices at fixed intervals (Unix ms)."""
    chat = now_ms + _pause(rng)
    golden_due = now_ms + GOLDEN_EVERY_MS
    battle = now_ms + BATTLE_EVERY_MS
    while True:
        due = min(chat, golden_due, battle)
        if due == chat:
            yield due, traced(rng, "newChatMessage", payloads.chat(rng.choice(players), due - 40))
            chat = due + _pause(rng)
        elif due == golden_due:
            if golden(due):
                yield due, traced(rng, "goldenHourUpdate", _golden_hour(due))
            golden_due = due + GOLDEN_EVERY_MS
        else:
            yield due, traced(rng, "battleEventUpdate", _battle())
            battle = due + BATTLE_EVERY_MS


def drawing(rng: Random, now_ms: int, game_id: str, players: tuple[Player, ...]) -> Message:
    """Return the drawing that ends a golden game."""
    entrants = rng.sample(players, k=min(len(players), rng.randrange(8, 30)))
    counts = [rng.randrange(1, 51) for _ in entrants]
    total = sum(counts)
    entries = [
        {
            "playerId": player.id,
            "username": player.username,
            "entryCount": count,
            "entryPercentage": 100 * count / total,
        }
        for player, count in zip(entrants, counts, strict=True)
    ]
    winner = rng.choices(range(len(entrants)), counts)[0]
    payload = {
        "id": draw_id(rng),
        "timestamp": now_ms,
        "gameId": game_id,
        "entries": entries,
        "winnerIndex": winner,
        "prizeAmount": 0.05,
        "winnerPlayerId": entrants[winner].id,
    }
    return traced(rng, "goldenHourDrawing", payload)


def _golden_hour(now_ms: int) -> dict[str, Any]:
    on = golden(now_ms)
    begin = now_ms - now_ms % GOLDEN_CYCLE_MS
    event = {
        "id": f"golden-{begin}",
        "startTime": iso_utc(begin),
        "endTime": iso_utc(begin + GOLDEN_MS),
    }
    return {
        "status": "ACTIVE" if on else "INACTIVE",
        "activeEventId": event["id"] if on else None,
        "currentEvent": event if on else None,
        "upcomingEvents": [],
        "events": [event] if on else [],
        "currentGameIsGolden": on,
    }


def _battle() -> dict[str, Any]:
    return {
        "status": "SCHEDULED",
        "startTime": None,
        "endTime": None,
        "nextEventStartTime": None,
        "currentEvent": None,
        "nextEvent": None,
        "leaderboard": [],
        "fullLeaderboardSize": 0,
        "playerPosition": None,
        "participantCount": 0,
        "activeBattleCount": 0,
        "lobbyCreationDisabled": False,
        "queue": {},
        "isShowingPreviousEvent": None,
        "eventSchedule": [],
        "config": {},
    }


def _pause(rng: Random) -> int:
    return 200 + int(rng.expovariate(1 / CHAT_MEAN_MS))
