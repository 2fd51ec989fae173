"""`save_network`: layers of numbers as an ONNX file, without the library that they were trained with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.resources import of_extra
from rugs_lab.trading.models.model_signature import METADATA_KEY, Signature, signature_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike

    from numpy.typing import ArrayLike

    from rugs_lab.trading.account.actions import Decision

ACTIVATIONS: Final = {
    "relu": "Relu",
    "tanh": "Tanh",
    "logistic": "Sigmoid",
    "sigmoid": "Sigmoid",
    "identity": None,
}
"""Name, as scikit-learn and Stable-Baselines3 have it → operator of ONNX."""

OUTPUTS: Final = {"scores": None, "softmax": "Softmax", "sigmoid": "Sigmoid"}

_OPSET: Final = 13
_IR_VERSION: Final = 8


def save_network(
    path: str | PathLike[str],
    weights: Sequence[ArrayLike],
    biases: Sequence[ArrayLike],
    *,
    activation: str = "relu",
    output: str = "scores",
    use: str = "policy",
    features: Sequence[str] | None = None,
    actions: Iterable[Decision] | None = None,
) -> Path:
    """Write layers ``x @ weight + bias`` with an activation between them as an ONNX file for `load`.

    Parameters
    ----------
    path
        To write, ending in ``.onnx``.
    weights, biases
        Of each layer: shape (inputs, outputs), and (outputs,).
    activation
        Between layers: ``relu``, ``tanh``, ``logistic`` or ``identity``.
    output
        What the last layer gives: ``scores`` as they are, ``softmax`` or ``sigmoid`` of them.
    use, features, actions
        As in `load`; they are kept in the file.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ArgumentError
        Layers that do not fit one another or the signature, or names that are not known.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from rugs_lab.trading.models import signature
    >>> with TemporaryDirectory() as folder:
    ...     path = save_network(f"{folder}/net.onnx", [np.eye(2)], [np.zeros(2)], use="sidebet",
    ...                         features=["tick", "price"])
    ...     signature(path).features
    ('tick', 'price')
    """
    file = Path(path)
    if file.suffix != ".onnx":
        raise ArgumentError(f"a network is written to an .onnx file; got {file.name!r}")
    made = signature_of(features, None, use, actions)
    layers = _layers(weights, biases, made)
    for name, known in ((activation, ACTIVATIONS), (output, OUTPUTS)):
        if name not in known:
            raise ArgumentError(f"one of {', '.join(known)} was expected; got {name!r}")
    model = _graph(
        layers, ACTIVATIONS[activation], OUTPUTS[output], "probabilities" if output != "scores" else output
    )
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, made.text
    file.write_bytes(model.SerializeToString())
    return file


def _layers(
    weights: Sequence[ArrayLike], biases: Sequence[ArrayLike], made: Signature
) -> list[tuple[Any, Any]]:
    if len(weights) != len(biases) or not len(weights):
        raise ArgumentError(f"each layer has a weight and a bias; got {len(weights)} and {len(biases)}")
    layers = [
        (np.asarray(w, np.float32), np.asarray(b, np.float32)) for w, b in zip(weights, biases, strict=True)
    ]
    width = len(made.features)
    for place, (weight, bias) in enumerate(layers):
        if weight.ndim != 2 or weight.shape[0] != width or bias.shape != (weight.shape[1],):
            raise ArgumentError(
                f"layer {place} takes {width} numbers, so its weight has shape ({width}, n) and its bias "
                f"(n,); got {weight.shape} and {bias.shape}"
            )
        width = weight.shape[1]
    wanted = (1, 2) if made.use == "sidebet" else (len(made.actions),)
    if width not in wanted:
        raise ArgumentError(
            f"the last layer must give {' or '.join(map(str, wanted))} numbers for a {made.use}; got {width}"
        )
    return layers


def _graph(layers: list[tuple[Any, Any]], between: str | None, last: str | None, output: str) -> Any:
    onnx: Any = of_extra("onnx", "models", "a model")
    helper, numbers = onnx.helper, onnx.numpy_helper
    nodes, constants = [], []
    name = "features"
    for place, (weight, bias) in enumerate(layers):
        constants += [
            numbers.from_array(weight, f"weight_{place}"),
            numbers.from_array(bias, f"bias_{place}"),
        ]
        final = place == len(layers) - 1
        operator = last if final else between
        done = output if final else f"layer_{place}"
        sums = f"sums_{place}" if operator else done
        nodes.append(helper.make_node("Gemm", [name, f"weight_{place}", f"bias_{place}"], [sums]))
        if operator:
            nodes.append(helper.make_node(operator, [sums], [done]))
        name = done
    kind = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "rugs_lab",
        [helper.make_tensor_value_info("features", kind, [None, layers[0][0].shape[0]])],
        [helper.make_tensor_value_info(output, kind, [None, layers[-1][0].shape[1]])],
        constants,
    )
    opsets = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="rugs_lab", ir_version=_IR_VERSION)
    onnx.checker.check_model(model)
    return model
