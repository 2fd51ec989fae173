"""Outputs of code blocks: ``<!-- output -->`` below a Python block is replaced by what the block shows.

The blocks of such a page run in order when the documentation is built, as `tests/test_docs.py` runs them.
``RUGS_LAB_NO_OUTPUTS=1`` leaves them out, for a quick look at a page.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "<!-- output -->"
BLOCK = re.compile(rf"^```python\n(?P<code>.*?)^```\n+(?P<mark>{MARK})?", re.MULTILINE | re.DOTALL)


def outputs_of(pages: dict[str, str]) -> dict[str, list[str]]:
    """Return, of each page with a mark, the HTML of its marked blocks."""
    asked = {
        name: [
            (found["code"].replace("rl.demo()", "rl.demo(speed=10, seed=7)"), bool(found["mark"]))
            for found in BLOCK.finditer(text)
        ]
        for name, text in pages.items()
        if MARK in text
    }
    if os.environ.get("RUGS_LAB_NO_OUTPUTS"):
        return {}
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TQDM_DISABLE": "1"}
    ran = subprocess.run(
        [sys.executable, Path(__file__).with_name("run_blocks.py")],
        input=json.dumps(asked),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise ValueError(f"the outputs of the pages could not be made:\n{ran.stderr}")
    found: dict[str, list[str]] = json.loads(ran.stdout)
    return found


def with_places(markdown: str) -> str:
    """Return a page with a numbered place for each output; `notebooks.fill` puts the outputs in."""
    for number in range(markdown.count(MARK)):
        markdown = markdown.replace(MARK, f'<div class="output" data-place="{number}"></div>', 1)
    return markdown
