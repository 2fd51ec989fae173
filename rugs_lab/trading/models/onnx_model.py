"""`OnnxModel`: a model in an ONNX file, asked through onnxruntime."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.resources import of_extra
from rugs_lab.trading.models.model_signature import METADATA_KEY, Signature

_KINDS: Final = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}


class OnnxModel:
    """An ONNX model; it can be copied and sent to other processes, and is opened where it is first asked."""

    def __init__(self, content: bytes, source: str = "the model", output: str | None = None) -> None:
        self.content = content
        self.source = source
        self._output = output
        self._open()

    @classmethod
    def read(cls, path: str | PathLike[str], output: str | None = None) -> OnnxModel:
        """Read a file."""
        file = Path(path)
        if not file.is_file():
            raise ArgumentError(f"no such model file: {file}")
        content = file.read_bytes()
        if b"location" in content:  # without the word no weights are kept in other files
            content = _with_weights(content, file)
        return cls(content, str(file), output)

    @property
    def signature(self) -> Signature | None:
        """The signature that it was saved with; None where it has none."""
        text = self._session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
        return None if text is None else Signature.from_text(text)

    def answer(self, shown: NDArray[np.float32]) -> NDArray[Any]:
        """Return its answer to features of shape (1, n)."""
        given = shown if self._kind is np.float32 else shown.astype(self._kind)
        return np.asarray(self._session.run(self._wanted, {self._input: given})[0])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.content, self.source, self._output)

    def _open(self) -> None:
        runtime: Any = of_extra("onnxruntime", "models", "a model")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # a row at a time: threads only cost
        options.log_severity_level = 3
        try:
            session = runtime.InferenceSession(self.content, options, ["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class for each way to be broken
            raise ArgumentError(
                f"{self.source} is not an ONNX model that can be run: {error}. onnxruntime is "
                f"{runtime.__version__}; upgrade it for a newer opset, or save with an older one"
            ) from error
        inputs, outputs = session.get_inputs(), session.get_outputs()
        shape = list(inputs[0].shape) if len(inputs) == 1 and inputs[0].type in _KINDS else []
        if len(shape) != 2 or (isinstance(shape[0], int) and shape[0] != 1):
            found = ", ".join(f"{each.name} {each.type}{each.shape}" for each in inputs)
            hint = ". Convert it with one input for all columns" if len(inputs) > 1 else ""
            hint = ". Convert it with a free number of rows" if len(shape) == 2 else hint
            raise ArgumentError(
                f"{self.source} cannot be used: a model takes one input, a float tensor of shape "
                f"(rows, features); this one takes {found or 'nothing'}{hint}"
            )
        names = [each.name for each in outputs]
        if self._output is not None and self._output not in names:
            raise ArgumentError(f"{self.source} has no output {self._output!r}; it has {', '.join(names)}")
        likely = [name for name in names if "prob" in name.lower() and "log" not in name.lower()]
        if self._output is None and len(names) > 1 and len(likely) != 1:
            raise ArgumentError(
                f"{self.source} has several outputs, {', '.join(names)}: say which one answers, "
                "load(..., output=...)"
            )
        wanted = self._output or (likely or names)[0]
        kinds = {each.name: each.type for each in outputs}
        if not kinds[wanted].startswith("tensor("):
            raise ArgumentError(
                f"{self.source} cannot be used: its output {wanted} is a {kinds[wanted]}. Convert it without "
                "a Zipmap (skl2onnx: options={'zipmap': False}), or name another with output="
            )
        self.named_classes = "tensor(string)" in kinds.values()
        self.takes: int | None = shape[1] if isinstance(shape[1], int) else None
        self._kind: Any = _KINDS[inputs[0].type]
        self._input, self._wanted = inputs[0].name, [wanted]
        self._session: Any = session


def _with_weights(content: bytes, file: Path) -> bytes:
    """Return the model with the weights that it keeps in other files, which are beside it or below."""
    onnx: Any = of_extra("onnx", "models", "a model")
    helper = onnx.external_data_helper
    try:
        model = onnx.load_model_from_string(content)
    except Exception:  # no model: it is opened, and the reason given, later
        return content
    outside = [tensor for tensor in helper._get_all_tensors(model) if helper.uses_external_data(tensor)]
    folder = file.parent.resolve()
    for tensor in outside:
        name = helper.ExternalDataInfo(tensor).location
        place = (folder / name).resolve()
        if not name or not place.is_relative_to(folder) or not place.is_file():
            raise ArgumentError(
                f"{file} keeps its weights in the file {name!r}, which must be beside it, in {folder}; "
                "save it as one file: onnx.save(onnx.load(path), path, save_as_external_data=False)"
            )
        try:
            helper.load_external_data_for_tensor(tensor, str(folder))
        except Exception as error:
            raise ArgumentError(f"{file}: its weights in {name!r} cannot be read: {error}") from error
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]
    inlined: bytes = model.SerializeToString() if outside else content
    return inlined


def signature(path: str | PathLike[str]) -> Signature | None:
    """Return the signature that an ONNX file holds; None where it holds none."""
    return OnnxModel.read(path).signature
