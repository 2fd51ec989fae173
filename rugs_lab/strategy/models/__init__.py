"""Trained models as rules: ``rl.models``.

A model is shown the features of an observation (`rugs_lab.strategy.features`) and answers with the number of
a decision, with scores of which the highest counts, or with the probability of a rug within 40 ticks. What
`load` returns is a rule like any other, for `rl.backtest`, `rl.check`, `rl.replay`, `rl.sweep`, `feed.paper`.

``features``, ``feature_frame``, ``FEATURES``  what a model is shown
``Choices``    the decisions that it may take, numbered
``load``       a file of ONNX, or of scikit-learn written by skops, as a rule
``save``       a model of scikit-learn, or a policy of Stable-Baselines3, as ONNX; `save_network` any layers
``rule_of``    a function of the features as a rule
``signature``  what a model file says that it takes and gives

``network`` holds the graph that is written, ``onnx_model`` and ``sklearn_model`` how each kind is asked,
``rule`` how an answer becomes a decision.
"""

from __future__ import annotations

from rugs_lab.strategy.choices import Choices
from rugs_lab.strategy.feature_frame import feature_frame
from rugs_lab.strategy.features import FEATURES, NAMES, PATH, features
from rugs_lab.strategy.models.loading import load
from rugs_lab.strategy.models.network import save_network
from rugs_lab.strategy.models.rule import rule_of
from rugs_lab.strategy.models.saving import save
from rugs_lab.strategy.models.signature import Signature, signature

__all__ = [
    "FEATURES",
    "NAMES",
    "PATH",
    "Choices",
    "Signature",
    "feature_frame",
    "features",
    "load",
    "rule_of",
    "save",
    "save_network",
    "signature",
]
