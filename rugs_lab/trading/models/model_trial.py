"""What a model is tried on before it is saved or used, and the comparison of a file with its model."""

from dataclasses import replace
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.features.feature_set import Features
from rugs_lab.trading.features.feature_vector import BUILT_IN, HIGH, LOW
from rugs_lab.trading.models.action_space import DEFAULT
from rugs_lab.trading.models.model_signature import Signature
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import Strategy

_HALF: Final = 2_000
_GAMES: Final = 40
_EXAMPLES: Final = 8
_ROUNDED: Final = 1e-5
"""Of the highest score: so far apart two sums of float32 in another order may be."""


@cache
def observations(features: Features = BUILT_IN) -> NDArray[np.float32]:
    """Return 4,000 rows of all features: of games played at random, and from anywhere within their bounds.

    The bounds of others than the built-in features are those in these games.
    """
    rng = np.random.default_rng(0)
    rows: list[NDArray[np.float32]] = []

    def at_random(o: Observation) -> Decision:
        rows.append(features(o))
        return DEFAULT[int(rng.integers(len(DEFAULT)))]

    play_ticks(Strategy(at_random), synthetic(_GAMES, seed=0), Options(carry=False))
    played = np.array(rows)[rng.permutation(len(rows))[:_HALF]]
    bounds = (LOW, HIGH)
    if features != BUILT_IN:
        played = np.nan_to_num(played, posinf=0.0, neginf=0.0)
        bounds = (played.min(axis=0), played.max(axis=0))
    anywhere = rng.uniform(*bounds, (_HALF, len(features.columns))).astype(np.float32)
    return rng.permutation(np.concatenate([played, anywhere]))


def with_examples(made: Signature, features: Features) -> Signature:
    """Return the signature with some rows of features, where they are not the built-in ones."""
    rows = [] if features == BUILT_IN else observations(features)[:_EXAMPLES].astype(float).tolist()
    return replace(made, examples=tuple(map(tuple, rows)))


def check_examples(made: Signature, features: Features) -> None:
    """Raise where features are no longer made as they were for the file."""
    if not made.examples:
        return
    problem = f"features {features.name!r}, version {features.version}, are not those of the file: "
    if others := {len(row) for row in made.examples} - {len(features.columns)}:
        raise ArgumentError(f"{problem}it has rows of {sorted(others)} numbers, not {len(features.columns)}")
    found = observations(features)[: len(made.examples)]
    expected = np.array(made.examples)[: len(found)]
    differ = ~np.isclose(found, expected, rtol=1e-4, atol=1e-6).all(axis=0)
    if differ.any():
        n = int(differ.argmax())
        raise ArgumentError(
            f"{problem}of the same observations {features.columns[n]} is {found[:, n].tolist()} in place of "
            f"{expected[:, n].tolist()}. A function that was changed has a new version"
        )


def compare(found: NDArray[Any], expected: NDArray[Any], rows: NDArray[np.float32], made: Signature) -> None:
    """Raise where a file's answers to `rows` are not its model's: numbers of decisions, or probabilities."""
    every = np.arange(len(rows))
    if made.use == "policy":
        scores, expected = found, expected.astype(np.int64).ravel()
        found = scores.argmax(axis=1)
        room = _ROUNDED * np.maximum(1.0, np.abs(scores).max(axis=1))
        differ = ~(scores[every, found] - scores[every, expected] <= room)
    else:
        found = found[:, -1]
        differ = ~(np.abs(found - expected) <= _ROUNDED)
    if differ.any():
        n = int(differ.argmax())
        shown = ", ".join(map("{}={:.6g}".format, made.features, rows[n].tolist()))
        raise ArgumentError(
            f"nothing was written: the file would not answer as the model does. On {int(differ.sum()):,} of "
            f"{len(rows):,} observations they differ, first on ({shown}): {found[n]} in place of the model's "
            f"{expected[n]}"
        )
