"""`Signature`: what a model takes and gives, kept in its file; checked against what an observation has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.features.feature_vector import NAMES, VERSION
from rugs_lab.trading.models.action_space import ActionSpace
from rugs_lab.trading.strategy.observation import Observation

USES: Final = ("policy", "sidebet")
"""What a model is for: ``policy`` chooses an action, ``sidebet`` predicts a rug within 40 ticks."""

METADATA_KEY: Final = "rugs_lab"
"""Its name in the metadata of an ONNX file."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes (names of features, in order) and gives (one of `USES`).

    Of a policy also what its numbers stand for; a `masked` one chooses among those that are possible, and the
    scores of one with `chances` are logarithms of the probabilities that it was trained to draw from.
    """

    features: tuple[str, ...] = NAMES
    use: str = "policy"
    actions: ActionSpace = field(default_factory=ActionSpace)
    masked: bool = False
    chances: bool = False

    def __post_init__(self) -> None:
        check_names(self.features)
        if self.use not in USES:
            raise ArgumentError(f"a model is for one of {', '.join(USES)}; got {self.use!r}")

    @property
    def places(self) -> tuple[int, ...]:
        """Where its features stand among those of an observation."""
        return tuple(NAMES.index(name) for name in self.features)

    @property
    def text(self) -> str:
        """The signature as text, for the metadata of a file."""
        kept = {"features": list(self.features), "use": self.use, "actions": self.actions.text}
        flags = {"masked": self.masked, "chances": self.chances}
        return json.dumps({**kept, **flags, "features_version": VERSION})

    @classmethod
    def from_text(cls, text: str) -> Signature:
        """Return what `text` gave."""
        try:
            given = json.loads(text)
            names, use, actions = given["features"], given["use"], given["actions"]
            flags = [given.get(name) is True for name in ("masked", "chances")]
            version = given.get("features_version", 1)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArgumentError(f"the metadata of the model cannot be read: {text!r:.100}") from error
        if version != VERSION:
            raise ArgumentError(
                f"the model was trained on version {version!r} of the features, and this rugs_lab makes "
                f"version {VERSION}: train it again, or load it with the rugs_lab that saved it"
            )
        return cls(tuple(map(str, names)), str(use), ActionSpace.from_text(str(actions)), *flags)


def check_names(names: Sequence[str]) -> None:
    """Raise if an observation does not have features of these names; the message has the nearest ones."""
    unknown = [name for name in names if name not in NAMES]
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if not unknown and not twice and names:
        return
    words = []
    for name in unknown:
        close = get_close_matches(name, NAMES, n=1)
        words.append(f"{name!r} (did you mean {close[0]!r}?)" if close else repr(name))
    problem = f"an observation has no feature {', '.join(words)}" if words else "it names no features"
    if twice:
        problem = f"it names {', '.join(twice)} twice"
    raise ArgumentError(f"the model cannot be used: {problem}. Features are {', '.join(NAMES)}")


def check_count(count: int | None, names: Sequence[str], *, named: bool) -> None:
    """Raise if a model takes another number of features than it is shown; the message has the difference."""
    if count is None or count == len(names):
        return
    if named:
        hint = f"the names given are {', '.join(names)}"
    elif count < len(names):
        hint = (
            f"with these names it would miss {', '.join(names[count:])}: say which it was trained on, in "
            "order, load(..., features=[...])"
        )
    else:
        hint = (
            f"an observation has no others than {', '.join(names)}: give a function that makes its numbers, "
            "load(..., features=function)"
        )
    raise ArgumentError(
        f"the model cannot be used: it takes {count} numbers, and is shown {len(names)}; {hint}"
    )


def signature_of(
    given: Sequence[str] | Callable[[Observation], object] | None,
    kept: Signature | None,
    use: str | None,
    actions: Iterable[Decision] | None,
) -> Signature:
    """Return the signature of a model: what was given, else what the file holds, else all features."""
    base = kept or Signature()
    names = base.features if given is None or callable(given) else tuple(map(str, given))
    space = base.actions if actions is None else ActionSpace(actions)
    return Signature(names, base.use if use is None else use, space, base.masked, base.chances)
