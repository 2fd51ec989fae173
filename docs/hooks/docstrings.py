"""The project's docstrings as Markdown: its lists of names, and its code behind ``::``.

The docstring of a package names its modules in one of two ways, both easy to read in the source: a name on a
line of its own with the text indented below, or a name and its text side by side in two columns. Markdown
would run both together, so they become definition lists here.
"""

import re
from typing import Any

from griffe import Extension, Module

_SIDE_BY_SIDE = re.compile(r"^(``[\w.]+``)[ ]{2,}(\S.*)$")
_NAME_ABOVE = re.compile(r"^(?:(?:`{1,2}[\w. ]+`{1,2})(?:, )?)+$|^[A-Z][\w ]{2,30}$")


class PlainDocstrings(Extension):
    """Rewrites the docstring of each module; those of classes and functions are in numpy style already."""

    def on_module(self, *, mod: Module, **kwargs: Any) -> None:
        """Rewrite the docstring of a module that was read."""
        if mod.docstring:
            mod.docstring.value = as_markdown(mod.docstring.value)


def as_markdown(text: str) -> str:
    r"""Return a docstring with Markdown's definition lists and code blocks.

    >>> print(as_markdown("Parts::\n\n    a -> b\n\n``game``  the rules\n          of it\n`feed`\n    All."))
    Parts:
    <BLANKLINE>
        a -> b
    <BLANKLINE>
    `game`
    :   the rules of it
    <BLANKLINE>
    `feed`
    :   All.
    """
    kept: list[str] = []
    in_code = in_list = False
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        indented = line.startswith("    ")
        if in_code and (indented or not line):
            kept.append(line)
            continue
        in_code = False
        if line.endswith("::"):
            in_code = True
            kept.append(line[:-2] + ":" if line != "::" else "")
        elif beside := _SIDE_BY_SIDE.match(line):
            _begin(kept, f"`{beside[1].strip('`')}`", beside[2])
            in_list = True
        elif _NAME_ABOVE.match(line) and following.startswith("    "):
            _begin(kept, line.replace("``", "`"), "")
            in_list = True
        elif in_list and indented:
            kept[-1] = f"{kept[-1].rstrip()} {line.strip()}" if kept[-1] != ":" else f":   {line.strip()}"
        else:
            in_list = in_list and not line
            kept.append(line)
    return "\n".join(kept).strip()


def _begin(kept: list[str], name: str, text: str) -> None:
    if kept and kept[-1]:
        kept.append("")
    kept += [name, f":   {text}" if text else ":"]
