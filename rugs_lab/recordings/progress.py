"""A progress bar for what takes more than two seconds, in a notebook or a terminal alike."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

T = TypeVar("T")
_AFTER_S = 2.0


def progress(items: Iterable[T], what: str, unit: str, total: int | None = None) -> Iterator[T]:
    """Iterate over `items`; a bar appears once that has taken two seconds, and goes away at the end.

    >>> list(progress([1, 2], "counting", "numbers"))
    [1, 2]
    """
    begin = time.monotonic()
    if total is None and isinstance(items, Sized):
        total = len(items)
    bar = None
    for done, item in enumerate(items):
        if bar is None and time.monotonic() - begin > _AFTER_S:
            from tqdm.auto import tqdm

            bar = tqdm(desc=what, unit=f" {unit}", total=total, initial=done, leave=False)
        yield item
        if bar is not None:
            bar.update()
    if bar is not None:
        bar.close()
