"""An order that a strategy makes and throws away, found in its source."""

from __future__ import annotations

import ast
from inspect import getsourcelines
from textwrap import dedent
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_ORDERS: Final = ("buy", "sell", "sidebet", "short", "cover")


def forgotten_return(function: Callable[..., object]) -> str:
    """Return where a strategy makes an order and throws it away, in words; empty when nowhere."""
    try:
        lines, first = getsourcelines(function)
        tree = ast.parse(dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = ast.unparse(node.value.func)
            if called.removeprefix("rl.").removeprefix("rugs_lab.") in _ORDERS:
                where = f"line {first + node.lineno - 1}: {called}(...)"
                return f"{where} creates an order but does not return it; write return {called}(...)"
    return ""
