"""The compiled engine: to the last lamport what the tick-by-tick engine says, or else it says why not."""

from __future__ import annotations

import importlib
import math
import warnings
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, CompileWarning
from rugs_lab.trading.account.actions import buy, sell, sidebet
from rugs_lab.trading.engine import batches
from rugs_lab.trading.engine import compiled_arrays as exact
from rugs_lab.trading.engine import compiled_engine as compiled
from rugs_lab.trading.engine.compilable import NotCompilable, fingerprint
from rugs_lab.trading.engine.compiled_engine import Fallback, compile_strategy, play_compiled
from rugs_lab.trading.engine.compiled_ledger import play_ledger
from rugs_lab.trading.engine.play import _warned, play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from tests.support.strategies import STRATEGIES, dip, games_of, martingale, wild

SESSIONS = {
    "one session": (Options(), 250),
    "independent": (Options(carry=False), 100),
    "slow and poor": (Options(latency=3, cash_sol=0.05), 100),
    "with an end": (Options(take=1.2, loss=0.3), 100),
    "other limits": (Options(min_sol=0.0004, max_sol=0.5, max_games=100), 100),
}
"""Options, and how many of the sample games are played."""


def agree(strategy, games, options, **parameters):
    """Play by both engines; the compiled results must be the same."""
    made = as_strategy(strategy, **parameters)
    expected = play(made, games, options, engine="tick")
    found = play_compiled(made, games, options)
    np.testing.assert_array_equal(found.values, expected.values)
    assert found.game_ids.tolist() == expected.game_ids.tolist()
    assert (found.stopped, found.engine, expected.engine) == (expected.stopped, "compiled", "tick")
    endless = replace(options, take=None, loss=None, max_games=None)
    again = play_ledger(made, games[: len(found)], endless)
    np.testing.assert_array_equal(again.values, expected.values)
    assert again.engine == "compiled"
    for mine, definition in zip(again.accounts, expected.accounts, strict=True):
        for name in ("entries", "games", "ticks", "prices", "cash", "now", "tradeable"):
            assert getattr(mine, name) == getattr(definition, name), name
        assert list(map(asdict, mine.orders)) == list(map(asdict, definition.orders))
    return found


@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.__name__)
def test_engines_agree_on_the_sample_games(strategy, session):
    options, count = SESSIONS[session]
    agree(strategy, rl.sample()[:count], options)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.__name__)
def test_engines_agree_on_synthetic_games(strategy):
    agree(strategy, rl.synthetic(100, seed=11), Options(carry=False, cash_sol=3.0))


@pytest.mark.parametrize("carry", [True, False])
def test_ledgers_agree_over_several_batches_and_where_orders_are_many(carry, monkeypatch):
    monkeypatch.setattr(compiled, "BATCH", 7)

    def eager(o, size=0.002):
        return (buy(size) if o.tick % 3 else sell(0.3)), sidebet(size)

    found = agree(eager, rl.sample()[:40], Options(carry=carry, cash_sol=3.0, latency=2))
    assert found.rejected.sum() > 40
    assert found.buys.sum() > 8 * 40


def test_what_is_not_compiled_has_the_ledger_of_the_tick_engine():
    def counts(o):
        return buy(0.01) if len({o.tick, 3}) == 1 else None

    again = play_ledger(as_strategy(counts), rl.sample()[:5], Options())
    assert again.engine == "tick"
    assert len(again.account.entries) == 10


sizes = st.sampled_from([0.001, 0.01, 0.333333333, 1.0, 5.0])
paths = st.lists(
    st.one_of(st.floats(1e-4, 1e5), st.just(math.nan), st.sampled_from([1.0, 0.5, 2.0])),
    min_size=0,
    max_size=70,
)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(paths, st.booleans()), min_size=1, max_size=4),
    st.floats(0.0, 20.0),
    st.integers(1, 4),
    st.booleans(),
    sizes,
)
def test_engines_agree_on_any_games(several, cash, latency, carry, scale):
    games = games_of(
        *[[*path, 0.02] if rugged else path for path, rugged in several],
        rugs=[len(path) if rugged else None for path, rugged in several],
    )
    options = Options(cash_sol=cash, latency=latency, carry=carry)
    agree(wild, games, options, scale=scale)
    agree(martingale, games, options, size=scale)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("size", [7, 64, 4096])
