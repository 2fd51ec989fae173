"""`load`: a model file as a strategy."""

from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.features.feature_set import Features
from rugs_lab.trading.models.model_signature import places_of, signature_of
from rugs_lab.trading.models.model_strategy import DrawnPolicyModel, PolicyModel, SidebetModel
from rugs_lab.trading.models.model_trial import check_examples, observations
from rugs_lab.trading.models.onnx_model import OnnxModel
from rugs_lab.trading.models.sklearn_model import PICKLES, SklearnModel, read_sklearn, rug_column
from rugs_lab.trading.strategy.strategy import Strategy

TRIED: Final = 64
"""Observations that a model is asked about before it is used."""


def load(
    path: str | PathLike[str],
    *,
    use: str | None = None,
    features: Sequence[str] | Features | None = None,
    actions: Iterable[Decision] | None = None,
    output: str | None = None,
    rug: str | int | None = None,
    stochastic: bool = False,
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
        Names of what it takes, in order, out of `FEATURES`; or what `rugs_lab.features` defined, for which a
        file must have been trained. By default those of the file (metadata, names of columns), else all.
    actions
        `ActionSpace`, or decisions: what the numbers of a policy stand for. By default those of the file,
        else those of the environment.
    output
        Of an ONNX model with several outputs: the one that counts. By default that of the probabilities.
    rug
        Of a side-bet model: the class that means a rug, of an ONNX file the number of its column; by default
        ``True``, 1 or ``"rug"``, and the last column of a file without names.
    stochastic
        Draw each decision from the probabilities of a PPO, A2C or MaskablePPO, in place of the most probable
        one. The strategy then has the parameter `seed`; of the same seed, the same is decided in backtest,
        replay and live.
    trust
        Read a pickle, or types that skops does not know. Either may run any code.
    name
        Name of the strategy; by default the file name without its suffix.

    Raises
    ------
    ArgumentError
        No such file, a pickle without `trust`, or a model that cannot be used, with the reason: it is tried
        on 64 observations. A later answer that is NaN or infinite is not a decision: the strategy holds, and
        how often is warned of.

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
    model: OnnxModel | SklearnModel
    kept = columns = None
    if kind == ".onnx":
        model = OnnxModel.read(file, output)
        kept = model.signature
    else:
        model = SklearnModel(read_sklearn(file, trust=trust), labels=use != "sidebet", source=file.name)
        columns = model.names
    made, shown = signature_of(features, kept, use, actions, columns)
    policy = DrawnPolicyModel if stochastic else PolicyModel
    form = SidebetModel if made.use == "sidebet" else policy
    column = _column(model, rug, known=kept is not None) if made.use == "sidebet" else -1
    asked = form(model, made, shown, named=(kept or features or columns) is not None, rug=column)
    _try(asked, file.name)
    return Strategy(asked, name=name or file.stem)


def _column(model: OnnxModel | SklearnModel, rug: str | int | None, *, known: bool) -> int:
    """Return which column of a side-bet model's answer is that of a rug."""
    classes = getattr(getattr(model, "model", None), "classes_", None)
    if classes is not None:
        column, words = rug_column(np.asarray(classes), rug), f"its classes are {list(classes)}"
    elif rug is not None:
        column, words = (rug if rug in (0, 1) else None), "of an ONNX model it is the column, 0 or 1"
    else:
        column = None if getattr(model, "named_classes", False) and not known else -1
        words = "its classes are texts, of which the file does not say the order: 0 or 1"
    if not isinstance(column, int):
        raise ArgumentError(f"state which class means a rug: load(..., rug=...); {words}; got {rug!r}")
    return column


def _try(asked: PolicyModel | SidebetModel, source: str) -> None:
    """Raise if a model does not answer to what it will be shown."""
    rows = observations(asked.features)[:TRIED, places_of(asked.signature.features, asked.features)]
    check_examples(asked.signature, asked.features)
    for row in rows:
        try:
            answer = asked.asked(row[None, :])
        except ArgumentError as error:
            raise ArgumentError(f"{source} cannot be used: {error}") from None
        except Exception as error:  # of any library
            words = f"{type(error).__name__}: {error}"
            raise ArgumentError(f"{source} cannot be evaluated on {len(row)} numbers: {words}") from error
        if answer is None:
            raise ArgumentError(f"{source} answers with NaN or infinity, first to {row.tolist()}")
