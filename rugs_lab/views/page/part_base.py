"""Parts of a view beyond the feed itself: each has a state for the page, and actions that it may ask for.

A `Part` is looked at by the hub once per round; its state goes to the page when its version moved. What the
page asks for, ``{"kind": "do", "name": "trade.buy", "args": {...}, "id": 7}``, is queued by the handler and
executed by `Commands`, in order and each once, on a thread of its own. With it goes what the page showed
(`Seen`): a command that a busy kernel or a lost network held up is not executed on what followed.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from rugs_lab.errors import ArgumentError, RugsLabError, raised
from rugs_lab.recordings.games.game import Game
from rugs_lab.views.page.background_worker import Worker

Action = Callable[..., object]

MOST_WAITING: Final = 1000
"""Commands that may wait; a page that asks for more gets an error."""

LIMIT_S: Final = 2.0
"""Age of what a page showed up to which a command given on it is executed, seconds."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed when a command was given: ``tick`` -1 is presale; its age now, and the limit, s."""

    game: str = ""
    tick: int = -1
    price: float | None = None
    age_s: float = inf
    limit_s: float = LIMIT_S

    @classmethod
    def of(cls, shown: object, age_s: float, limit_s: float) -> Seen:
        """Read it from a page's message."""
        values = shown if isinstance(shown, dict) else {}
        game, tick, price = (values.get(name) for name in ("game", "tick", "price"))
        return cls(
            str(game or "")[:100],
            tick if type(tick) is int and 0 <= tick < 10**6 else -1,
            finite(float(price)) if isinstance(price, int | float) else None,
            age_s,
            limit_s,
        )

    @property
    def late(self) -> bool:
        """Whether it is too old for a command."""
        return not self.age_s <= self.limit_s

    def check(self, game: str | None = None) -> None:
        """Raise ArgumentError when it is too old, or of another game than `game` (None: of any)."""
        words = f"not executed: the page showed {self}"
        if self.late:
            age = f"{self.age_s:.1f} s old" if self.age_s < inf else "of unknown age"
            raise ArgumentError(f"{words}, which is {age} (limit {self.limit_s:g} s)")
        if game is not None and game != self.game:
            raise ArgumentError(f"{words}, but the current game is {game or 'none'}")

    def __str__(self) -> str:
        where = "presale" if self.tick < 0 else f"tick {self.tick}"
        price = "" if self.price is None else f", {self.price:.4g}x"
        return f"{where}{price}, game {self.game or 'none'}"


class Part:
    """A part of a view; the hub's thread asks for its state, any other carries out its `actions`.

    `lasting` actions hold whenever they arrive; others are not executed when they are late. `bound` ones
    are given ``seen``, and check themselves whether they belong to what was seen.
    """

    name: str
    actions: Mapping[str, Action] = MappingProxyType({})
    lasting: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()

    def version(self) -> Hashable:
        """Return something that differs whenever `status` would."""
        return None

    def status(self) -> dict[str, Any]:
        """Return what the page shows, as JSON holds it."""
        return {}


def finite(value: float | None) -> float | None:
    """Return a value that JSON can hold: infinite and not a number become null."""
    return value if value is not None and isfinite(value) else None


def path_of(game: Game) -> dict[str, Any]:
    """Return a game's path as pages draw it: prices multipliers, null = missing; ``rug`` its rug tick."""
    prices = [finite(price) for price in game.prices.tolist()]
    return {"game": game.id, "prices": prices, "backfilled": game.backfilled.tolist(), "rug": game.rug_tick}


class Commands(Part):
    """Carries out what pages ask for; itself a part, whose state is how far it is and what went wrong.

    `done` is the number of the last command executed, in the page's counting, `trouble` why it was not;
    `limit_s` the age of what a page showed up to which commands on it are executed.
    """

    name = "commands"

    def __init__(self, parts: Iterable[Part], clock: Callable[[], float] = time.monotonic) -> None:
        self._found = {f"{part.name}.{name}": (part, name) for part in parts for name in part.actions}
        self._clock = clock
        self.limit_s = LIMIT_S
        self.done = 0
        self.trouble = ""
        self._worker = Worker(self._carry_out, "commands", most_waiting=MOST_WAITING)

    def put(self, name: object, args: object, number: int, shown: object = None, sent_s: float = inf) -> None:
        """Queue a command on what a page showed, sent to it then (inf: of no time); returns at once."""
        if not self._worker.put((str(name), args if isinstance(args, dict) else {}, number, shown, sent_s)):
            self.trouble = "too many commands at once: some were left out"

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        return self.done, self.trouble

    def status(self) -> dict[str, Any]:
        """Return how far the commands are executed."""
        return {"done": self.done, "trouble": self.trouble}

    def _carry_out(self, command: tuple[str, dict[str, Any], int, object, float]) -> None:
        name, arguments, number, shown, sent_s = command
        self.trouble = self._answer(name, arguments, shown, sent_s)
        self.done = number

    def _answer(self, name: str, arguments: dict[str, Any], shown: object, sent_s: float) -> str:
        if name not in self._found:
            return f"this view has nothing called {name[:60]!r}"
        part, action = self._found[name]
        try:
            seen = Seen.of(shown, self._clock() - sent_s, self.limit_s)
            if action in part.bound:
                arguments = {**arguments, "seen": seen}
            elif action not in part.lasting:
                seen.check()
            part.actions[action](**arguments)
        except RugsLabError as error:
            return str(error)
        except BaseException as error:  # sys.exit(), too: the page waits for an answer
            _log.exception("a command from the page failed")
            return raised(error)
        return ""


T = TypeVar("T")


class Throttle(Generic[T]):
    """What ``look()`` returned last; it is called again when `every_s` seconds are over."""

    def __init__(
        self, look: Callable[[], T], every_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look = look
        self._every_s = every_s
        self._clock = clock
        self._due = -math.inf
        self._seen: T | None = None

    def now(self) -> T | None:
        """Return what was seen last, looking again when it is time."""
        if self._clock() >= self._due:
            self._due = self._clock() + self._every_s
            self._seen = self._look()
        return self._seen
