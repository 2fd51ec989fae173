"""How the answer of a model becomes a decision: `PolicyModel`, `SidebetModel`, `strategy_of`."""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import Decision, hold, sidebet
from rugs_lab.trading.features.feature_set import Features
from rugs_lab.trading.features.feature_vector import BUILT_IN
from rugs_lab.trading.models.model_signature import Signature, check_count, places_of, signature_of
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import Strategy

_ROUNDED: Final = 1e-3
"""So far may probabilities of float16 and float32 be from their bounds and from the sum of 1."""


class Model(Protocol):
    """Something that can be asked."""

    @property
    def takes(self) -> int | None:
        """How many numbers it takes; None where that is not known."""

    def answer(self, shown: NDArray[np.float32]) -> NDArray[Any]:
        """Return its answer to features of shape (1, n): a number of a decision, scores, or a probability.

        A whole number is that of a decision; several numbers are scores of the decisions, or probabilities
        of no rug and of a rug; one that is not whole is the probability of a rug.
        """


class _Asked:
    """A model, and what it is shown."""

    presale = True

    def __init__(
        self,
        model: Model,
        signature: Signature,
        features: Features = BUILT_IN,
        *,
        named: bool = False,
        rug: int = -1,
    ) -> None:
        self.model = model
        self.undecided = 0
        """Ticks of the run at which the model answered with NaN or infinity, so that nothing was decided."""
        self.rug_column = rug
        self.signature = signature
        self.features = features
        self.function = features.function
        """For `rugs_lab.check`, which looks at what a strategy can reach."""
        places = np.array(places_of(signature.features, features), np.int64)
        self._places = None if signature.features == features.columns else places
        check_count(model.takes, signature.features, named=named)

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself: it has no state, and a session of a model cannot be copied."""
        return self

    def begin_run(self, games: object) -> None:
        """Count again."""
        self.undecided = 0

    def asked(self, shown: NDArray[np.float32]) -> NDArray[Any] | None:
        """Return the model's answer, checked; None where it is not finite."""
        answer = self.model.answer(shown).ravel()
        self._check(answer)
        return answer if np.isfinite(answer).all() else None

    def _check(self, answer: NDArray[Any]) -> None:
        """Raise if an answer is none that this kind of model gives."""

    def shown(self, o: Observation) -> NDArray[np.float32]:
        """Return what the model is shown, float32 of shape (1, n)."""
        made = self.features(o)
        return (made if self._places is None else made[self._places])[None, :]


class PolicyModel(_Asked):
    """A model that chooses an action."""

    def __call__(self, o: Observation) -> Decision:
        """Return the decision with its number, or with the highest score (masked: of those possible)."""
        return self._decided(o, None)

    def _decided(self, o: Observation, seed: int | None) -> Decision:
        """Return the decision of the highest score, or with a `seed` one drawn."""
        answer = self.asked(self.shown(o))
        if answer is None:
            self.undecided += 1
            return hold()
        space = self.signature.actions
        if answer.size == 1 and answer.dtype.kind in "iu":
            return space[int(answer[0])]
        if self.signature.masked and (possible := space.possible(o)).any():
            answer = np.where(possible, answer, -np.inf)
        return space[int(np.argmax(answer)) if seed is None else _drawn(answer, o, seed)]

    def _check(self, answer: NDArray[Any]) -> None:
        space = self.signature.actions
        whole = answer.size == 1 and answer.dtype.kind in "iu"
        if answer.dtype.kind not in "iuf" or (not whole and answer.size != len(space)):
            raise ArgumentError(
                f"a policy answers with the number of one of its {len(space)} decisions, or with a score "
                f"for each ({space!r}); it answered with {answer.size} of {answer.dtype}. Say what they "
                "stand for: load(..., actions=[...])"
            )
        if whole and not 0 <= answer[0] < len(space):
            raise ArgumentError(f"the model chose {answer[0]}; its decisions are {space!r}")


class DrawnPolicyModel(PolicyModel):
    """A model that was trained to choose an action by chance, with the probabilities that it answers with."""

    def __call__(self, o: Observation, seed: int = 0) -> Decision:
        """Return a decision drawn from the probabilities (masked: of those possible)."""
        return self._decided(o, seed)

    def _check(self, answer: NDArray[Any]) -> None:
        super()._check(answer)
        if not self.signature.chances:
            raise ArgumentError(
                "stochastic=True is for a PPO, A2C or MaskablePPO that this version of save() wrote: the "
                "model does not state that its scores are logarithms of probabilities"
            )


def _drawn(scores: NDArray[Any], o: Observation, seed: int) -> int:
    """Return a place, drawn by ``exp(scores)``; the same wherever the same is seen with the same seed."""
    key = np.array([seed, o.tick, *o.lengths[-1:]], np.int64).tobytes()
    word = blake2b(key + np.array([o.price, *o.peaks[-1:]]).tobytes(), digest_size=6).digest()
    heights = np.cumsum(np.exp(scores.astype(np.float64) - scores.max()))
    return int(np.searchsorted(heights, int.from_bytes(word) / 2**48 * heights[-1], side="right"))


class SidebetModel(_Asked):
    """A model that predicts the probability of a rug within 40 ticks."""

    def probability(self, o: Observation) -> float:
        """Return the probability that a side bet decided now would win; NaN: no finite answer."""
        answer = self.asked(self.shown(o))
        return float("nan") if answer is None else float(answer[self.rug_column])

    def __call__(self, o: Observation, threshold: float = 0.2, size: float = 0.01) -> Decision:
        """Stake `size` SOL when the probability is above `threshold` (0.2 breaks even) and no bet is open."""
        if o.tick < 0 or o.bet_ticks_left > 1:
            return hold()
        probability = self.probability(o)
        self.undecided += probability != probability
        return sidebet(size) if probability > threshold else hold()

    def _check(self, answer: NDArray[Any]) -> None:
        if answer.dtype.kind != "f" or answer.size not in (1, 2):
            raise ArgumentError(
                "a side-bet model answers with the probability of a rug, or with those of none and of one; "
                f"it answered with {answer.size} of {answer.dtype}"
            )
        outside = ((answer < -_ROUNDED) | (answer > 1 + _ROUNDED)).any()
        if outside or (answer.size == 2 and abs(answer.sum() - 1) > _ROUNDED):
            raise ArgumentError(
                f"a side-bet model answers with probabilities, 1 in sum; it answered {answer.tolist()}"
            )


class _Function:
    """A function of the features, asked as a model is."""

    takes = None

    def __init__(self, function: Callable[[NDArray[np.float32]], object]) -> None:
        self.function = function

    def answer(self, shown: NDArray[np.float32]) -> NDArray[Any]:
        return np.asarray(self.function(shown[0]))


def strategy_of(
    policy: Callable[[NDArray[np.float32]], object],
    actions: Iterable[Decision] | None = None,
    name: str = "policy",
    features: Features = BUILT_IN,
) -> Strategy:
    """Return a function of the features, float32 of shape (18,) or (columns,), as a strategy.

    It returns the number of one of `actions` (by default those of the environment), or a score for each.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> patient = strategy_of(lambda shown: 3 if shown[1] > 0.5 else 0, name="patient")
    >>> rl.backtest(patient, rl.sample()[:50]).results.bets.sum() > 0
    np.True_
    """
    signature, _ = signature_of(features, None, None, actions)
    return Strategy(PolicyModel(_Function(policy), signature, features), name=name)
