"""Trained models as strategies: ``rl.models``.

A model is shown the features of an observation (`rugs_lab.trading.features`) and answers with the number of
an action, with scores of which the highest counts, or with the probability of a rug within 40 ticks. What
`load` returns is a strategy like any other, for `rl.backtest`, `rl.check`, `rl.replay`, `rl.sweep`,
`feed.paper`.

``action_space``     `ActionSpace`: the actions that a model may take, numbered
``load``             `load`: an ONNX file, or a scikit-learn one written by skops, as a strategy
``save``             `save`: a scikit-learn model, or a Stable-Baselines3 policy, as ONNX
``stable_baselines3``, ``model_trial``  what a policy was trained with, and what every model is tried on
``onnx_writer``      `save_network`: any layers as ONNX
``model_signature``  the input and output of a model, kept in its file
``model_strategy``   how a model's answer becomes an action
``onnx_model``, ``sklearn_model``  how each kind of model is asked
"""

from rugs_lab.trading.environment.sb3_vec_env import sb3_vec_env
from rugs_lab.trading.features.feature_vector import BUILT_IN, FEATURES, NAMES, PATH
from rugs_lab.trading.features.features_frame import feature_frame, people_frame
from rugs_lab.trading.models._load import load
from rugs_lab.trading.models._save import save
from rugs_lab.trading.models.action_space import ActionSpace
from rugs_lab.trading.models.model_signature import Signature
from rugs_lab.trading.models.model_strategy import strategy_of
from rugs_lab.trading.models.onnx_model import signature
from rugs_lab.trading.models.onnx_writer import save_network

__all__ = [
    "BUILT_IN",
    "FEATURES",
    "NAMES",
    "PATH",
    "ActionSpace",
    "Signature",
    "feature_frame",
    "load",
    "people_frame",
    "save",
    "save_network",
    "sb3_vec_env",
    "signature",
    "strategy_of",
]
