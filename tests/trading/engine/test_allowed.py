"""Each entry of the list of what is compiled: over hostile games it gives what Python gives."""

from __future__ import annotations

import operator
import os
import subprocess
import sys
import warnings
from collections import Counter
from hashlib import sha256
from pathlib import Path

import numba
import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.trading.engine import allowed, compiled_math
from rugs_lab.trading.engine.compilable import NotCompilable
from rugs_lab.trading.engine.compiled_engine import Fallback, compile_strategy, play_compiled
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy import kept_code
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from tests.support import engine_fuzz
from tests.support.engine_fuzz import hostile_games
from tests.support.strategies import games_of

ROOT = Path(__file__).parents[3]
SMALL = np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.03, 700)))
LONG = games_of([1.0, *SMALL.tolist(), 0.001])

FLOAT = "x"
WHOLE = "n"
GROUPS = {
    "numpy of a number": [
        *(
            "np.abs(x)",
            "np.ceil(x)",
            "np.floor(x)",
            "np.trunc(x)",
            "np.rint(x)",
            "np.sign(x - 1)",
            "np.sqrt(x)",
        ),
        *("np.maximum(x, y)", "np.minimum(x, y)", "np.float64(n)", "1.0 * np.isnan(y)", "1.0 * np.isinf(x)"),
        *("1.0 * np.isfinite(y)", "1.0 * np.logical_and(x > 1, y > 1)", "1.0 * np.logical_or(x > 1, y > 1)"),
        *("1.0 * np.logical_not(y > 1)", "1.0 * np.int64(x)"),
    ],
    "numpy's own loops": [f"np.{name}(x)" for name in compiled_math._LOOPS],
    "numpy's own loops, on arrays": [f"np.{name}(a)[-1]" for name in compiled_math._LOOPS],
    "math": [
        *[f"math.{name}(x)" for name in compiled_math._C_MATH],
        *("math.copysign(x, y)", "math.fabs(x - 2)", "1.0 * math.isnan(y)", "1.0 * math.isfinite(y)"),
        *("1.0 * math.isinf(x)", "1.0 * math.floor(x)", "1.0 * math.ceil(x)", "1.0 * math.trunc(x)"),
        "math.pow(x, 0.3)",
    ],
    "reductions": [
        *(
            "np.all(a > 0.5) * 1.0",
            "np.any(a > 2) * 1.0",
            "np.amax(a)",
            "np.amin(a)",
            "np.max(a)",
            "np.min(a)",
        ),
        *("a.max()", "a.min()", "np.nanmax(a)", "np.nanmin(a)", "1.0 * np.argmax(a)", "1.0 * np.argmin(a)"),
        *("1.0 * a.argmax()", "1.0 * a.argmin()", "1.0 * np.count_nonzero(a > 1)", "1.0 * a.size"),
        *("(a > 0.9).all() * 1.0", "(a > 0.9).any() * 1.0", "any(a > 2) * 1.0", "all(a > 0.5) * 1.0"),
        *("np.sum(a)", "a.sum()", "np.mean(a)", "a.mean()", "np.var(a)", "a.var()", "np.std(a)", "a.std()"),
        *("np.median(a)", "np.quantile(a, 0.37)", "np.percentile(a, 90)", "a.std(ddof=1)", "(a > 1).mean()"),
        *("sum(a)", "sum(a[1:1]) + x", "np.median(np.flatnonzero(a > 0))"),
        *("np.percentile(np.flatnonzero(a > 0), 37)", "np.quantile(np.flatnonzero(a > 0), 0.9)"),
        *("np.maximum.accumulate(a)[-1]", "np.minimum.accumulate(a)[n % 7]"),
        "(a / np.maximum.accumulate(a)).min()",
    ],
    "arrays": [
        *(
            "np.sort(a)[n % 7]",
            "np.cumsum(a)[-1]",
            "np.diff(a).sum()",
            "np.where(a > 1, a, 0.5).sum()",
            "a.copy()[n % 7]",
        ),
        *("np.concatenate((a, o.prices)).sum()", "np.flatnonzero(a > 1).size * 1.0", "np.zeros(3).sum() + x"),
        *("np.ones(3).sum() * x", "np.full(3, x).sum()", "(a * 2.0 - 1.0 / a + a).sum()", "a[a > 1].sum()"),
        *("a[::2].sum()", "a[-5:-1].sum()", "a[5:1:-1].sum()", "abs(a - 1.5).sum()", "(-a).sum()"),
        *("((a > 1) & (a < 3)).sum() * 1.0", "((a > 1) | (a < 0.5)).sum() * 1.0", "(~(a > 1)).sum() * 1.0"),
        "o.lengths.sum() * 1.0 + o.peaks.sum()",
    ],
    "python": [
        *(
            "abs(x - 2)",
            "float(n)",
            "1.0 * int(x)",
            "1.0 * bool(y)",
            "max(x, y)",
            "min(y, x)",
            "max(n, x)",
            "x ** 0.37",
        ),
        *(
            "1.0 * round(x)",
            "round(x, 2)",
            "round(y, 4)",
            "x // y",
            "x % y",
            "1.0 * (n // 7)",
            "1.0 * (n % -7)",
        ),
        *(
            "n / 7",
            "1.0 * n ** 3",
            "2.0 ** -n",
            "1.0 * (n << 3)",
            "1.0 * (n >> 2)",
            "1.0 * (n ^ 5)",
            "1.0 * ~n",
        ),
        *("1.0 * (n & 6 | 1)", "1.0 * (x < y)", "1.0 * (0.5 < x <= y)", "1.0 * (x != y)", "1.0 * (n == x)"),
        *(
            "x if y > 1 else n",
            "1.0 * abs(n - 9)",
            "1.0 * len(a)",
            "1.0 * (not y)",
            "1.0 * (o.bet_open is not None)",
        ),
        *("1.0 * max(n, 3, len(a))", "[x, y][0]", "[1.5, x, y][n % 3]", "1.0 * len([x, n])", "min([1.5, x])"),
    ],
}

