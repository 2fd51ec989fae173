"""A recorded `Game` → the `Timeline` that plays it: messages that hold what is known, and nothing else.

Two seconds of presale, tick 0, a tick each 250 ms, the rug, and, where seed, bets or every price are known,
a late full message with the game's entry in the history. A missing tick has no message and no place in
``partialPrices``. The rug has the last leaderboard; players and trades are not counted.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from rugs_lab.feed.replay.timeline import TimedEvent, Timeline
from rugs_lab.game.event_text import json_text
from rugs_lab.game.leaderboard import PAYOUT_FIELDS, PLACED_FIELDS, STANDING_FIELDS, PlayerBet, Standing
from rugs_lab.game.limits import MESSAGE_MS, PARTIAL_TICKS, PRACTICE_COIN, SOL_COIN, TICK_MS
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.parse_values import Fields, believable, is_game_id
from rugs_lab.game.trade import TRADE_FIELDS
from rugs_lab.recordings.assembly.events import TRADE_EVENT, UPDATE_EVENT
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.message_rows import KINDS, MESSAGE, NOT_A_TIME
from rugs_lab.recordings.write.line_types import AnomalyLine, GapLine

LEAD_MS: Final = 2_000
"""Presale before tick 0."""

LATE_MS: Final = 1_000
"""From the rug to the late full message."""

PAUSE_MS: Final = 2_000
"""From the end of a game to the beginning of the next."""

_COINS: Final = {True: PRACTICE_COIN, False: SOL_COIN, None: "(another)"}


def playable(game: Game) -> bool:
    """Return whether a game has a tick to be shown, and a name that messages can carry."""
    return is_game_id(game.id) and bool(_known(game).any())


def timeline_of(game: Game, notes: Sequence[GapLine | AnomalyLine] = ()) -> Timeline:
    """Return the timeline of a game with the gaps and anomalies of its recording."""
    head = _head(game)
    events = [*_presale(head)]
    stops: dict[int, int] = {}
    known = _known(game)
    times_ns = _times_ns(game, len(known))
    trades = _trades(game, len(known) - 1)
    window: list[tuple[int, str]] = []
    now = -1
    for tick, (price, is_known) in enumerate(zip(game.prices[: len(known)].tolist(), known, strict=True)):
        at_ms = LEAD_MS + TICK_MS * tick
        at_ns = times_ns[tick]
        rug = tick == game.rug_tick
        if is_known:
            now = tick
            window.append((tick, f'"{tick}":{price!r}'))
        if is_known or rug:
            window = [each for each in window if each[0] > tick - PARTIAL_TICKS]
            board = game.recorded_board if rug else ()
            text = _tick(head, tick, price if is_known else None, rug, [part for _, part in window], board)
            events.append(TimedEvent(at_ms, now, at_ns, text))
        events += [TimedEvent(at_ms, now, heard_ns or at_ns, text) for heard_ns, text in trades[tick]]
        if is_known:
            stops[now] = len(events)
    entry = _entry(game, bool(known.all()))
    if entry is not None:
        late_ms = events[-1].at_ms + LATE_MS
        text = f'{head},"active":true,"rugged":true,"gameHistory":[{entry}]}}]'
        events.append(TimedEvent(late_ms, now, None, text))
    ends = game.rug_tick is not None and (bool(known[-1]) or game.server_seed is not None)
    last_ticks = [_last_tick(note) for note in notes]
    comes = [-1 if tick is None else min(tick, now) for tick in last_ticks]
    noted = list(zip(comes, notes, strict=True))
    return Timeline(game.id, events, stops, 1, PAUSE_MS, ends, game, notes=noted)


def _last_tick(note: GapLine | AnomalyLine) -> int | None:
    if isinstance(note, AnomalyLine):
        return note.tick
    return note.first_tick if note.last_tick is None else note.last_tick


def _known(game: Game) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return for each tick up to the rug whether its price is known and one that a message can carry."""
    prices = game.prices if game.rug_tick is None else game.prices[: game.rug_tick + 1]
    if game.rug_tick is not None and len(prices) <= game.rug_tick:
        prices = np.concatenate([prices, np.full(game.rug_tick + 1 - len(prices), np.nan)])
    return believable(prices)


