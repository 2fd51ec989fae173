"""`OnnxModel`: a model in an ONNX file, asked through onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.resources import of_extra
from rugs_lab.trading.models.model_signature import METADATA_KEY, Signature

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

_KINDS: Final = {"tensor(float)": np.float32, "tensor(double)": np.float64}


class OnnxModel:
    """An ONNX model; it can be copied and sent to other processes, and is opened where it is first asked.

    Parameters
    ----------
    content
        The file's bytes.
    source
        Where it is from, for messages.
    output
        Name of the output that counts; by default one called like a probability, else the first.

    Raises
    ------
    ArgumentError
        It is no ONNX model, or not one with one input of numbers.
    """

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
        return cls(file.read_bytes(), str(file), output)

    @property
    def takes(self) -> int | None:
        """How many numbers it takes; None where that is not known."""
        return self._takes

    @property
    def signature(self) -> Signature | None:
        """The signature that it was saved with; None where it has none."""
        text = self._session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
        return None if text is None else Signature.from_text(text)

    def answer(self, shown: NDArray[np.float32]) -> NDArray[Any]:
        """Return its answer to features of shape (1, n)."""
        given = shown if self._kind is np.float32 else shown.astype(self._kind)
        answer: NDArray[Any] = np.asarray(self._session.run(self._wanted, {self._input: given})[0])
        return answer

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.content, self.source, self._output)

    def _open(self) -> None:
        runtime: Any = of_extra("onnxruntime", "models", "a model")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # a row at a time: threads only cost
        options.log_severity_level = 3
        try:
            session = runtime.InferenceSession(
                self.content, sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has a class for each way to be broken
            raise ArgumentError(f"{self.source} is no ONNX model that can be run: {error}") from error
        inputs, outputs = session.get_inputs(), session.get_outputs()
        if len(inputs) != 1 or inputs[0].type not in _KINDS or len(inputs[0].shape) != 2:
            found = ", ".join(f"{each.name} {each.type}{each.shape}" for each in inputs)
            raise ArgumentError(
                f"{self.source} does not fit: a model takes one input, a float tensor of shape "
                f"(rows, features); this one takes {found or 'nothing'}"
            )
        names = [each.name for each in outputs]
        if self._output is not None and self._output not in names:
            raise ArgumentError(f"{self.source} has no output {self._output!r}; it has {', '.join(names)}")
        wanted = self._output or next((name for name in names if "prob" in name.lower()), names[0])
        width = inputs[0].shape[1]
        self._takes = width if isinstance(width, int) else None
        self._kind: Any = _KINDS[inputs[0].type]
        self._input, self._wanted = inputs[0].name, [wanted]
        self._session: Any = session


def signature(path: str | PathLike[str]) -> Signature | None:
    """Return the signature that an ONNX file holds; None where it holds none.

    Raises
    ------
    ArgumentError
        No such file, no model, or a signature that does not fit.
    """
    return OnnxModel.read(path).signature
