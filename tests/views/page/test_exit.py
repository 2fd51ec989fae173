"""A process that ends with a view open ends."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "made",
    [
        "rl.watch()",
        "view = rl.watch()",
        "rl.watch(rl.LiveFeed('http://127.0.0.1:9'))",
        "feed = rl.demo(); view = rl.watch(feed); feed.wait(messages=3)",
    ],
)
def test_a_process_ends_although_a_view_is_open(made):
    code = f"import rugs_lab as rl\nrl.RUGS_FUN_URL\n{made}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    words, *errors = done.stderr.splitlines()
    assert (done.returncode, errors) == (0, [])
    assert words.startswith("rl.watch needs a notebook, and this is not one")
    assert ("the real site, https://backend.rugs.fun" in done.stdout) == ("rl.watch()" in made)
