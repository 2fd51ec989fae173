"""`Signature`: what a model takes and gives, kept in its file; checked against what an observation has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.features.feature_set import Features, check_defined
from rugs_lab.trading.features.feature_vector import BUILT_IN
from rugs_lab.trading.models.action_space import ActionSpace
from rugs_lab.trading.strategy.strategy import nearest

USES: Final = ("policy", "sidebet")
"""What a model is for: ``policy`` chooses an action, ``sidebet`` predicts a rug within 40 ticks."""

METADATA_KEY: Final = "rugs_lab"
"""Its name in the metadata of an ONNX file."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes (names of features, in order) and gives (one of `USES`).

    Of a policy also what its numbers stand for; a `masked` one chooses among those that are possible, and the
    scores of one with `chances` are logarithms of the probabilities that it was trained to draw from. The
    features are those of the `Features` called `made_by`, of `version`; of others than the built-in ones
    `examples` has some rows.
    """

    features: tuple[str, ...] = BUILT_IN.columns
    use: str = "policy"
    actions: ActionSpace = field(default_factory=ActionSpace)
    masked: bool = False
    chances: bool = False
    made_by: str = BUILT_IN.name
    version: int = BUILT_IN.version
    examples: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.use not in USES:
            raise ArgumentError(f"a model is for one of {', '.join(USES)}; got {self.use!r}")

    @property
    def text(self) -> str:
        """The signature as text, for the metadata of a file."""
        kept = {name: getattr(self, name) for name in ("features", "use", "masked", "chances")}
        made = {"features_by": self.made_by, "features_version": self.version, "examples": self.examples}
        return json.dumps({**kept, "actions": self.actions.text, **made})

    @classmethod
    def from_text(cls, text: str) -> Signature:
        """Return what `text` gave."""
        try:
            given = json.loads(text)
            names, use, actions = given["features"], given["use"], given["actions"]
            masked, chances = (given.get(name) is True for name in ("masked", "chances"))
            by, version = str(given.get("features_by", BUILT_IN.name)), int(given.get("features_version", 1))
            rows = tuple(tuple(map(float, row)) for row in given.get("examples", ()))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ArgumentError(f"the metadata of the model cannot be read: {text!r:.100}") from error
        space = ActionSpace.from_text(str(actions))
        return cls(tuple(map(str, names)), str(use), space, masked, chances, by, version, rows)


def places_of(names: Sequence[str], features: Features) -> list[int]:
    """Return where columns stand among the features; raise with the nearest names where they do not."""
    known = features.columns
    unknown = [name for name in names if name not in known]
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if not unknown and not twice and names:
        return [known.index(name) for name in names]
    words = []
    for name in unknown:
        hint = nearest(name, known, "")
        words.append(f"{name!r} ({hint})" if hint else repr(name))
    problem = f"there is no feature {', '.join(words)}" if words else "it names no features"
    if twice:
        problem = f"it names {', '.join(twice)} twice"
    raise ArgumentError(f"the model cannot be used: {problem}. Features are {', '.join(known)}")


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
            f"there are no others than {', '.join(names)}: define those that it was trained on, "
            "load(..., features=rugs_lab.features(function))"
        )
    raise ArgumentError(
        f"the model cannot be used: it takes {count} numbers, and is shown {len(names)}; {hint}"
    )


def signature_of(
    given: Sequence[str] | Features | None,
    kept: Signature | None,
    use: str | None,
    actions: Iterable[Decision] | None,
    columns: Sequence[str] | None = None,
) -> tuple[Signature, Features]:
    """Return the signature of a model, and what it is shown: what was given, else what the file holds.

    `columns`: the names of the columns that it was trained on, where they are known.
    """
    check_defined(given)
    names, made = (None, given) if isinstance(given, Features) else (given, BUILT_IN)
    base = kept or Signature(made.columns, made_by=made.name, version=made.version)
    if (base.made_by, base.version) != (made.name, made.version):
        raise ArgumentError(
            f"the model was trained with features {base.made_by!r} of version {base.version} "
            f"({', '.join(base.features)}), and is given {made!r}: load(path, features=...) with those, or "
            "train it again"
        )
    taken = tuple(map(str, names or columns or base.features))
    places_of(taken, made)
    space = base.actions if actions is None else ActionSpace(actions)
    return replace(base, features=taken, use=use or base.use, actions=space), made
