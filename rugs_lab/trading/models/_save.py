"""`save`: a trained model as an ONNX file for `load`, without the library that it was trained with.

Known are logistic regressions and perceptrons of scikit-learn, alone or behind a ``StandardScaler``, and the
policies of Stable-Baselines3 (PPO, A2C, DQN) with its ``MlpPolicy``. Neither library is imported: their
numbers are read by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.features.feature_vector import NAMES
from rugs_lab.trading.models.onnx_writer import save_network

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike
    from pathlib import Path

    from rugs_lab.trading.account.actions import Decision

_KNOWN: Final = (
    "a logistic regression or MLPClassifier of scikit-learn, alone or in a Pipeline behind a StandardScaler, "
    "or a PPO, A2C or DQN of Stable-Baselines3 with MlpPolicy"
)
_LINEAR: Final = ("LogisticRegression", "LogisticRegressionCV")
_ACTIVATIONS: Final = {"Tanh": "tanh", "ReLU": "relu", "Sigmoid": "sigmoid"}


def save(
    model: Any,
    path: str | PathLike[str],
    *,
    use: str = "policy",
    features: Sequence[str] | None = None,
    actions: Iterable[Decision] | None = None,
) -> Path:
    """Write a trained model as an ONNX file.

    Parameters
    ----------
    model
        See above. A classifier for ``use="sidebet"`` has two classes, no rug and rug; one for a policy has
        the numbers of decisions as classes, all of them.
    path
        To write, ending in ``.onnx``.
    use, features, actions
        As in `load`; they are kept in the file. Names of columns that a model of scikit-learn was trained on
        need not be given.

    Raises
    ------
    ArgumentError
        A model of another kind, or one that does not fit.
    """
    policy = getattr(model, "policy", None)
    if policy is not None and hasattr(policy, "state_dict"):
        weights, biases, activation = _of_policy(policy)
        return save_network(
            path, weights, biases, activation=activation, use=use, features=features, actions=actions
        )
    if features is None and getattr(model, "feature_names_in_", None) is not None:
        features = [str(name) for name in model.feature_names_in_]
    scaler, classifier = _unpacked(model)
    if type(classifier).__name__ in (*_LINEAR, "MLPClassifier") and not hasattr(classifier, "classes_"):
        raise ArgumentError(f"the model is not trained: call its fit() first; got {classifier!r:.100}")
    weights, biases, activation = _of_classifier(classifier)
    taken = len(weights[0])
    if features is None and taken != len(NAMES):
        raise ArgumentError(
            f"the model takes {taken} numbers, and an observation has {len(NAMES)}: "
            f"say with features=[...] which of {', '.join(NAMES)}"
        )
    if scaler is not None:
        spread = np.asarray(scaler.scale_ if scaler.scale_ is not None else 1.0)
        middle = np.asarray(scaler.mean_ if scaler.mean_ is not None else 0.0)
        biases[0] = biases[0] - (middle / spread) @ weights[0] if np.ndim(middle) else biases[0]
        weights[0] = weights[0] / (spread[:, None] if np.ndim(spread) else spread)
    classes = np.asarray(classifier.classes_)
    if use == "policy" and classes.tolist() != list(range(len(classes))):
        raise ArgumentError(
            f"the classes of a policy are the numbers of all its decisions, 0, 1, ...; got {classes}"
        )
    if use == "policy" and weights[-1].shape[1] == 1:  # two classes and one score: that of the second
        weights[-1] = np.hstack([np.zeros_like(weights[-1]), weights[-1]])
        biases[-1] = np.append(0.0, biases[-1])
    output = "sigmoid" if weights[-1].shape[1] == 1 else "softmax"
    return save_network(
        path,
        weights,
        biases,
        activation=activation,
        output=output,
        use=use,
        features=features,
        actions=actions,
    )


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


def _of_policy(policy: Any) -> tuple[list[Any], list[Any], str]:
    """Return the layers from observation to scores, by their names in Stable-Baselines3."""
    found = {str(name): _numbers(value) for name, value in policy.state_dict().items()}
    prefix = "q_net.q_net." if any(name.startswith("q_net.q_net.") for name in found) else None
    inner = prefix or "mlp_extractor.policy_net."
    pattern = re.compile(re.escape(inner) + r"(\d+)\.weight$")
    places = sorted(int(hit[1]) for name in found if (hit := pattern.match(name)))
    names = [f"{inner}{place}" for place in places] + ([] if prefix else ["action_net"])
    if any(f"{name}.{part}" not in found for name in names for part in ("weight", "bias")) or not names:
        raise ArgumentError(f"what can be saved is {_KNOWN}; got a policy with {', '.join(found)}")
    activation = getattr(getattr(policy, "activation_fn", None), "__name__", "ReLU" if prefix else "Tanh")
    if activation not in _ACTIVATIONS:
        raise ArgumentError(f"activations are {', '.join(_ACTIVATIONS)}; got {activation}")
    weights = [found[f"{name}.weight"].T for name in names]
    return weights, [found[f"{name}.bias"] for name in names], _ACTIVATIONS[activation]


def _numbers(value: Any) -> Any:
    """Return a tensor of any library as an array."""
    for step in ("detach", "cpu", "numpy"):
        value = getattr(value, step)() if hasattr(value, step) else value
    return np.asarray(value)
