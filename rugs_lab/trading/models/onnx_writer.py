"""`save_network`: layers of numbers as an ONNX file, without the library that they were trained with."""

from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.resources import of_extra
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.features.feature_set import Features
from rugs_lab.trading.models.model_signature import METADATA_KEY, Signature, signature_of
from rugs_lab.trading.models.model_trial import with_examples

ACTIVATIONS: Final = {
    "relu": "Relu",
    "tanh": "Tanh",
    "logistic": "Sigmoid",
    "sigmoid": "Sigmoid",
    "elu": "Elu",
    "identity": None,
}
"""Name, as scikit-learn and Stable-Baselines3 have it → operator of ONNX."""

OUTPUTS: Final = {"scores": None, "softmax": "Softmax", "sigmoid": "Sigmoid"}


class Scaling(NamedTuple):
    """What is done to each number first, in float64: less `mean`, divided by `spread`, cut at ±`clip`."""

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    clip: float = float("inf")


class Network(NamedTuple):
    """Layers ``x @ weight + bias``, an activation between them, and what is done before and after."""

    weights: Sequence[ArrayLike]
    biases: Sequence[ArrayLike]
    activation: str = "relu"
    output: str = "scores"
    scaling: Scaling | None = None


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
    features: Sequence[str] | Features | None = None,
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
    made = with_examples(*signature_of(features, None, use, actions))
    content = written(Network(weights, biases, activation, output), made)
    return to_file(content, path)


def to_file(content: bytes, path: str | PathLike[str]) -> Path:
    """Write the content of an ONNX file."""
    file = Path(path)
    if file.suffix != ".onnx":
        raise ArgumentError(f"a network is written to an .onnx file; got {file.name!r}")
    file.write_bytes(content)
    return file


def written(network: Network, made: Signature) -> bytes:
    """Return the content of an ONNX file with this network and signature."""
    layers = _layers(network.weights, network.biases, made)
    for name, known in ((network.activation, ACTIVATIONS), (network.output, OUTPUTS)):
        if name not in known:
            raise ArgumentError(f"one of {', '.join(known)} was expected; got {name!r}")
    model = _graph(layers, network)
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, made.text
    content: bytes = model.SerializeToString()
    return content


def _layers(
    weights: Sequence[ArrayLike], biases: Sequence[ArrayLike], made: Signature
) -> list[tuple[Any, ...]]:
    if len(weights) != len(biases) or not len(weights):
        raise ArgumentError(f"each layer has a weight and a bias; got {len(weights)} and {len(biases)}")
    layers = [tuple(np.asarray(e, np.float32) for e in pair) for pair in zip(weights, biases, strict=True)]
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


def _graph(layers: list[tuple[Any, ...]], network: Network) -> Any:
    onnx: Any = of_extra("onnx", "models", "a model")
    helper, kinds = onnx.helper, onnx.TensorProto
    nodes: list[Any] = []
    constants: list[Any] = []
    name = "features"

    def add(operator: str, result: str, *values: Any, **attributes: Any) -> None:
        nonlocal name
        inputs = [f"{result}_{place}" for place in range(len(values))]
        constants.extend(map(onnx.numpy_helper.from_array, map(np.asarray, values), inputs))
        nodes.append(helper.make_node(operator, [name, *inputs], [result], **attributes))
        name = result

    scaling = network.scaling
    if scaling is not None:
        add("Cast", "exact", to=kinds.DOUBLE)
        add("Sub", "centred", np.float64(scaling.mean))
        add("Div", "scaled", np.float64(scaling.spread))
        if scaling.clip < np.inf:
            add("Clip", "clipped", np.float64(-scaling.clip), np.float64(scaling.clip))
        add("Cast", "shown", to=kinds.FLOAT)
    between, last = ACTIVATIONS[network.activation], OUTPUTS[network.output]
    output = "probabilities" if last else "scores"
    for place, (weight, bias) in enumerate(layers):
        final = place == len(layers) - 1
        add("Gemm", output if final and not last else f"sums_{place}", weight, bias)
        operator = last if final else between
        if operator:
            add(operator, output if final else f"layer_{place}")
    ends = (("features", layers[0][0].shape[0]), (output, layers[-1][0].shape[1]))
    given, made = ([helper.make_tensor_value_info(end, kinds.FLOAT, [None, width])] for end, width in ends)
    graph = helper.make_graph(nodes, "rugs_lab", given, made, constants)
    opsets = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="rugs_lab", ir_version=_IR_VERSION)
    onnx.checker.check_model(model)
    return model