def test_chunks_and_threads_change_nothing(monkeypatch, size, threads):
    games = rl.synthetic(200, seed=3)
    strategy = as_strategy(next(strategy for strategy in STRATEGIES if strategy.__name__ == "memory"))
    for options in (Options(carry=False), Options(take=3.0)):
        expected = play(strategy, games, options, engine="tick")
        monkeypatch.setattr(compiled, "spans", lambda count, _: batches.spans(count, size))
        found = play_compiled(strategy, games, options, threads)
        np.testing.assert_array_equal(found.values, expected.values)
        assert found.stopped == expected.stopped


def test_more_than_int64_holds_is_left_to_the_definition():
    games = games_of([1.0, 1e-8, 1e-8, 2.0, 2.0, 0.02])

    def strategy(o):
        return rl.buy(5.0) if o.tick < 2 else rl.sell()

    with pytest.raises(Fallback):
        play_compiled(as_strategy(strategy), games, Options(cash_sol=100.0))
    with pytest.warns(CompileWarning, match="because of amounts beyond 64 bits"):
        results = play(strategy, games, Options(cash_sol=100.0))
    assert results.engine == "tick"
    assert results.cash[0] > 2**60
    with pytest.raises(ArgumentError, match="cannot be counted"):
        play(strategy, games_of([1.0, 1e-9, 1e-9, 1e9, 1e9, 0.02]), Options(cash_sol=100.0))


def test_amounts_beyond_2_to_the_53_agree():
    def strategy(o):
        return rl.buy(5.0) if o.tick < 4 else rl.sell(0.37)

    path = [1.0, 1e-3, 3e-4, 7e-4, 1.1e-3, 50.0, 70.0, 30.0, 0.02]
    found = agree(strategy, games_of(path, path), Options(cash_sol=1000.0))
    assert found.cash[-1] > 2**50
    agree(strategy, games_of(path, path), Options(cash_sol=9_007_199.254740993))


def test_what_a_strategy_raises_and_decides_wrongly_is_said_by_the_definition():
    def beyond(o):
        return rl.buy(0.01) if o.prices[o.tick + 1] > 1 else None

    def twice(o):
        return rl.buy(0.01), rl.sell()

    games = games_of([1, 1, 0.02])
    with pytest.raises(IndexError):
        play(beyond, games)
    with pytest.raises(ArgumentError, match="two of a kind"):
        play(twice, games)


def above_one(x):
    if x < 1:
        raise KeyError(f"{x} is below one")
    return x - 1


def checks_its_values(o, take=1.3, size=0.01):
    if take < 1.01:
        raise ValueError(f"take is {take}")
    if not size > 0:
        raise ValueError
    if o.tick > 5_000:
        raise AssertionError("a game is not so long")
    if o.units > 0:
        return rl.sell() if o.price > take else None
    return rl.buy(size) if above_one(o.tick + 2) == 6 else None


def test_a_strategy_that_may_raise_is_compiled_and_the_error_is_its_own():
    games = games_of([1, 1.05, 1.1, 1.2, 1.3, 1.4, 1.5, 0.02], [1, 1.1, 0.02])
    assert agree(checks_its_values, games, Options()).buys.tolist() == [1, 0]
    with pytest.raises(ValueError, match=r"take is 1\.0") as raised:
        play(checks_its_values, games, take=1.0)
    assert "tick -1" in raised.value.__notes__[0]
    assert raised.value.__context__ is None
    with pytest.raises(ValueError, match="of strategy checks_its_values"):
        play(checks_its_values, games, size=0.0)


def test_a_price_that_is_none_is_an_error_in_both():
    with pytest.raises(ArgumentError, match="a price must be"):
        play(dip, games_of([1, -1, 2, 0.02]))


FREE = [1.0, 2.0]


def reads_a_list(o):
    return rl.buy(0.01) if o.price > FREE[0] else None


def formats(o):
    name = f"{o.price:.2f}"
    return rl.buy(0.01) if name == "1.00" else None


def histogram(o):
    return rl.buy(0.01) if np.histogram(o.prices)[0][0] > 0 else None


async def later(o):
    return rl.buy(0.01)


def shift(x):
    values = {0: x}
    return values[0]


def calls(o):
    return rl.buy(shift(0.01))


