"""`load`: a model file as a strategy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.models.model_signature import signature_of
from rugs_lab.trading.models.model_strategy import PolicyModel, SidebetModel
from rugs_lab.trading.models.sklearn_model import PICKLES, SklearnModel, read_sklearn
from rugs_lab.trading.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from os import PathLike

    from rugs_lab.trading.account.actions import Decision
    from rugs_lab.trading.models.model_signature import Signature
    from rugs_lab.trading.models.model_strategy import Model
    from rugs_lab.trading.strategy.observation import Observation


def load(
    path: str | PathLike[str],
    *,
    use: str | None = None,
    features: Sequence[str] | Callable[[Observation], object] | None = None,
    actions: Iterable[Decision] | None = None,
    output: str | None = None,
    trust: bool = False,
    name: str | None = None,
) -> Strategy:
    """Return a trained model as a strategy.

    Parameters
    ----------
    path
        An ``.onnx`` file, run by onnxruntime; a ``.skops`` file of a classifier of scikit-learn; a pickle
        (``.pkl``, ``.pickle``, ``.joblib``) only with `trust`.
    use
        ``"policy"``: it answers with the number of a decision, or a score for each. ``"sidebet"``: it answers
        with the probability of a rug within 40 ticks, and the strategy has the parameters `threshold` and
        `size`. By default that of the file, else a policy.
    features
        Names of what it takes, in order, out of `FEATURES`; or a function that makes its numbers of an
        observation. By default those of the file (metadata, names of the columns), else all features.
    actions
        `ActionSpace`, or decisions: what the numbers of a policy stand for. By default those of the file,
        else those of the environment.
    output
        Of an ONNX model: the output that counts. By default one called like a probability, else the first.
    trust
        Read a pickle, or types that skops does not know. Either may run any code.
    name
        Of the strategy; by default the file's.

    Raises
    ------
    ArgumentError
        No such file, a pickle without `trust`, or a model that does not fit, with the difference.

    Examples
    --------
    >>> import numpy as np
    >>> import rugs_lab as rl
    >>> from tempfile import TemporaryDirectory
    >>> from rugs_lab.trading.models import save_network
    >>> with TemporaryDirectory() as folder:
    ...     path = save_network(f"{folder}/always.onnx", [np.zeros((18, 4))], [np.array([0, 0, 0, 1.0])])
    ...     strategy = load(path)
    >>> strategy, rl.backtest(strategy, rl.sample()[:20]).results.bets.sum() > 20
    (<Strategy always()>, np.True_)
    """
    file = Path(path)
    kind = file.suffix.lower()
    if kind != ".onnx" and kind != ".skops" and kind not in PICKLES:
        raise ArgumentError(f"a model is an .onnx or a .skops file; got {file.name!r}")
    model, kept, named = (
        _onnx(file, output) if kind == ".onnx" else _sklearn(file, features, use, trust=trust)
    )
    made = signature_of(features, kept, use, actions)
    extractor = features if callable(features) else None
    form = SidebetModel if made.use == "sidebet" else PolicyModel
    return Strategy(form(model, made, extractor, named=named or features is not None), name=name or file.stem)


def _onnx(file: Path, output: str | None) -> tuple[Model, Signature | None, bool]:
    from rugs_lab.trading.models.onnx_model import OnnxModel

    model = OnnxModel.read(file, output)
    return model, model.signature, model.signature is not None


def _sklearn(
    file: Path, features: object, use: str | None, *, trust: bool
) -> tuple[Model, Signature | None, bool]:
    found = read_sklearn(file, trust=trust)
    model = SklearnModel(found, labels=use != "sidebet", source=file.name)
    if model.names is None or features is not None:
        return model, None, False
    return model, signature_of(model.names, None, use, None), True
