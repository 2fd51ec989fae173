"""`Place`: where in a notebook a view was made, and which earlier views the next one replaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """Where a view was made: its `name`, and the ids of the cell and of that `run` of it; None: none."""

    name: str | None = None
    cell: str | None = None
    run: str | None = None

    def replaces(self, earlier: Place) -> bool:
        """Return whether a view made here takes the place of an earlier one.

        It does of one of the same name; without a name, of one that an earlier run of the same cell made.
        """
        if self.name is not None:
            return earlier.name == self.name
        return self.cell is not None and earlier.cell == self.cell and earlier.run != self.run


NOWHERE: Final = Place()
"""A terminal or a script, without a name."""


def place_here(name: str | None = None) -> Place:
    """Return the place of the code that runs."""
    return Place(name, *running_cell())


def running_cell() -> tuple[str | None, str | None]:
    """Return the id of the cell that runs and of this run of it; None where there is no such thing."""
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return None, None
    parent = kernel.get_parent()
    cell = parent.get("metadata", {}).get("cellId")
    run = parent.get("header", {}).get("msg_id")
    return (str(cell) if cell else None), (str(run) if run else None)