def two_types(o):
    x = "none" if o.tick < 2 else 0.01
    return rl.buy(x) if o.tick > 2 else None


def decides(o):
    return "buy" if o.tick < 0 and len(o.prices) > 1 else None


def sorts(o):
    return rl.buy(0.01) if sorted(o.prices)[0] > 3 else None


def test_a_list_is_no_decision_in_either_engine():
    def both(o):
        return [rl.buy(0.01), rl.sidebet(0.01)]

    with pytest.raises(NotCompilable):
        compile_strategy(as_strategy(both))
    with pytest.raises(ArgumentError, match="got \\[buy"):
        play(both, rl.sample()[:1])


@pytest.mark.parametrize(
    ("strategy", "reason"),
    [
        (reads_a_list, "reads FREE, a list"),
        (histogram, "^line {1}: np.histogram is not compiled$"),
        (sorts, "^line {1}: sorted is not compiled$"),
        (formats, "^line {1}: format spec in f-strings not supported yet$"),
        (calls, f"^line {shift.__code__.co_firstlineno + 1}: a dict is not compiled$"),
        (two_types, "^line {1}: (x|one value) has two types$"),
        (decides, "^line {1}: what it returns is not a decision"),
    ],
)
def test_a_strategy_that_cannot_be_compiled_says_why_once_and_is_played_all_the_same(strategy, reason):
    games = rl.sample()[:3]
    reason = reason.replace("{1}", str(strategy.__code__.co_firstlineno + 1))
    with pytest.raises(NotCompilable, match=reason):
        compile_strategy(as_strategy(strategy))
    said = rf"tick by tick, about [\d,]+ x slower than compiled, because of .*{reason.strip('^')}"
    with pytest.warns(CompileWarning, match=said):
        first = play(strategy, games)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        second = play(strategy, games)
    assert first.engine == second.engine == "tick"


def test_tuples_texts_and_nothing_are_parameters_too():
    def strategy(o, sizes=(0.01, 2), word="up", most=None, steps=(3, 5, 9)):
        if word == "up" and (most is None or o.price < most):
            for step in steps:
                if o.tick == step:
                    return rl.buy(sizes[0] * sizes[1])
        return rl.sell() if word == "down" else None

    games = rl.sample()[:20]
    bought = agree(strategy, games, Options()).buys.sum()
    assert bought > 20
    assert agree(strategy, games, Options(), most=1.0, steps=(1, 4)).buys.sum() < bought
    assert agree(strategy, games, Options(), word="down").buys.sum() == 0
    with pytest.raises(NotCompilable, match="its parameter sizes is list"):
        compile_strategy(as_strategy(strategy, sizes=[0.01]))


def test_a_coroutine_or_generator_is_no_strategy_of_either_engine():
    with pytest.raises(NotCompilable, match="later is a coroutine or a generator"):
        compile_strategy(as_strategy(later))


@pytest.mark.parametrize(
    "condition",
    [
        "o.tick * 6364136223846793005 % 7 == 0",
        "o.tick << 60 > 5",
        "int(o.price * 1e19) % 3 == 0",
        "(o.tick - 2**62) * 3 < 0",
        "(2**53 + o.tick) / 3 > 3002399751580331.0",
        "2**53 + o.tick == 9007199254740992.0",
    ],
)
def test_whole_numbers_beyond_64_bits_or_a_float_are_left_to_python_with_a_warning(condition):
    scope = {"rl": rl}
    exec(f"def numbers(o):\n    return rl.buy(0.01) if {condition} else None\n", scope)
    games = rl.sample()[:5]
    with pytest.warns(CompileWarning, match="numbers is played tick by tick, .* because of it counts with"):
        found = play(as_strategy(scope["numbers"]).with_(), games)
    _warned.clear()
    np.testing.assert_array_equal(found.values, play(scope["numbers"], games, engine="tick").values)


def test_the_same_text_is_compiled_once_and_a_changed_global_is_seen():
    text = "def strategy(o):\n    return rl.buy(SIZE) if o.tick == 0 else None\n"
    games, made = games_of([1, 1, 0.02]), []
    for size in (0.1, 0.1, 0.2):
        names = {"rl": rl, "SIZE": size}
        exec(text, names)
        made.append(compile_strategy(as_strategy(names["strategy"])))
        assert play_compiled(as_strategy(names["strategy"]), games, Options()).spent[0] == size * 1e9
    assert made[0] is made[1]
    assert made[1] is not made[2]


