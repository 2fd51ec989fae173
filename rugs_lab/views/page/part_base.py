"""Parts of a view beyond the feed itself: each has a state for the page, and actions that it may ask for.

A `Part` is looked at by the hub once per round; its state goes to the page when its version moved. What the
page asks for, ``{"kind": "do", "name": "trade.buy", "args": {...}, "id": 7}``, is queued by the handler and
executed by `Commands`, in order and each once, on a thread of its own.
"""

from __future__ import annotations

import logging
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.errors import RugsLabError
from rugs_lab.views.page.background_worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from rugs_lab.recordings.games.game import Game

    Action = Callable[..., object]

MOST_WAITING: Final = 1000
"""Commands that may wait; a page that asks for more gets an error."""

_log = logging.getLogger(__name__)


class Part:
    """A part of a view; the hub's thread asks for its state, any other carries out its `actions`.

    Attributes
    ----------
    name
        What the page calls it.
    actions
        What the page may ask for, by name; the arguments come as keywords.
    """

    name: str
    actions: Mapping[str, Action] = MappingProxyType({})

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

    Parameters
    ----------
    parts
        Whose actions may be asked for, as ``part.action``.

    Attributes
    ----------
    done
        Number of the last command executed, in the page's counting.
    trouble
        Why the last command was not executed, for people; empty when it was.
    """

    name = "commands"

    def __init__(self, parts: Iterable[Part]) -> None:
        self.actions = {
            f"{part.name}.{name}": action for part in parts for name, action in part.actions.items()
        }
        self.done = 0
        self.trouble = ""
        self._worker = Worker(self._carry_out, "commands", most_waiting=MOST_WAITING)

    def put(self, name: object, args: object, number: int) -> None:
        """Queue a command; returns at once, from any thread."""
        if not self._worker.put((str(name), args if isinstance(args, dict) else {}, number)):
            self.trouble = "too many commands at once: some were left out"

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        return self.done, self.trouble

    def status(self) -> dict[str, Any]:
        """Return how far the commands are executed."""
        return {"done": self.done, "trouble": self.trouble}

    def _carry_out(self, command: tuple[str, dict[str, Any], int]) -> None:
        name, arguments, number = command
        self.trouble = self._answer(name, arguments)
        self.done = number

    def _answer(self, name: str, arguments: dict[str, Any]) -> str:
        action = self.actions.get(name)
        if action is None:
            return f"this view has nothing called {name[:60]!r}"
        try:
            action(**arguments)
        except RugsLabError as error:
            return str(error)
        except Exception as error:
            _log.exception("a command from the page failed")
            return f"{type(error).__name__}: {error}"
        return ""
