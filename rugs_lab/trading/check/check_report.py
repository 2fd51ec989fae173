"""`Report`: what `rugs_lab.trading.check.check` has found, one `Finding` for each thing that was tried."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from rugs_lab.columns import text_index, typed
from rugs_lab.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

DETECTED: Final = "would be detected with a probability of 80 %"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: on how much (`n`), what it found, and could have found (`power`)."""

    name: str
    ok: bool | None
    n: int
    words: str
    power: str = ""

    @property
    def text(self) -> str:
        """What was found, and what could have been."""
        return f"{self.words}; {self.power}" if self.power else self.words


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What `check` has found of a strategy (name and parameters); displayed in a notebook."""

    strategy: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with what could be judged; the others have ``ok`` None."""
        return all(each.ok is not False for each in self.findings)

    @property
    def _verdict(self) -> str:
        unknown = ", ".join(each.name for each in self.findings if each.ok is None)
        words = "passed" if self.ok else "failed"
        return f"{words} in what could be judged; not judged: {unknown}" if unknown else words

    def __bool__(self) -> bool:
        return self.ok

    def __getitem__(self, name: str) -> Finding:
        for each in self.findings:
            if each.name == name:
                return each
        names = ", ".join(each.name for each in self.findings)
        raise ArgumentError(f"no check is called {name!r}; there are {names}")

    @property
    def frame(self) -> pd.DataFrame:
        """One row per check: ``ok`` (missing: not judged), ``n``, ``found``, ``power``; index: its name."""
        import pandas as pd

        return pd.DataFrame(
            {
                "ok": pd.array([each.ok for each in self.findings], dtype="boolean"),
                "n": [each.n for each in self.findings],
                "found": typed([each.words for each in self.findings]),
                "power": typed([each.power for each in self.findings]),
            },
            index=text_index([each.name for each in self.findings], "check"),
        )

    def __repr__(self) -> str:
        lines = [f"  {_MARKS[each.ok]}  {each.name:<13} {each.text}" for each in self.findings]
        return "\n".join([f"check of {self.strategy}: {self._verdict}", *lines])

    def _repr_html_(self) -> str:
        rows = ""
        for each in self.findings:
            cells = (_MARKS[each.ok], each.name, each.words, each.power)
            rows += f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        head = f"{escape(self.strategy)}: {self._verdict}"
        return f"<table class='rl-checks'><caption>{head}</caption><tbody>{rows}</tbody></table>"


_MARKS: Final = {True: "ok  ", False: "FAIL", None: "?   "}