# Code with addresses of this process, which is not kept.
OF_THIS_PROCESS = {"numpy's own loops", "numpy's own loops, on arrays", "math", "python"}
ANEW = """
from rugs_lab.trading.engine import compiled_engine
from tests.trading.engine.test_allowed import compiled, digest
print(digest(each[3] for each in compiled({!r})))
print(sum(sum(kernel._cache_hits.values()) for kernel in compiled_engine._made.values()))
"""


def of(expressions):
    """A strategy whose orders show nearly all bits of the value of one of some expressions."""
    lines = ["def strategy(o, which=0):", "    if o.tick < 8:", "        return None"]
    lines += ["    x, y, n, a = o.price, o.prices[-2], o.tick, o.prices[-70:]", "    value = 0.0"]
    for place, expression in enumerate(expressions):
        lines += [f"    if which == {place}:", f"        value = {expression}"]
    lines += [
        "    mixed = value * 1073741824.25",
        "    part = mixed - np.floor(mixed)",
        "    if o.units and o.tick % 2:",
        "        return sell(0.1 + 0.8 * part)",
        "    return buy(0.001 + 0.01 * part) if part >= 0.0 else sidebet(0.001)",
    ]
    return engine_fuzz.strategy_of("\n".join(lines) + "\n", f"<{expressions[0]}>")


def compiled(group):
    """Yield for each expression of a group what compiled code plays, one by one; None for a fall-back."""
    strategy, games = of(GROUPS[group]), hostile_games(5)
    some_games = [LONG, *(games[n : n + 1] for n in (1, 4, 5, 6, 7, 8))]
    for place, expression in enumerate(GROUPS[group]):
        some = strategy.with_(which=place)
        compile_strategy(some)
        for one in some_games:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    yield expression, some, one, play_compiled(some, one, Options(carry=False, cash_sol=5.0))
                except Fallback:  # the tick-by-tick engine raises there, or the numbers leave 64 bits
                    yield expression, some, one, None


