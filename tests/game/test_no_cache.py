"""Where nothing can be cached (a read-only installation, no home), compiled code works all the same."""

import subprocess
import sys

PROGRAM = """
from numba.core import caching
caching.CacheImpl._locator_classes = []
import rugs_lab as rl
games = rl.synthetic(250, seed=1)
assert rl.verify(games)["verified"].all()
rl.backtest(lambda o, size=0.01: rl.buy(size) if o.tick == 3 else rl.hold(), games)
import rugs_lab.trading.environment.vector_loop
print("all works")
"""


def test_everything_works_where_nothing_can_be_cached():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True)
    assert done.stdout.strip().endswith("all works"), done.stderr[-2000:]
