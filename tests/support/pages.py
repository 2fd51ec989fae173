"""Code blocks of a Markdown page, and the page as a script that runs them."""

import re
from typing import NamedTuple

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """One code block: its language, its text, and the line on which the text begins, from 1."""

    language: str
    code: str
    line: int


def blocks_of(page: str) -> list[Block]:
    """Return the code blocks of a page."""
    return [
        Block(found["language"], found["code"], page.count("\n", 0, found.start("code")) + 1)
        for found in _FENCE.finditer(page)
    ]


def script_of(page: str) -> str:
    """Return the Python blocks as one script whose lines have the numbers that they have in the page.

    The one change: the built-in server plays the same games every time, and faster.
    """
    kept = [""] * (page.count("\n") + 1)
    for block in blocks_of(page):
        if block.language == "python":
            lines = block.code.splitlines()
            kept[block.line - 1 : block.line - 1 + len(lines)] = lines
    return "\n".join(kept).replace("rl.demo()", "rl.demo(speed=10, seed=7)")
