"""The log of looks: what was tried on the same games before, in this session and in their archive.

Who looks often enough finds something by chance. Every backtest, every sweep (as many looks as combinations)
and every use of held-out games is noted with a sketch of its games: the smallest hashes of their ids, by
which two sets are known to overlap however large they are. The same strategy with the same values on the same
games is one look. For games of an archive the log is kept in its folder, in `FILE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from rugs_lab.recordings.games.games import Games
from rugs_lab.resources import data_dir

FILE: Final = "looks.log"
OVERLAP: Final = 0.05
"""Two sets of games are the same for this log when they share so much of the smaller one."""
_SKETCH: Final = 512
_AT_ONCE: Final = 100_000
_MOST_BYTES: Final = 20_000_000


class Look(msgspec.Struct, frozen=True):
    """Something that was tried on games: `kind` is ``backtest``, ``sweep`` or ``held out``.

    `strategy` has its values, or those that were swept, `tried` counts the combinations, and `sketch` has the
    smallest hashes of the ids of the games, in order.
    """

    kind: str
    strategy: str
    tried: int
    games: int
    sketch: tuple[int, ...]

    def same_games(self, other: Look) -> bool:
        """Whether two looks share games."""
        ends = [each.sketch[-1] for each in (self, other) if each.games > len(each.sketch) > 0]
        both = [{known for known in each.sketch if not ends or known <= min(ends)} for each in (self, other)]
        return len(set.intersection(*both)) > OVERLAP * min(map(len, both))


class Looks(tuple[Look, ...]):
    """The earlier looks at some games."""

    __slots__ = ()

    @property
    def total(self) -> int:
        """How many there are with the current one."""
        return 1 + sum(look.tried for look in self)

    @property
    def words(self) -> str:
        """What they were."""
        if not self:
            return "first look"
        kinds = {kind: sum(look.kind == kind for look in self) for kind in ("backtest", "sweep", "held out")}
        what = ", ".join(f"{kind} {times} x" for kind, times in kinds.items() if times)
        return f"look {self.total:,} at these games (earlier: {what})"


NO_LOOKS: Final = Looks()


def noted(games: Games, kind: str, strategy: str, tried: int = 1) -> Looks:
    """Note a look at games; return the other ones that were noted before."""
    look = Look(kind, strategy, tried, len(games), _sketch(games))
    paths = {getattr(store, "path", None) for store, _ in games._parts}
    files = {Path(path).resolve().parent / FILE for path in paths if path is not None}
    files = {file for file in files if data_dir() not in file.parents}  # what was shipped is for reading
    with _lock:
        known = dict.fromkeys([*_session, *(each for file in files for each in _read(file))])
        if look not in _session:
            _session.append(look)
        if look not in known:
            for file in files:
                _append(file, look)
    return Looks(each for each in known if each != look and each.same_games(look))


_session: Final[list[Look]] = []
_lock: Final = Lock()


def _sketch(games: Games) -> tuple[int, ...]:
    from pandas.util import hash_array

    smallest: NDArray[Any] = np.empty(0, np.uint64)
    for at in range(0, len(games), _AT_ONCE):
        ids = games[at : at + _AT_ONCE].ids.astype(object)
        smallest = np.unique(np.concatenate([smallest, hash_array(ids)]))[:_SKETCH]
    return tuple(smallest.tolist())


def _read(file: Path) -> Iterable[Look]:
    content = b""
    if file.is_file():  # a pipe of that name would block
        with suppress(OSError), file.open("rb") as lines:
            content = lines.read(_MOST_BYTES)
    for line in content.splitlines():
        with suppress(ValueError):
            yield msgspec.json.decode(line, type=Look)


def _append(file: Path, look: Look) -> None:
    if file.is_file() or not file.exists():
        with suppress(OSError), file.open("ab") as lines:  # where it cannot be written, the session has it
            lines.write(msgspec.json.encode(look) + b"\n")
