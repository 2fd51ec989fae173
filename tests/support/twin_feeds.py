"""What must hold for a feed, whatever comes: checked message by message, for fuzzing and tests.

`Twins` gives two feeds the same: one the text, as a socket does, the other what the standard library makes of
that text, as a replay does. The text goes through the compiled reader where it can, the other never; what
they keep and count must be the same, and every value in a row must be the payload's own. The rules for what
is usable are written out here a second time, so that the parser does not judge itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from math import inf, isnan
from typing import Any, Final

import numpy as np

from rugs_lab.errors import PayloadError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.game.event_text import data_of, decode_event, too_deep
from rugs_lab.game.provably_fair import replay_prices
from rugs_lab.recordings.assembly.events import UPDATE_EVENT
from rugs_lab.recordings.games.game import Game, Source

ROWS: Final = 64
_ID: Final = re.compile(r"[!-~]{1,64}")
_COUNT: Final = 2**31 - 1
_WHOLE: Final = {
    "tick": ("tickCount", 1_000_000),
    "cooldown_ms": ("cooldownTimer", 86_400_000),
    "trade_count": ("tradeCount", _COUNT),
    "players": ("connectedPlayers", _COUNT),
}
_FLAGS: Final = {"active": "active", "rugged": "rugged", "allow_pre_round_buys": "allowPreRoundBuys"}
_TIMED: Final = ("[ms]", "[MB]", "[s]", "[messages/s]")


class Twins:
    """Two feeds that must agree.

    Attributes
    ----------
    text, args
        The feed that takes texts, and the one that takes arguments.

    Examples
    --------
    >>> twins = Twins()
    >>> twins.tell('["gameStateUpdate",{"gameId":"g1","tickCount":4,"price":"1.5"}]')
    []
    >>> twins.text.health.rejected_fields
    Counter({'price': 1})
    >>> twins.compare()
    []
    """

    def __init__(self) -> None:
        self.text = Feed(ROWS)
        self.args = Feed(ROWS)
        self._told: set[float] = set()
        self._messages = 0

    def connect(self) -> None:
        """Note a new connection in both."""
        for feed in (self.text, self.args):
            feed.connection_made()

    def tell(self, text: str) -> list[str]:
        """Give a message to both; return what does not hold, in words."""
        self._messages += 1
        now_ns = self._messages * 1_000_000
        before = self.text.ring.cursor
        try:
            self.text.take_text(text, now_ns)
        except Exception as error:
            return [f"take_text raised {type(error).__name__}: {error}"]
        event, args, why = _standard(text)
        try:
            if why:
                self.args.reject("(undecodable)", why)
            else:
                self.args.take(event, args, now_ns)
        except Exception as error:
            return [f"take raised {type(error).__name__}: {error}"]
        payload = data_of(args) if event == UPDATE_EVENT else None
        self._told.update(_prices_told(payload))
        return [
            *self._counted(),
            *_row_problems(self.text, payload, before),
            *_differences("", _tallies(self.text), _tallies(self.args)),
        ]

    def compare(self) -> list[str]:
        """Compare everything that the two keep and show; return what does not hold."""
        views: list[dict[str, Any]] = []
        try:
            views = [_shown(feed) for feed in (self.text, self.args)]
        except Exception as error:
            return [f"showing what was kept raised {type(error).__name__}: {error}"]
        return [*_differences("shown ", *views), *self._invented()]

    def _counted(self) -> Iterator[str]:
        for name, feed in (("take_text", self.text), ("take", self.args)):
            health = feed.health
            counted = health.messages + health.trades + health.noise.total() + health.rejected.total()
            if counted != self._messages:
                yield f"{name} counted {counted} of {self._messages} messages"
                self._messages = counted

    def _invented(self) -> Iterator[str]:
        running = self.text.book.running
        for game in [*self.text.book.finished, *([] if running is None else [running])]:
            known = game.sources != Source.MISSING
            if (np.isnan(game.prices) == known).any():
                yield f"{game.id}: a missing price is not NaN, or a known one is"
            for price in game.prices[known & (game.sources != Source.SEED)].tolist():
                if price not in self._told:
                    yield f"{game.id}: nobody told the price {price!r}"
            if (game.sources == Source.SEED).any() and not _follows(game):
                yield f"{game.id}: a price that is said to be the seed's is not"


def _standard(text: str) -> tuple[str, tuple[Any, ...], str]:
    """Read the text of an event with the standard library: its name, its arguments, why it is none."""
    if too_deep(text):
        return "", (), "nested too deep"
    try:
        event = json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 400 else inf)
    except ValueError as error:
        return "", (), str(error)
    except RecursionError:
        try:
            return *decode_event(text), ""
        except PayloadError as error:
            return "", (), str(error)
    if not isinstance(event, list) or not event or not isinstance(event[0], str):
        return "", (), "no list that begins with a name"
    return event[0], tuple(event[1:]), ""


def _row_problems(feed: Feed, payload: object, before: int) -> Iterator[str]:
    rows = feed.ring.since(before)
    named = isinstance(payload, Mapping) and isinstance(payload.get("gameId"), str)
    expected = int(named and _ID.fullmatch(payload["gameId"]) is not None)  # type: ignore[index]
    if len(rows) != expected:
        yield f"{len(rows)} rows came of a message that holds {expected}"
        return
    if not isinstance(payload, Mapping) or not expected:
        return
    columns = {name: values[0] for name, values in rows.columns.items()}
    if rows.games[columns["game"]] != payload["gameId"]:
        yield f"the row names the game {rows.games[columns['game']]!r} instead of {payload['gameId']!r}"
    price = _price(payload.get("price"))
    if not (isnan(columns["price"]) if price is None else columns["price"] == price):
        yield f"price {columns['price']} in the row, {payload.get('price')!r} in the payload"
    for name, (key, most) in _WHOLE.items():
        whole = _whole(payload.get(key), most)
        if columns[name] != (-1 if whole is None else whole):
            yield f"{name} {columns[name]} in the row, {payload.get(key)!r} in the payload"
    for name, key in _FLAGS.items():
        value = payload.get(key)
        if columns[name] != (int(value) if isinstance(value, bool) else -1):
            yield f"{name} {columns[name]} in the row, {value!r} in the payload"


def _price(value: object) -> float | None:
    if type(value) not in (int, float) or not 0 < value <= 1e15:  # type: ignore[operator]
        return None
    return float(value)  # type: ignore[arg-type]


def _whole(value: object, most: int) -> int | None:
    if type(value) not in (int, float) or not 0 <= value <= most or value % 1 != 0:  # type: ignore[operator]
        return None
    return int(value)  # type: ignore[call-overload, no-any-return]


def _prices_told(payload: object) -> Iterator[float]:
    """Every number of a payload that may become the price of a tick."""
    if not isinstance(payload, Mapping):
        return
    window, history = payload.get("partialPrices"), payload.get("gameHistory")
    places = [[payload.get("price")], payload.get("prices")]
    if isinstance(window, Mapping) and isinstance(window.get("values"), Mapping):
        places.append(list(window["values"].values()))
    if isinstance(history, list):
        places += [record.get("prices") for record in history if isinstance(record, Mapping)]
    for place in places:
        for value in place if isinstance(place, list) else ():
            if (price := _price(value)) is not None:
                yield price


def _follows(game: Game) -> bool:
    replayed = replay_prices(game.server_seed or "", game.id, game.version or "v3")
    of_seed = np.flatnonzero(game.sources == Source.SEED)
    return bool(of_seed[-1] < len(replayed) and (replayed[of_seed] == game.prices[of_seed]).all())


def _tallies(feed: Feed) -> dict[str, Any]:
    health, book, tracker = feed.health, feed.book, feed.tracker
    return {
        "frames": health.messages,
        "rows": feed.ring.cursor,
        "trades": (health.trades, health.practice_trades),
        "noise": health.noise,
        "rejected": health.rejected.total(),
        "rejected fields": health.rejected_fields,
        "unknown keys": health.unknown_keys,
        "phase": (tracker.phase, tracker.game_id, tracker.late, tracker.overtaken, tracker.illegal_count),
        "ticks": (book.missed, book.backfilled, book.reordered, book.after_rug, book.contradictions),
        "games": (book.running_length, book.finished_count, book.revision),
    }


def _shown(feed: Feed) -> dict[str, Any]:
    metrics = {name: value for name, value in feed.metrics.items() if not str(name).endswith(_TIMED)}
    games = [*feed.games, *([] if feed.game is None else [feed.game])]
    for game in games:
        repr(game)
    return {
        "rows": feed.frame,
        "metrics": metrics,
        "games": [
            (
                game.id,
                game.prices.tobytes(),
                game.sources.tobytes(),
                game.rug_tick,
                game.status,
                game.verified,
            )
            for game in games
        ],
        "table of games": feed.games.frame,
        "ticks": None if feed.game is None else feed.game.frame,
        "trades": feed.trades,
        "leaderboard": feed.leaderboard,
        "stats": feed.stats,
    }


def _differences(what: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    for name, value in one.items():
        same = value.equals(other[name]) if hasattr(value, "equals") else value == other[name]
        if not same and repr(value) != repr(other[name]):
            yield f"{what}{name}: {_short(value)} by take_text, {_short(other[name])} by take"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}..."
