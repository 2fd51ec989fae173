"""Measures no coverage in numba's own code, which would take nearly as long again as compiling does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from numba.core.compiler_machinery import PassManager
from numba.core.typing.templates import _OverloadFunctionTemplate

from rugs_lab.trading.engine.compiled_strategy import _HelperCompiler

OURS = "rugs_lab."


def leave_out() -> None:
    """Trace no pass of numba's, but the package's own passes and what numba calls of it in its passes."""
    run_pass, build = PassManager._runPass, _OverloadFunctionTemplate._build_impl
    outside = threading.local()  # the tracer, one per thread
    outside.tracer = None

    def traced(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            before = sys.gettrace()
            _trace(before or getattr(outside, "tracer", None))
            try:
                return function(*arguments, **named)
            finally:
                _trace(before)

        return call

    def run_pass_untraced(self: Any, index: int, made: Any, state: Any) -> Any:
        before = sys.gettrace()
        if before is not None:
            outside.tracer = before
        if type(made).__module__.startswith(OURS):
            return traced(run_pass)(self, index, made, state)
        _trace(None)
        try:
            return run_pass(self, index, made, state)
        finally:
            _trace(before)

    def build_with_ours_traced(self: Any, *arguments: Any) -> Any:
        function = self._overload_func
        if (function.__module__ or "").startswith(OURS):
            self._overload_func = traced(function)
        return build(self, *arguments)

    PassManager._runPass = run_pass_untraced
    _OverloadFunctionTemplate._build_impl = build_with_ours_traced
    _HelperCompiler.define_pipelines = traced(_HelperCompiler.define_pipelines)


def _trace(tracer: Any) -> None:
    """Trace from here on.

    The tracer of coverage takes its place at the next call that it sees: until then it would miss the end of
    the function that called this one, and count all that follows as lines of another.
    """
    sys.settrace(tracer)
    _be_called()


def _be_called() -> None:
    pass