def _times_ns(game: Game, count: int) -> list[int] | list[None]:
    """Return when each tick was received, or would have been, by its neighbours and at the usual pace; ns."""
    rows = np.frombuffer(game.recorded_messages, MESSAGE)
    rows = rows[
        (rows["active"] == 1) & (rows["tick"] >= 0) & (rows["kind"] != KINDS.index(MessageKind.RUG1B))
    ]
    ticks, first = np.unique(rows["tick"], return_index=True)
    times = rows["received_ns"][first]
    if not len(times) or (times == NOT_A_TIME).any():
        if game.started_ns is None:
            return [None] * count
        ticks, times = np.array([np.argmax(_known(game))]), np.array([game.started_ns])
    every = np.arange(count)
    beyond = every - np.clip(every, ticks[0], ticks[-1])
    between = np.interp(every, ticks, (times - times[0]).astype(np.float64))
    at: list[int] = (times[0] + between.astype(np.int64) + beyond * TICK_MS * 1_000_000).tolist()
    return at


def _head(game: Game) -> str:
    fair = _known_fields(serverSeedHash=game.server_seed_hash, version=game.version)
    commitment = f',"provablyFair":{json_text(fair)}' if fair else ""
    return f'["{UPDATE_EVENT}",{{"gameId":{json_text(game.id)}{commitment}'


def _presale(head: str) -> Iterator[TimedEvent]:
    for at_ms in range(0, LEAD_MS, MESSAGE_MS):
        flags = "" if at_ms else ',"active":false,"rugged":false'
        timer = f',"cooldownTimer":{LEAD_MS - at_ms},"allowPreRoundBuys":true'
        yield TimedEvent(at_ms, -1, None, f"{head}{flags}{timer}}}]")


def _tick(
    head: str,
    tick: int,
    price: float | None,
    rug: bool,
    window: list[str],
    board: tuple[Standing, ...],
) -> str:
    priced = "" if price is None else f',"price":{price!r}'
    first = max(0, tick - PARTIAL_TICKS + 1)
    rows = f',"leaderboard":{json_text([_standing(row) for row in board])}' if board else ""
    return (
        f'{head},"active":true,"rugged":{"true" if rug else "false"}{priced},"tickCount":{tick}'
        f',"cooldownTimer":0,"allowPreRoundBuys":false'
        f',"partialPrices":{{"startTick":{first},"endTick":{tick},"values":{{{",".join(window)}}}}}{rows}}}]'
    )


def _trades(game: Game, last: int) -> defaultdict[int, list[tuple[int | None, str]]]:
    """Return time and event of the recorded trades by tick; those of later ticks with the last one."""
    texts: defaultdict[int, list[tuple[int | None, str]]] = defaultdict(list)
    for trade in sorted(game.recorded_trades, key=lambda trade: trade.tick):
        text = f'["{TRADE_EVENT}",{json_text(_written(trade, TRADE_FIELDS, coin=_COINS[trade.practice]))}]'
        texts[min(trade.tick, last)].append((trade.received_ns, text))
    return texts


def _entry(game: Game, complete: bool) -> str | None:
    """Return the entry of the history that a finished game had, or None where nothing is known for it."""
    if game.rug_tick is None or not (complete or game.server_seed is not None or game.recorded_bets):
        return None
    fair = _known_fields(serverSeed=game.server_seed, serverSeedHash=game.server_seed_hash)
    entry = _known_fields(
        id=game.id,
        timestamp=game.ended_ms,
        rugged=True,
        prices=game.prices.tolist() if complete else None,
        peakMultiplier=game.peak if complete and game.rug_tick else None,
        globalSidebets=[_bet(bet) for bet in game.recorded_bets] or None,
        provablyFair=fair or None,
        gameVersion=game.version,
    )
    return json_text(entry)


def _standing(row: Standing) -> dict[str, Any]:
    coin = {"address": _COINS[row.practice]}
    return _written(row, STANDING_FIELDS, sidebetActive=row.has_sidebet, selectedCoin=coin)


def _bet(bet: PlayerBet) -> dict[str, Any]:
    kind, fields = ("placed", PLACED_FIELDS) if bet.payout_sol is None else ("payout", PAYOUT_FIELDS)
    return _written(bet, fields, type=kind, coinAddress=_COINS[bet.practice])


def _written(value: Any, fields: Fields, **more: Any) -> dict[str, Any]:
    """Return what is known of a value as the server writes it."""
    return _known_fields(**{key: getattr(value, name) for name, (key, _) in fields.items()}, **more)


def _known_fields(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
