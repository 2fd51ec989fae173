"""What a page is sent: one message per period, made by reading the feed's ring from a cursor.

The message is a small dictionary and one buffer of float64, columns one after the other; absent is NaN:

``rows``      the new rows of the ring, `COLUMNS`
``path``      the running game's complete path (price, back-filled), for a new game and when the book's
              revision moved: ticks in their order the page takes from the rows
``ghost``     the last finished game's path (price, back-filled), only when it changed
``parts``     the state of each part of the view whose version moved (`rugs_lab.views.page.part_base`)

The page checks ``seq`` (messages, without holes) and asks for a snapshot when one is missing. A snapshot is
the same message with ``kind`` "snapshot": all rows there are, both paths, and everything else.
"""

import math
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.feed.core.feed import Feed
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.message_rows import NOT_A_TIME, Rows
from rugs_lab.views.page.part_base import Part
from rugs_lab.views.parts.record_button import RecordButton

COLUMNS: Final = (
    "received_ms",
    "game",
    "kind",
    "phase",
    "tick",
    "price",
    "active",
    "rugged",
    "cooldown_ms",
    "allow_pre_round_buys",
    "trade_count",
    "players",
)
"""Columns of the page's rows, in the order of the buffer; ``received_ms`` is UTC, milliseconds since 1970."""

STATUS_EVERY_S: Final = 0.5
HOLD_S: Final = 0.5
"""Longest pause of the messages while a replay seeks, so that no state in between is shown."""

TABLE_GAMES: Final = 12
SAVED_ROWS: Final = 50
REMEMBERED: Final = 2400
"""Messages, two minutes of them, of which is known when they were sent."""

Message = dict[str, Any]


class Numbers:
    """The numbers of a page's messages, 1 on (`newest`), and when each was made: what the page shows then."""

    def __init__(self) -> None:
        self.newest = 0
        self._made_s: deque[float] = deque(maxlen=REMEMBERED)

    def next(self, now_s: float) -> int:
        """Number a message that is made now."""
        self.newest += 1
        self._made_s.append(now_s)
        return self.newest

    def made_s(self, number: object) -> float:
        """Return when a message was made, in the time of `next`; -inf when that is not known (any more)."""
        back = self.newest - number + 1 if type(number) is int else 0
        return self._made_s[-back] if 0 < back <= len(self._made_s) else -math.inf


