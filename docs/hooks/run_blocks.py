"""Runs the code blocks of pages, each page with its own names, and prints their outputs as HTML.

``outputs.py`` starts it in a process of its own: pages in, outputs out, both as JSON.
"""

import ast
import contextlib
import io
import json
import os
import sys
import tempfile
import warnings
from html import escape
from typing import Any


def html_of(value: object) -> str:
    """Return a value as a page shows it: a widget or figure as a picture, a table, or its text."""
    picture = getattr(getattr(value, "figure", value), "picture_html", None)
    if picture is not None:
        return str(picture())
    for method in ("_repr_html_", "to_html"):
        if callable(draw := getattr(value, method, None)):
            html = draw()
            if html:
                return str(html)
    if isinstance(value, str):
        return f"<pre>{escape(value)}</pre>"
    return f"<pre>{escape(repr(value))}</pre>"


def run(code: str, names: dict[str, Any], wanted: bool) -> str:
    """Run a block; return what it prints and the value of its last line, if that is wanted."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(tree, "<page>", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "<page>", "eval"), names) if last else None
    if not wanted:
        return ""
    shown = f"<pre>{escape(printed.getvalue())}</pre>" if printed.getvalue() else ""
    return shown if value is None else shown + html_of(value)


def main() -> None:
    """Read pages from the standard input, write their outputs."""
    import pandas as pd

    pd.set_option("display.max_rows", 14, "display.max_columns", 12, "display.precision", 4)
    pages: dict[str, list[tuple[str, bool]]] = json.load(sys.stdin)
    outputs: dict[str, list[str]] = {}
    for page, blocks in pages.items():
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            names: dict[str, Any] = {"__name__": "__main__"}
            try:
                shown = [(run(code, names, wanted), wanted) for code, wanted in blocks]
            except Exception as error:
                raise SystemExit(f"a block of {page} fails: {type(error).__name__}: {error}") from error
            finally:
                os.chdir("/")
        outputs[page] = [html for html, wanted in shown if wanted]
    json.dump(outputs, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # feeds that a page left running end here


if __name__ == "__main__":
    main()
