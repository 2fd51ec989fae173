"""A recording process that is killed at any moment loses at most the line that was being written."""

import json
import os
import subprocess
import sys

import pytest

KILLS = int(os.environ.get("RUGS_LAB_KILLS", "60"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.timeout(120 + KILLS)
def test_a_process_that_is_killed_many_times_loses_at_most_the_line_it_was_writing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killing", tmp_path, str(KILLS), "7"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(found)
    assert found["kills"] == KILLS
    assert found["bad"] == 0, done.stderr
    assert KILLS // 3 < found["torn"] <= found["lost"] <= KILLS
