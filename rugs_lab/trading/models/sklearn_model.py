"""`SklearnModel`: a model of scikit-learn; read by skops, which builds only what is known to be harmless."""

import pickle
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.resources import of_extra

PICKLES: Final = (".pkl", ".pickle", ".joblib")


class SklearnModel:
    """A classifier of scikit-learn; it answers with the label that it predicts, or with probabilities."""

    def __init__(self, model: Any, *, labels: bool, source: str = "the model") -> None:
        self.model = model
        self.source = source
        method = "predict" if labels else "predict_proba"
        if not callable(getattr(model, method, None)):
            raise ArgumentError(f"{source} cannot be used: {type(model).__name__} has no {method}()")
        self._ask = getattr(model, method)

    @property
    def takes(self) -> int | None:
        """How many numbers it takes; None where that is not known."""
        count = getattr(self.model, "n_features_in_", None)
        return None if count is None else int(count)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names of the columns that it was trained on; None for arrays without names."""
        names = getattr(self.model, "feature_names_in_", None)
        return None if names is None else tuple(map(str, names))

    def answer(self, shown: NDArray[np.float32]) -> NDArray[Any]:
        """Return its answer to features of shape (1, n)."""
        given: Any = shown
        if self.names is not None:
            import pandas as pd

            given = pd.DataFrame(shown, columns=list(self.names))
        return np.asarray(self._ask(given))


def rug_column(classes: NDArray[Any], rug: object = None) -> int | None:
    """Return which of two classes means a rug: the one given, True, 1 or "rug"; None: not known."""
    names = [str(each) for each in classes.tolist()]
    known = ("True", "1", "rug") if names[-1:] == ["True"] or "0" in names or "rug" in names else ()
    found = [names.index(name) for name in ([str(rug)] if rug is not None else known) if name in names]
    return found[0] if len(found) == 1 and len(names) == 2 else None


_OPTIMIZERS: Final = "sklearn.neural_network._stochastic_optimizers"
_HARMLESS: Final = (f"{_OPTIMIZERS}.AdamOptimizer", f"{_OPTIMIZERS}.SGDOptimizer")
"""Types of scikit-learn that some versions of skops do not know: a perceptron keeps its optimizer."""


def read_sklearn(path: str | PathLike[str], *, trust: bool) -> Any:
    """Return the model in a file of skops, or with `trust` in a pickle."""
    file = Path(path)
    if not file.is_file():
        raise ArgumentError(f"no such model file: {file}")
    if file.suffix.lower() in PICKLES:
        if not trust:
            raise ArgumentError(
                f"{file.name} is a pickle: reading it runs whatever code it holds. Save it with skops "
                "(skops.io.dump(model, 'model.skops')), or say load(path, trust=True) if you made it yourself"
            )
        if file.suffix.lower() == ".joblib":
            return of_extra("joblib", "models", "a model").load(file)
        return pickle.loads(file.read_bytes())
    skops = of_extra("skops.io", "models", "a model")
    try:
        unknown = skops.get_untrusted_types(file=file)
    except Exception as error:  # zipfile, json and skops each have their own
        raise ArgumentError(f"{file.name} cannot be read by skops: {error}") from error
    unknown = [name for name in unknown if trust or name not in _HARMLESS]
    if unknown and not trust:
        raise ArgumentError(
            f"{file.name} holds types that skops does not know: {', '.join(unknown)}. Say "
            "load(path, trust=True) if you made it yourself"
        )
    return skops.load(file, trusted=[*unknown, *_HARMLESS])
