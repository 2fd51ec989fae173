"""Traits of a view that are what its feed shows now; linked and observed as those of any ipywidget."""

import logging
from collections.abc import Callable
from contextvars import Context
from math import isfinite
from threading import RLock
from typing import Any, TypeVar

from traitlets import Bunch, HasTraits, TraitError, TraitType

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Shown(TraitType[T, T]):
    """A trait that is read by a function, and set by another one or not at all; the page has it too."""

    def __init__(self, read: Callable[[Any], T], write: Callable[[Any, T], object] | None = None) -> None:
        super().__init__(allow_none=True)
        self._read, self._write = read, write
        self.tag(sync=True, shown=True, to_json=lambda value, _: in_page(value))

    def get(self, obj: HasTraits, cls: Any = None) -> T:
        """Return what it is now."""
        return self._read(obj)

    def set(self, obj: HasTraits, value: Any) -> None:
        """Have it become so, and tell those who observe it."""
        if self._write is None:
            raise TraitError(f"{self.name} is what the feed shows: it can be observed, not set")
        self._write(obj, value)
        if isinstance(obj, TellsShown):
            obj.tell()


def in_page(value: Any) -> Any:
    """Return a value as JSON holds it: an object is its text, a number that is not finite null."""
    if isinstance(value, dict):
        return {name: in_page(each) for name, each in value.items()}
    if isinstance(value, float):
        return value if isfinite(value) else None
    if value is None or isinstance(value, int):
        return value
    return (value if isinstance(value, str) else repr(value)[:200]).encode("utf-8", "replace").decode()


class TellsShown:
    """A widget with `Shown` traits, which change by themselves: `tell` looks whether they have."""

    _lock: RLock
    _context: Context
    """Of the cell that made it: what is printed by those who observe goes there."""
    _told: dict[str, Any] | None = None

    @property
    def observed(self) -> bool:
        """Whether something in Python observes one of them."""
        names = self._told or self.trait_names(shown=True)  # type: ignore[attr-defined]
        return any(name in self._trait_notifiers for name in names)  # type: ignore[attr-defined]

    def tell(self) -> None:
        """Send what changed to the page, and call those who observe it, on this thread."""
        with self._lock:
            if self._told is None:
                self._told = dict.fromkeys(self.trait_names(shown=True))  # type: ignore[attr-defined]
            now = {name: getattr(self, name) for name in self._told}
            before, self._told = self._told, now
        changed = [name for name in now if now[name] != before[name]]
        if changed:
            self.send_state(changed)  # type: ignore[attr-defined]
        for name in changed:
            change = Bunch(name=name, old=before[name], new=now[name], owner=self, type="change")
            try:
                self._context.copy().run(HasTraits.notify_change, self, change)  # type: ignore[arg-type]
            except (Exception, SystemExit):
                _log.exception("what observes %s of a widget failed", name)