def test_constants_that_are_equal_but_of_another_type_are_told_apart():
    prints = []
    for text in ("1", "1.0", "True"):
        names = {"rl": rl}
        exec(f"def strategy(o):\n    return rl.buy(0.1) if o.tick * {text} > 2 else None\n", names)
        prints.append(fingerprint(names["strategy"]))
    assert len(set(prints)) == 3


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 127, 128, 129, 1000, 5001])
def test_sums_and_deviations_are_those_of_numpy_to_the_last_bit(n):
    rng = np.random.default_rng(n)
    for values in (np.exp(rng.normal(size=2 * n)), rng.normal(size=2 * n) * 1e6):
        for array in (values[:n], values[::2]):
            assert 0.0 + exact.pairwise(array, len(array)) == array.sum()
            if n:
                assert exact.deviations(array, 0) == array.var()


def test_powers_are_those_of_python():
    def strategy(o, k=3):
        return rl.buy(0.01) if o.price**k > 1.1 or o.tick**2 > 400 or 2.0**-k > o.price**0.5 else rl.sell()

    agree(strategy, rl.sample()[:80], Options(carry=False))


@pytest.mark.parametrize("method", ["exact", "statistical"])
def test_lazy_games_are_played_without_being_held(method):
    games = rl.synthetic(9_000, seed=5, method=method)
    results = play(dip, games, Options(carry=False))
    assert len(results) == 9_000
    assert games._prices is None
    few = play(dip, games[4090:4100], Options(carry=False))
    np.testing.assert_array_equal(results.values[4090:4100], few.values)


def test_what_a_strategy_reads_of_a_module_is_in_its_machine_code(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "limits_of_mine.py"
    file.write_text("T = 1.5\ndef above(x, least=1.2):\n    return x > T and x > least\n")
    module = importlib.import_module("limits_of_mine")

    def by_value(o):
        return rl.buy(0.1) if not o.units and o.price > module.T else rl.sell()

    def by_helper(o):
        return rl.buy(0.1) if not o.units and module.above(o.price) else rl.sell()

    def both():
        made = [
            [play(each, rl.sample()[:40], engine=engine).profit.tolist() for engine in ("auto", "tick")]
            for each in (by_value, by_helper)
        ]
        assert all(compiled == by_tick for compiled, by_tick in made)
        return [compiled for compiled, _ in made]

    first = both()
    module.T = 2.5
    second = both()
    file.write_text("T = 2.5\ndef above(x, least=4.0):\n    return x > T and x > least\n")
    importlib.reload(module)  # another default, the same code
    third = both()
    assert first[0] != second[0] == third[0]
    assert first[1] != second[1] != third[1]
    module.T = 1.5
    assert both()[0] == first[0]
    assert rl.check(by_helper, rl.sample()[:20])["engines"].ok


@pytest.mark.parametrize("engine", ["tick", "auto"])
@pytest.mark.parametrize("carry", [True, False])
def test_arrays_and_lists_that_are_parameters_begin_each_run_as_they_were_given(engine, carry):
    def grows(o, size=np.array([0.1])):  # noqa: B008
        size[0] *= 1.01
        return rl.buy(min(size[0], 1.0)) if not o.units else rl.sell()

    def collects(o, seen=[]):  # noqa: B006
        seen.append(o.price)
        return rl.buy(0.01) if len(seen) % 50 == 0 else rl.sell()

    own, options = np.array([0.1]), Options(cash_sol=50.0, carry=carry)
    for strategy, chosen in ((grows, {}), (grows, {"size": own}), (collects, {})):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CompileWarning)
            runs = [play(strategy, rl.sample()[:8], options, engine=engine, **chosen) for _ in range(2)]
        expected = play(strategy, rl.sample()[:8], options, engine="tick", **chosen)
        for found in runs:
            np.testing.assert_array_equal(found.values, expected.values)
    assert own.tolist() == [0.1]
    assert grows.__defaults__[0].tolist() == [0.1]


def test_an_array_that_is_only_read_is_compiled():
    def reads(o, ladder=np.array([1.2, 1.5])):  # noqa: B008
        return rl.buy(0.01) if not o.units and o.price > ladder[0] else rl.sell()

    agree(reads, rl.sample()[:20], Options())
