"""What a policy of Stable-Baselines3 was trained with: its layers, its normalisation, its environment.

Everything is read by name, so that the library is not imported. What is not known is rejected.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.features.feature_set import Features
from rugs_lab.trading.models.action_space import ActionSpace
from rugs_lab.trading.models.model_signature import Signature, signature_of
from rugs_lab.trading.models.onnx_writer import Network, Scaling

ALGORITHMS: Final = ("PPO", "A2C", "DQN", "MaskablePPO")

_ACTIVATIONS: Final = {"Tanh": "tanh", "ReLU": "relu", "Sigmoid": "sigmoid", "ELU": "elu"}
_PARTS: Final = ("mlp_extractor.", "action_net.", "value_net.", "q_net.q_net.", "q_net_target.q_net.")
_HARMLESS: Final = (
    *("VecNormalize", "VecMonitor", "VecCheckNan", "Monitor", "OrderEnforcing", "PassiveEnvChecker"),
    *("TimeLimit", "RecordEpisodeStatistics", "RugsEnv"),
)
"""Wrappers that change neither what is seen nor what is done; VecNormalize is carried over."""


def read_policy(
    model: Any, given: Sequence[str] | Features | None, actions: Iterable[Decision] | None
) -> tuple[Network, Signature, Features]:
    """Return the network of a trained algorithm, what it takes and gives, and what it is shown."""
    kinds = [base.__name__ for base in type(model).__mro__]
    if not any(kind in ALGORITHMS for kind in kinds):
        raise ArgumentError(f"of Stable-Baselines3 {', '.join(ALGORITHMS)} can be saved; got {kinds[0]}")
    space, masked = model.action_space, "MaskablePPO" in kinds
    if type(space).__name__ != "Discrete" or int(space.start):
        raise ArgumentError(f"a policy chooses one of numbered decisions, Discrete(n); this one has {space}")
    environment = model.get_env()
    if environment is None:
        raise ArgumentError(
            "the model has no environment, so neither its actions nor a normalisation are known: "
            f"{kinds[0]}.load(path, env=...) with the one it was trained in, VecNormalize included"
        )
    wrappers = list(_wrappers(environment))
    strange = next((name for name in wrappers if name not in _HARMLESS), None)
    if strange and (given is None or actions is None or (masked and strange == "ActionMasker")):
        raise ArgumentError(
            f"{strange} may change what the model sees or does, and is not saved with it. Train in RugsEnv "
            "itself, or say with features=[...] and actions=[...] what its numbers are"
        )
    own = None if strange else ActionSpace(environment.get_attr("actions")[0])
    chosen = own if actions is None else ActionSpace(actions)
    if chosen is None or (own is not None and chosen != own):
        raise ArgumentError(f"the model was trained with {own!r}; the actions given are {chosen!r}")
    seen = given if strange else environment.get_attr("features")[0]
    made, shown = signature_of(seen, None, "policy", chosen)
    named = not isinstance(given, Features) and given is not None and tuple(given) == made.features
    if given not in (None, seen) and not named:
        raise ArgumentError(f"the model was trained with {seen!r}; the features given are {given!r}")
    if model.observation_space.shape != (len(made.features),) or len(chosen) != int(space.n):
        raise ArgumentError(
            f"the model takes {model.observation_space.shape} numbers and chooses one of {int(space.n)}; "
            f"features= names {len(made.features)}, and there are {len(chosen)} actions"
        )
    made = replace(made, masked=masked, chances="DQN" not in kinds)
    scaling, normalize = None, model.get_vec_normalize_env()
    if normalize is not None and normalize.norm_obs:
        spread = np.sqrt(normalize.obs_rms.var + normalize.epsilon)
        scaling = Scaling(normalize.obs_rms.mean, spread, float(normalize.clip_obs))
    return _network(model.policy, scaling), made, shown


def decisions(model: Any, rows: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the numbers that the model itself decides on."""
    normalize = model.get_vec_normalize_env()
    shown = rows if normalize is None else normalize.normalize_obs(rows)
    return np.asarray(model.predict(shown, deterministic=True)[0], np.int64)


def _wrappers(environment: Any) -> Iterator[str]:
    """Name the wrappers from the outermost to the environment."""
    while hasattr(environment, "venv"):
        yield type(environment).__name__
        environment = environment.venv
    import gymnasium

    if not hasattr(environment, "envs"):  # in other processes: only the kind can be asked for
        for kind in (gymnasium.ObservationWrapper, gymnasium.ActionWrapper):
            if any(environment.env_is_wrapped(kind)):
                yield kind.__name__
        return
    for each in environment.envs:
        while each is not each.unwrapped:
            kind, plain = type(each), gymnasium.RewardWrapper
            if not issubclass(kind, plain) or (kind.step, kind.reset) != (plain.step, plain.reset):
                yield kind.__name__
            each = each.env
        yield type(each).__name__


def _network(policy: Any, scaling: Scaling | None) -> Network:
    """Return the layers from observation to scores, by their names."""
    found = {name: value.detach().cpu().numpy() for name, value in policy.state_dict().items()}
    for part in (policy, getattr(policy, "q_net", None)):
        extractor = type(getattr(part, "features_extractor", None)).__name__
        if extractor not in ("FlattenExtractor", "NoneType"):
            raise ArgumentError(f"the features extractor {extractor} is not saved; use MlpPolicy's own")
    other = next((name for name in found if not name.startswith(_PARTS)), None)
    if other is not None:
        raise ArgumentError(f"a policy is saved with MlpPolicy's parts only; this one has {other}")
    of_values = any(name.startswith("q_net.") for name in found)
    inner = "q_net.q_net." if of_values else "mlp_extractor.policy_net."
    pattern = re.compile(re.escape(inner) + r"(\d+)\.weight$")
    places = sorted(int(hit[1]) for name in found if (hit := pattern.match(name)))
    names = [f"{inner}{place}" for place in places] + ([] if of_values else ["action_net"])
    activation = policy.activation_fn.__name__
    if activation not in _ACTIVATIONS:
        raise ArgumentError(f"activations are {', '.join(_ACTIVATIONS)}; got {activation}")
    weights, biases = [found[f"{name}.weight"].T for name in names], [found[f"{name}.bias"] for name in names]
    return Network(weights, biases, _ACTIVATIONS[activation], scaling=scaling)
