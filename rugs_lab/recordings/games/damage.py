"""`Damage`: one fault of a recording, and what was done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from rugs_lab.columns import columns_of

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS: Final = 1_000
_COLUMNS: Final = {"file": "str", "line": "Int64", "kind": "str", "game_id": "str", "done": "str"}

KINDS: Final = {
    # Lines
    "interleaved": "several records on one line, as two recorders on one file left them",
    "fragment": "part of a record, or not text",
    "torn_line": "the last line, cut off while it was written",
    "comment": "a line of text that begins with #",
    "blank_line": "an empty line",
    "unknown_record": "a record of no known type, or one that lacks what its type needs",
    "bad_value": "an impossible tick, price or id",
    # Files
    "empty_file": "an empty file, or a table without rows",
    "unreadable": "a file that could not be read",
    "altered": "an archive that is not as it was written",
    "other_file": "a file of no known format",
    "not_written": "lines that the recorder could not write",
    "bad_event": "events of a raw event log that could not be used",
    # What the original program wrote
    "placeholder_values": "values of rows before a game that the server never sent",
    "late_message": "a late message of a finished game, its tick too high",
    "wrong_summary": "a summary that belongs to another game",
    "second_start": "a game that starts twice in one file",
    "second_end": "a game that ends twice in one file",
    "no_end": "a file that does not end its game",
    "incomplete": "a game that the recorder called incomplete",
    "aborted": "a game that the recorder discarded",
    # Games
    "split": "a game in several files",
    "duplicate_ticks": "ticks that are there more than once, with the same price",
    "contradiction": "a price that differs from an earlier one of the same tick",
    "after_rug": "prices of ticks after the rug",
    "second_rug": "a game that rugs again",
    "rug_price": "a rug price that is not the lowest price times 0.02",
    "late_start": "the first ticks are missing",
    "gap": "ticks in between are missing",
    "no_rug": "the rug is missing",
    "pregame_only": "every tick is missing",
    "backfilled_by_seed": "missing ticks that were computed from the seed",
    "backfilled_by_history": "missing ticks that the server's history gave",
    "wrong_seed": "a seed that is not the game's",
    "wrong_history": "a history that is not the game's",
}
"""Every kind of damage."""

CORRECTED: Final = frozenset(
    {"interleaved", "fragment", "torn_line", "bad_value", "contradiction", "after_rug", "second_rug"}
)
"""The kinds that mean that a line of a game was dropped or corrected."""

FOLLOWS: Final = frozenset(
    {"split", "rug_price", "late_start", "gap", "no_rug", "pregame_only", "wrong_seed", "wrong_history"}
)
"""The kinds that follow from what is known of a game, and are found again with its next part."""


class Damage(NamedTuple):
    """One row of ``games.damage``.

    `file`: Its path, as `rugs_lab.load` was called with it.
    `line`: Number of the line, from 1; None for the file, or the game, as a whole.
    `kind`: One of `KINDS`, which has the meaning of each.
    `game_id`: The game it touches; None when that is not known.
    `done`: What was done about it, in words.
    """

    file: str
    line: int | None
    kind: str
    game_id: str | None
    done: str


class DamageLog:
    """Rows of damage while files are read: of one kind in one file the first 1,000, then a count.

    `corrected`: ids of the games that were corrected, by all rows.
    """

    def __init__(self) -> None:
        self.corrected: set[str] = set()
        self._rows: list[Damage] = []
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, row: Damage) -> None:
        """Add a row."""
        if row.kind in CORRECTED and row.game_id is not None:
            self.corrected.add(row.game_id)
        self._counts[row.file, row.kind] += 1
        if self._counts[row.file, row.kind] <= MOST_ROWS:
            self._rows.append(row)

    def rows(self) -> list[Damage]:
        """Return the rows, and one for each kind and file of which there were more."""
        more = [
            Damage(file, None, kind, None, f"{count - MOST_ROWS:,} more of this kind: not listed one by one")
            for (file, kind), count in self._counts.items()
            if count > MOST_ROWS
        ]
        return self._rows + more


def corrected_ids(rows: Iterable[Damage]) -> set[str]:
    """Return the ids of the games that rows of damage say were corrected."""
    return {row.game_id for row in rows if row.kind in CORRECTED and row.game_id is not None}


def damage_frame(rows: Iterable[Damage]) -> pd.DataFrame:
    """Return one row per `Damage`; the dtypes are the same when it is empty."""
    import pandas as pd

    return pd.DataFrame(columns_of(list(rows), _COLUMNS))