def digest(results):
    """Name all values of some results."""
    return sha256(b"".join(each.values.tobytes() for each in results if each is not None)).hexdigest()


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Keep machine code in a folder of this test."""
    monkeypatch.setattr(numba.core.config, "CACHE_DIR", str(tmp_path))
    kept_code.folder.cache_clear()
    yield tmp_path
    kept_code.folder.cache_clear()


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_allowed_gives_what_it_gives_in_python(group, kept):
    compared, results = Counter(), []
    for expression, some, one, found in compiled(group):
        results.append(found)
        if found is None:
            continue
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            expected = play_ticks(some, one, Options(carry=False, cash_sol=5.0))
        np.testing.assert_array_equal(found.values, expected.values, err_msg=expression)
        compared[expression] += int(found.buys.sum() + found.bets.sum())
    assert not [each for each in GROUPS[group] if compared[each] <= 50]
    # Another process takes the code that was kept, where it can be, and plays the same.
    if group not in OF_THIS_PROCESS:
        done = subprocess.run(
            [sys.executable, "-c", ANEW.format(group)],
            env={**os.environ, "NUMBA_CACHE_DIR": str(kept)},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stdout.split() == [digest(results), "1"]
    else:
        assert not list((kept / "strategies").iterdir())


def test_the_list_is_covered():
    tried = " ".join(text for group in GROUPS.values() for text in group)
    for function in (*allowed.BUILTINS, *allowed.MATH, *allowed.NUMPY):
        name = function.__name__
        name = {"bool": "bool_", "absolute": "abs", "amax": "max", "amin": "min"}.get(name, name)
        used = ("range", "enumerate", "zip", "slice")  # loops and slices of the fuzzer and of other tests
        assert name in used or f"{name}(" in tried or name == "bool_", name
    assert len(allowed.OPERATORS) == 24
    assert operator.matmul not in allowed.OPERATORS


NEVER = [
    "np.uint8(n)",
    "np.int32(n)",
    "np.float32(x)",
    "np.histogram(a)[0][0]",
    "math.gamma(x)",
    "np.random.random()",
    "np.dot(a, a)",
    "np.argsort(a)[0]",
    "np.power(x, y)",
    "a @ a",
    "sum([x, y])",
    "sorted(a)[0]",
    "np.average(a)",
    "x.is_integer()",
    "a.strides[0]",
    "a.base[0]",
    "np.lib.stride_tricks.as_strided(a, (90,))[80]",
    "a.view(np.int64)[0]",
    "a.ctypes.data",
    "a.T[0]",
    "(x > 1) + (y > 1)",
    "-(x > 1)",
    "[][0]",
    "1.0 * ([x] == [y])",
    "([x] + [y])[0]",
    "1.0 * ((x, n) < (y, 5))",
    "{1: x}[1]",
    "(lambda z: z)(x)",
    "complex(x).real",
    "a.astype(np.int32)[0]",
    "np.empty(3)[0]",
    "a[None][0][0]",
    "hash(x)",
    "id(o)",
    "open('x')",
    "__import__('os').getpid()",
    "eval('x')",
    "a ** 2",
    "a // 2",
    "a % 2",
    "np.nanmedian(a)",
    "len({1, 2})",
    "float('1')",
    "o._replace(tick=1).tick",
    "getattr(o, 'tick')",
    "x in (1.0, 2.0)",
    "np.prod(a)",
    "np.cov(a)",
    "math.erf(x)",
    "np.longdouble(x)",
    "math.factorial(n)",
    "math.comb(n, 2)",
    "divmod(n, 2)[0]",
    "np.array([x])[0]",
    "a.tolist()[0]",
]


@pytest.mark.parametrize("expression", NEVER)
def test_everything_else_is_not_compiled(expression):
    with pytest.raises(NotCompilable):
        compile_strategy(of([expression]))


STATEMENTS = (
    "try:\n        x = o.prices[9]\n    except IndexError:\n        return None",
    "with open('x') as f:\n        pass",
    "for p in o.prices[9:]:\n        last = p\n    x = last",
    "global G\n    G = 1",
    "import os",
    "print(o.tick)",
    "b = o.prices\n    b += 1",
    "b = np.zeros(3)\n    b[0] = o.tick",
    "del o",
)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_statements_that_are_not_compiled(statement):
    text = f"def strategy(o):\n    {statement}\n    return buy(0.01)\n"
    with pytest.raises(NotCompilable):
        compile_strategy(engine_fuzz.strategy_of(text, f"<{statement[:12]}>"))


def test_an_order_of_a_truth_value_is_an_error_of_both_engines():
    with pytest.raises(NotCompilable):
        compile_strategy(as_strategy(lambda o: rl.buy(o.tick > 3)))


WITHOUT = """
import ctypes.util, sys
import rugs_lab as rl
import rugs_lab.trading.engine.allowed
for name in [name for name in sys.modules if name.startswith("rugs_lab.trading.engine.")]:
    del sys.modules[name]
ctypes.util.find_library, platform, sys.platform = lambda name: {found!r}, sys.platform, {platform!r}
import rugs_lab.trading.engine.compiled_math as compiled_math
sys.platform = platform
import warnings
from rugs_lab.trading.engine.play import play
def powers(o):
    return rl.buy(0.01) if o.price ** 0.5 > 1.1 else None
def plain(o):
    return rl.buy(0.01) if o.price > 1.21 else None
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    results = [play(each, rl.sample()[:5]) for each in (plain, powers)]
assert (results[0].values == results[1].values).all() and results[0].buys.sum() > 0
print([each.engine for each in results], len(seen))
"""


@pytest.mark.parametrize(
    ("platform", "found", "engines"),
    [
        ("win32", None, "['compiled', 'tick'] 1"),  # as on Windows, with no library of that name here
        ("linux", None, "['compiled', 'compiled'] 0"),  # Python itself has the functions
    ],
)
def test_without_a_c_library_powers_are_played_tick_by_tick_and_all_else_is_compiled(
    platform, found, engines
):
    text = WITHOUT.format(platform=platform, found=found)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == engines, done.stderr


def test_twenty_seconds_of_random_strategies(capsys):
    outcome = engine_fuzz.run(minutes=20 / 60, seed=rl.sample().ids[0].__hash__() % 1_000 + 1)
    assert not outcome.wrong, outcome.wrong[0]
    assert outcome.counts["orders compared"] > 100