class Stream:
    """Reads one feed for one page; `now_ns` is the wall clock, from which the page computes ages."""

    def __init__(
        self,
        feed: Feed,
        now_ns: Callable[[], int],
        record: RecordButton | None = None,
        parts: Sequence[Part] = (),
    ) -> None:
        self._feed = feed
        self._record = record
        self._parts = parts
        self._now_ns = now_ns
        self.numbers = Numbers()
        self._snapshot_due = True
        self._cursor = self._oldest = 0
        self._epoch = feed.epoch
        self._arrived_at = -math.inf
        self._moved = False
        self._forget()

    def snapshot(self) -> tuple[Message, bytes]:
        """Return what another page would be sent first, with the newest rows only."""
        other = Stream(self._feed, self._now_ns, self._record, self._parts)
        other._oldest = max(self._feed.ring.cursor - SAVED_ROWS, 0)
        made = other.next(0.0)
        assert made is not None
        return made

    def restart(self) -> None:
        """Make the next message a snapshot."""
        self._snapshot_due = True

    def look_again(self) -> None:
        """Have the next message carry the state as it is then."""
        self._status_at = -math.inf

    def next(self, now_s: float, **more: Any) -> tuple[Message, bytes] | None:
        """Return what is new since the last call, or None when nothing is.

        `now_s`: Monotonic seconds; state and metrics are looked at twice a second, rows every time.
        `more`: Members added to the message; with any of them there is always a message.
        """
        if not self._feed.moving:
            self._arrived_at = now_s
        elif now_s - self._arrived_at < HOLD_S and not more:
            return None
        if self._feed.epoch != self._epoch:  # rows or games were taken back
            self._epoch = self._feed.epoch
            self._snapshot_due = True
        revision = self._feed.book.revision
        rows = self._feed.ring.since(self._oldest if self._snapshot_due else self._cursor)
        snapshot = self._snapshot_due or rows.start > self._cursor
        if snapshot:
            self._forget()
            rows = rows if self._snapshot_due else self._feed.ring.since(0)
        message: Message = {}
        moved_before = self._moved
        buffers = self._rows(rows, message)
        # The ring gets a message just before the book does: look at the book once more, a round later.
        moved, self._moved = bool(len(rows)) or snapshot, bool(len(rows))
        buffers += self._running(revision, moved or moved_before, message)
        if now_s - self._status_at >= STATUS_EVERY_S or self._status.get("state") != str(self._feed.state):
            self._status_at = now_s
            buffers += self._slow(message)
        for part in self._parts:
            version = part.version()
            if part.name not in self._versions or self._versions[part.name] != version:
                self._versions[part.name] = version
                message.setdefault("parts", {})[part.name] = part.status()
        if not (snapshot or len(rows) or message or more):
            return None
        self._snapshot_due = False
        head = {
            "kind": "snapshot" if snapshot else "rows",
            "seq": self.numbers.next(now_s),
            "n": len(rows),
            "row": rows.start,
        }
        return {**head, **message, **more}, b"".join(buffers)

    def _forget(self) -> None:
        """Take the page as one that knows nothing."""
        self._codes: dict[str, int] = {}
        self._revision: int | None = None
        self._game: str | None = None
        self._rug_tick: int | None = None
        self._ghost: tuple[object, ...] = ()
        self._table: list[list[Any]] = []
        self._status: Message = {}
        self._status_at = -math.inf
        self._versions: dict[str, Hashable] = {}

    def _rows(self, rows: Rows, message: Message) -> list[bytes]:
        self._cursor = rows.stop
        if not len(rows):
            return []
        values = rows.columns
        received = values["received_ns"]
        known = {
            "received_ms": np.where(received == NOT_A_TIME, np.nan, received / 1e6),
            "game": self._code(rows, message),
        }
        return [
            np.ascontiguousarray(known[name] if name in known else _absent_is_nan(values[name])).tobytes()
            for name in COLUMNS
        ]

    def _code(self, rows: Rows, message: Message) -> NDArray[np.float64]:
        used, where = np.unique(rows.columns["game"], return_inverse=True)
        return np.array([self._code_of(rows.games[int(code)], message) for code in used], np.float64)[where]

    def _code_of(self, game_id: str, message: Message) -> int:
        """Return the page's number of a game, which is sent with its id the first time."""
        code = self._codes.get(game_id)
        if code is None:
            code = self._codes[game_id] = len(self._codes)
            message.setdefault("ids", {})[str(code)] = game_id
        return code

    def _running(self, revision: int, moved: bool, message: Message) -> list[bytes]:
        """Put into the message which game runs, and its complete path when rows alone would not give it."""
        if not moved and revision == self._revision:
            return []
        game = self._feed.book.running
        if game is None:
            return []
        switched = game.id != self._game
        rugged = game.rug_tick != self._rug_tick
        backfilled = revision != self._revision
        self._revision, self._game, self._rug_tick = revision, game.id, game.rug_tick
        if switched or rugged:
            self._status_at = -math.inf
            message["game"] = self._code_of(game.id, message)
            message["rug_tick"] = game.rug_tick
        if not (switched or backfilled):
            return []
        message["path"] = self._describe(game, message)
        return [_path(game)]

    def _slow(self, message: Message) -> list[bytes]:
        games = self._feed.games
        status = _status(self._feed, self._record)
        if status != self._status:
            self._status = status
            message["status"] = status
        now_ns = self._feed.present_ns()
        message["now_ms"] = (self._now_ns() if now_ns is None else now_ns) / 1e6
        _verify_one(games[-TABLE_GAMES:])
        table = [_table_row(game) for game in reversed(games[-TABLE_GAMES:])]
        if table != self._table:
            self._table = table
            message["table"] = table
        return self._last_finished(games, message)

    def _last_finished(self, games: Sequence[Game], message: Message) -> list[bytes]:
        game = next((game for game in reversed(games[-TABLE_GAMES:]) if len(game)), None)
        if game is None:
            return []
        ghost = (game.id, len(game), game.rug_tick, game.missing, game.source)
        if ghost == self._ghost:
            return []
        self._ghost = ghost
        message["ghost"] = self._describe(game, message)
        return [_path(game)]

    def _describe(self, game: Game, message: Message) -> Message:
        return {"game": self._code_of(game.id, message), "n": len(game), "rug_tick": game.rug_tick}


def _absent_is_nan(values: NDArray[Any]) -> NDArray[np.float64]:
    if values.dtype.kind == "f":
        return values.astype(np.float64)
    numbers = values.astype(np.float64)
    numbers[values < 0] = np.nan
    return numbers


def _path(game: Game) -> bytes:
    return game.prices.astype(np.float64).tobytes() + game.backfilled.astype(np.float64).tobytes()


def _table_row(game: Game) -> list[Any]:
    ticks = game.rug_tick if game.rug_tick is not None else max(len(game) - 1, 0)
    return [game.id, _number(game.peak), ticks, game.status, game.source, game.verified_already]


def _verify_one(games: Sequence[Game]) -> None:
    """Check one game against its seed, the newest first: it takes some ms, and the next round is soon."""
    for game in reversed(games):
        if game.server_seed is not None and game.verified_already is None and game.verified is not None:
            return


def _status(feed: Feed, button: RecordButton | None) -> Message:
    state = feed.state
    record = None if button is None else {name: _number(value) for name, value in button.status().items()}
    return {
        "state": str(state),
        "reason": str(state.reason),
        "since_ms": state.since_ns / 1e6 if state.since_ns is not None else None,
        "again_ms": state.again_ns / 1e6 if state.again_ns is not None else None,
        "live": bool(feed.running),
        "phase": str(feed.phase),
        "record": record,
        "metrics": [[str(name), _number(value)] for name, value in feed.metrics.items()],
    }


def _number(value: Any) -> Any:
    """Return a value that JSON can hold: absent and not finite become null, stray bytes of a path visible."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, bool) or value is None:
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
