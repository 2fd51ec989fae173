"""`save`: a trained model as an ONNX file for `load`, without the library that it was trained with.

Neither library is imported: their numbers are read by name.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.features.feature_set import Features
from rugs_lab.trading.models.model_signature import Signature, places_of, signature_of
from rugs_lab.trading.models.model_trial import compare, observations, with_examples
from rugs_lab.trading.models.onnx_model import OnnxModel
from rugs_lab.trading.models.onnx_writer import Network, Scaling, to_file, written
from rugs_lab.trading.models.sklearn_model import SklearnModel, rug_column
from rugs_lab.trading.models.stable_baselines3 import decisions, read_policy

_KNOWN: Final = (
    "a logistic regression or MLPClassifier of scikit-learn, alone or in a Pipeline behind a StandardScaler, "
    "or a PPO, A2C, DQN or MaskablePPO of Stable-Baselines3 with MlpPolicy"
)
_LINEAR: Final = ("LogisticRegression", "LogisticRegressionCV")


def save(
    model: Any,
    path: str | PathLike[str],
    *,
    use: str = "policy",
    features: Sequence[str] | Features | None = None,
    actions: Iterable[Decision] | None = None,
) -> Path:
    """Write a trained model as an ONNX file.

    Parameters
    ----------
    model
        A logistic regression or ``MLPClassifier`` of scikit-learn, alone or behind a ``StandardScaler``, or a
        PPO, A2C, DQN or MaskablePPO of Stable-Baselines3 with ``MlpPolicy``. A classifier for
        ``use="sidebet"`` has two classes, no rug and rug; one for a policy the numbers of all decisions.
    path
        To write, ending in ``.onnx``.
    use, features, actions
        As in `load`; they are kept in the file. Names of columns that a model of scikit-learn was trained on
        need not be given, nor the features and actions of a `RugsEnv` that a policy was trained in.

    Raises
    ------
    ArgumentError
        The model is of another kind or cannot be used, or the file would answer differently on 4,000 test
        observations; nothing is written then.

    Notes
    -----
    Of Stable-Baselines3 the environment must be known (``PPO.load(path, env=env)``). ``VecNormalize`` becomes
    part of the file; a masked policy (MaskablePPO) chooses among `ActionSpace.possible` decisions. A
    custom features extractor, a continuous policy, and wrappers that may change observations or actions are
    rejected.
    """
    if hasattr(getattr(model, "policy", None), "state_dict"):
        if use != "policy":
            raise ArgumentError(f"a model of reinforcement learning is a policy; got use={use!r}")
        network, made, shown = read_policy(model, features, actions)
        answers: Callable[[NDArray[np.float32]], NDArray[Any]] = partial(decisions, model)
    else:
        network, made, shown, answers = _of_sklearn(model, use, features, actions)
    content = written(network, with_examples(made, shown))
    rows = observations(shown)[:, places_of(made.features, shown)]
    compare(OnnxModel(content).answer(rows), answers(rows), rows, made)
    return to_file(content, path)


def _of_sklearn(
    model: Any, use: str, features: Sequence[str] | Features | None, actions: Iterable[Decision] | None
) -> tuple[Network, Signature, Features, Callable[[NDArray[np.float32]], NDArray[Any]]]:
    """Return the network, what it takes and gives, what it is shown, and what the model itself answers."""
    scaler, classifier = _unpacked(model)
    if type(classifier).__name__ in (*_LINEAR, "MLPClassifier") and not hasattr(classifier, "classes_"):
        raise ArgumentError(f"the model is not trained: call its fit() first; got {classifier!r:.100}")
    weights, biases, activation = _of_classifier(classifier)
    taken = len(weights[0])
    asked = SklearnModel(model, labels=use == "policy")
    made, shown = signature_of(features, None, use, actions, asked.names)
    if taken != len(made.features):
        raise ArgumentError(
            f"the model takes {taken} numbers, and is shown {len(made.features)}: "
            f"say with features=[...] which of {', '.join(shown.columns)}"
        )
    scaling = None
    if scaler is not None:
        mean = np.zeros(taken) if scaler.mean_ is None else scaler.mean_
        scaling = Scaling(mean, np.ones(taken) if scaler.scale_ is None else scaler.scale_)
    classes = np.asarray(classifier.classes_)
    if use == "policy" and classes.tolist() != list(range(len(classes))):
        raise ArgumentError(
            f"the classes of a policy are the numbers of all its decisions, 0, 1, ...; got {classes}"
        )
    if use == "sidebet" and rug_column(classes) != 1:
        raise ArgumentError(f"a side-bet model has the classes False and True, True for a rug; got {classes}")
    if use == "policy" and weights[-1].shape[1] == 1:  # two classes and one score: that of the second
        weights[-1] = np.hstack([np.zeros_like(weights[-1]), weights[-1]])
        biases[-1] = np.append(0.0, biases[-1])
    output = "sigmoid" if weights[-1].shape[1] == 1 else "softmax"
    network = Network(weights, biases, activation, output, scaling)
    column = 1 if use == "sidebet" else slice(None)
    return network, made, shown, lambda rows: asked.answer(rows)[..., column]


def _unpacked(model: Any) -> tuple[Any, Any]:
    """Return the scaler (or None) and the classifier."""
    steps = [step for _, step in getattr(model, "steps", [("", model)]) if step not in (None, "passthrough")]
    if len(steps) == 2 and hasattr(steps[0], "mean_") and hasattr(steps[0], "scale_"):
        return steps[0], steps[1]
    if len(steps) == 1:
        return None, steps[0]
    raise ArgumentError(f"what can be saved is {_KNOWN}; got {model!r:.200}. Others: skops.io.dump")


def _of_classifier(model: Any) -> tuple[list[Any], list[Any], str]:
    if hasattr(model, "coefs_") and hasattr(model, "intercepts_") and hasattr(model, "classes_"):
        return list(model.coefs_), list(model.intercepts_), str(model.activation)
    linear = type(model).__name__ in _LINEAR or getattr(model, "loss", None) == "log_loss"
    if linear and hasattr(model, "coef_"):
        return [np.asarray(model.coef_).T], [np.asarray(model.intercept_)], "identity"
    raise ArgumentError(f"what can be saved is {_KNOWN}; got {model!r:.200}. Others: skops.io.dump")
