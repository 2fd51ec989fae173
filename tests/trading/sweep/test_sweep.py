"""`sweep`: every combination is a backtest, whatever the chunks and the executor; held-out games."""

import multiprocessing
import pickle
import signal
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import psutil
import pytest
from scipy import stats

from rugs_lab.errors import ArgumentError, CompileWarning, SelectionWarning
from rugs_lab.estimates.estimate import Moments
from rugs_lab.estimates.intervals import max_statistic
from rugs_lab.progress import reporting
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.recordings.read.load import load
from rugs_lab.trading.account.actions import buy, hold, sell, sidebet
from rugs_lab.trading.backtest.backtest import backtest
from rugs_lab.trading.backtest.run_stats import depends_on_past
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import strategy
from rugs_lab.trading.strategy.strategy_registry import strategies
from rugs_lab.trading.sweep import sweep_tasks as chunks
from rugs_lab.trading.sweep import sweep_workers as module
from rugs_lab.trading.sweep.parameter_grid import combinations_of
from rugs_lab.trading.sweep.sweep import sweep
from rugs_lab.trading.sweep.sweep_result import Sweep
from rugs_lab.trading.sweep.sweep_tasks import Sums
from tests.support.live import DEADLINE_S, until

GAMES = synthetic(1000, seed=51, method="statistical")
GRID = {"take": [0.1, 0.5], "stop": [0.1, 0.3, 0.5]}


@strategy(presale=False)
def after_short_games(o, enter=1.5, take=1.2, size=0.01):
    """Looks at earlier games, which a chunk must not forget."""
    if o.units > 0.0:
        return sell() if o.price > take * o.average_cost else hold()
    short = 0
    for n in range(len(o.lengths)):
        short += o.lengths[n] < 100
    if o.tick == 3 and 5 < short < 40 and o.price < enter:
        return buy(size)
    return hold()


def slow(o, take=1.2):
    """Does not compile: it formats a number."""
    word = f"{o.price:.3f}"
    if o.tick < 0:
        return buy(0.01)
    return sell() if word and o.units and o.price > take * o.average_cost else hold()


class Here(Executor):
    """Runs what it is given at once; what the interface asks for and no more."""

    def __init__(self):
        self.given = 0

    def submit(self, fn, /, *args, **kwargs):
        self.given += 1
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_every_combination_is_what_a_backtest_of_it_gives():
    found = sweep(strategies["conservative"], GAMES, held_out=0, **GRID)
    assert found.frame.index.names == ["take", "stop"]
    for combination, row in zip(found.combinations, found.frame.itertuples(), strict=True):
        run = backtest(strategies["conservative"], GAMES, carry=False, **combination)
        figures = run.figures["value"]
        alone = Moments.of(run.results.profit).mean_sol()
        assert row.games == len(run)
        assert row.mean_sol == alone.value
        assert row.error_sol == alone.error
        assert row.high_sol == alone.high
        assert row.win_rate * 100 == pytest.approx(figures["win rate [%]"])
        assert row.bet_hit_rate * 100 == pytest.approx(figures["side-bet hit rate [%]"], nan_ok=True)
        assert row.exposure * 100 == pytest.approx(figures["exposure, positions [% of ticks]"])
        assert row.total_sol == figures["total profit [SOL]"]


@pytest.mark.parametrize(
    "strategy", [strategies["conservative"], after_short_games], ids=lambda strategy: strategy.name
)
def test_the_result_is_the_same_for_any_chunking(strategy, monkeypatch):
    grid = {"take": [1.1, 1.4]}
    first = sweep(strategy, GAMES, Here(), **grid).sums
    for chunk in (1, 100, 250, 300, 5000):
        assert sweep(strategy, GAMES, Here(), chunk=chunk, **grid).sums == first
    monkeypatch.setattr(chunks, "PIECE", 200)
    assert sweep(strategy, GAMES, Here(), **grid).sums == first
    assert first[0].games == 800
    assert first[0].acted > 0


def test_few_long_chunks_are_handed_out():
    here = Here()
    sweep(strategies["conservative"], GAMES, here, **GRID)
    assert 1 <= here.given <= 6


def test_the_result_is_the_same_with_any_executor():
    first = sweep(strategies["conservative"], GAMES, Here(), **GRID)
    assert sweep(strategies["conservative"], GAMES, **GRID).sums == first.sums
    with ThreadPoolExecutor(3) as pool:
        assert sweep(strategies["conservative"], GAMES, pool, chunk=100, **GRID).sums == first.sums
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        assert sweep(strategies["conservative"], GAMES, pool, chunk=400, **GRID).sums == first.sums
        with pytest.warns(CompileWarning, match="swept tick by tick"):
            far = sweep(slow, GAMES[:300], pool, chunk=100, take=[1.1, 1.5])
        with pytest.warns(CompileWarning):
            near = sweep(slow, GAMES[:300], take=[1.1, 1.5])
        assert far.sums == near.sums


def test_games_from_a_file_travel_too():
    arrays = Games.from_arrays(GAMES.ids, GAMES.prices, GAMES.offsets, rug_ticks=GAMES.rug_ticks)
    lazy = sweep(strategies["aggressive"], GAMES, Here(), chunk=300, take=[0.5]).sums
    assert sweep(strategies["aggressive"], arrays, Here(), chunk=300, take=[0.5]).sums == lazy
    alone = chunks.light(arrays, 100, 200, shared=False)
    assert len(pickle.dumps(alone)) < 0.3 * GAMES.prices.nbytes
    assert len(pickle.dumps(chunks.light(GAMES, 0, 100, shared=False))) < 20_000


def test_games_of_an_archive_travel_as_its_path(tmp_path):
    sealed = load(GAMES.save(tmp_path / "games.parquet"))
    first = sweep(strategies["aggressive"], GAMES, Here(), chunk=300, take=[0.5]).sums
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        assert sweep(strategies["aggressive"], sealed, pool, chunk=300, take=[0.5]).sums == first
    packet = pickle.dumps(chunks.light(sealed, 100, 200, shared=False))
    assert len(packet) < 3_000
    once, again = pickle.loads(packet), pickle.loads(packet)
    assert once._parts[0][0] is again._parts[0][0]  # a worker opens a file once
    assert once.prices.tolist() == GAMES[100:200].prices.tolist()
    assert once.rug_ticks.tolist() == GAMES[100:200].rug_ticks.tolist()
    assert once.ids.tolist() == GAMES[100:200].ids.tolist()
    in_threads = chunks.light(sealed, 100, 200, shared=True)
    assert in_threads._parts[0][0] is not sealed._parts[0][0]
    (tmp_path / "games.parquet").unlink()
    GAMES[:500].save(tmp_path / "games.parquet")
    with pytest.raises(ArgumentError, match="rewritten by a later seal"):
        pickle.loads(packet)


class Counting:
    """A strategy with a state of its own."""

    def __init__(self):
        self.asked = 0

    def begin_run(self, games):
        self.asked = 0

    def __call__(self, o, every=100):
        self.asked += 1
        return buy(0.01) if self.asked % every == 0 else hold()


def test_a_strategy_with_a_state_is_copied_for_every_task():
    strategy = Counting()
    here = Here()
    found = sweep(strategy, GAMES[:300], here, chunk=100, every=[50, 100])
    assert here.given > 1
    assert strategy.asked == 0
    assert found.sums[0].trades > found.sums[1].trades > 0


def test_best_is_tried_on_games_that_no_combination_has_seen():
    found = sweep(strategies["conservative"], GAMES, **GRID)
    best = found.best()
    place = found.frame["mean_sol"].to_numpy().argmax()
    assert best.parameters == {**strategies["conservative"].parameters, **found.combinations[place]}
    alone = backtest(strategies["conservative"], GAMES[800:], carry=False, params=found.combinations[place])
    assert best.held_out.value == pytest.approx(alone.profit_per_game.value, rel=1e-12)
    assert best.held_out.n == 200
    assert best.swept.n == 800
    assert list(best.frame.index) == ["swept", "held out"]
    assert "n = 200" in repr(best)
    assert "held out" in best._repr_html_()
    assert found.best(synthetic(300, seed=52)).held_out.n == 300
    other = sweep(strategies["conservative"], GAMES, held_out=synthetic(100, seed=1), **GRID)
    assert (other.best().swept.n, other.best().held_out.n) == (1000, 100)


def test_best_without_games_kept_back_asks_for_some():
    with pytest.raises(ArgumentError, match="there are no held-out games"):
        sweep(strategies["conservative"], GAMES, held_out=0, take=[0.1]).best()


def test_held_out_games_that_were_swept_are_refused():
    found = sweep(strategies["conservative"], GAMES[:200], held_out=0.5, take=[0.1])
    with pytest.raises(ArgumentError, match="10 of these 20 were swept"):
        found.best(GAMES[90:110])
    with pytest.raises(ArgumentError, match="5 of these 5 were swept"):
        sweep(strategies["conservative"], GAMES[:200], held_out=GAMES[:5], take=[0.1])
    with pytest.raises(ArgumentError, match="got str"):
        found.best("data")
    assert found.best(found.held_out).held_out.n == 100


def test_the_verdicts_are_corrected_for_all_combinations_and_counted():
    found = sweep(strategies["hold_to_target"], GAMES, multiple=[1.1, 2.0, 500.0])
    frame = found.frame
    profits = [
        backtest(strategies["hold_to_target"], GAMES[:800], carry=False, multiple=each).results.profit
        for each in (1.1, 2.0, 500.0)
    ]
    expected = max_statistic(np.array(profits, float))
    assert frame["p_all"].tolist()[:2] == pytest.approx(expected.tolist()[:2], abs=0.01)
    assert frame["p_all"].tolist()[2] == 1, "too few gains to tell how rare they are"
    signs = np.where(frame["mean_sol"] > 0, "gains", "loses")
    assert frame["verdict"].tolist() == np.where(frame["p_all"] < 0.05, signs, "not distinguishable").tolist()
    assert "3 combinations of multiple on 800 games; 0 gain" in repr(found)
    assert "corrected for all of them" in repr(found)
    assert "verdict" in found._repr_html_()


def test_a_sweep_where_nothing_can_be_found_finds_something_one_time_in_twenty():
    """Bets that are refunded or not, at even odds: forty combinations of luck, none with a mean."""
    wins = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        sums = tuple(Sums(Moments(200), blocks=tuple(rng.choice([-10, 10], 200).tolist())) for _ in range(20))
        made = Sweep(strategies["sidebet"], (), [{}] * 20, sums, Options(carry=False), GAMES[:0], GAMES[:0])
        wins += (made._corrected() < 0.05).any()
    assert wins <= 6


def test_repeated_sweeps_and_uses_of_held_out_games_are_noticed():
    games = synthetic(700, seed=60, method="statistical")
    first = sweep(strategies["conservative"], games, take=[0.1, 0.5])
    assert not first.looks
    again = sweep(strategies["conservative"], games, take=[0.1, 0.5])
    assert not again.looks  # the same question is one look
    second = sweep(strategies["conservative"], games, take=[0.2, 0.4])
    assert second.looks.total == 3
    assert "look 3 at these games (earlier: sweep 1 x)" in repr(second)
    assert (second._corrected() >= first._corrected().min()).all()
    one, two = first.best(), second.best()
    assert not one.looks
    assert "held-out games used again" in repr(two)
    alone = two.held_out_sums.mean_sol()
    assert two.held_out.low < alone.low < alone.high < two.held_out.high
    run = backtest(two.strategy, games, carry=False)
    assert run.looks.total == 7
    assert "sweep 2 x, held out 2 x" in repr(run)
    assert "corrected for so many looks" in run.stats.loc["looks at these games [n]", "note"]


class Remembering:
    """A bet in each game, for 25 games a small one, then for 25 a large one: it remembers."""

    def __init__(self):
        self.games = 0

    def begin_game(self, game_id):
        self.games += 1

    def __call__(self, o, most=0.5):
        return sidebet(most if self.games // 25 % 2 else 0.01) if o.tick == 0 else hold()


@pytest.mark.parametrize("chunk", [None, 200])
def test_where_stakes_depend_on_earlier_games_there_is_no_interval_as_in_a_run(chunk):
    games = GAMES[:600]
    found = sweep(Remembering(), games, Here(), chunk=chunk, held_out=0, most=[0.1]).frame.loc[0.1]
    run = backtest(Remembering(), games, carry=False, most=0.1)
    assert depends_on_past(run.results)
    assert found["mean_sol"] == run.profit_so_far.value
    assert np.isnan([found["low_sol"], run.profit_so_far.low]).all()
    assert found["p_all"] == 1


def test_a_combination_without_an_interval_has_no_verdict():
    """All of a hundred games lost, to almost the same: whether a gain of 50x is as rare is not known."""
    games = GAMES.query("peak < 40")[:100]
    found = sweep(strategies["hold_to_target"], games, held_out=0, multiple=[50.0])
    assert np.isnan(found.frame.loc[50.0, "low_sol"])
    assert found.frame.loc[50.0, ["p_all", "verdict"]].tolist() == [1.0, "not distinguishable"]


def test_ruin_counts_sessions_that_lose_the_cash():
    found = sweep(strategies["hold_to_target"], GAMES, cash=0.5, multiple=[1e9], size=[0.001, 0.1])
    assert found.frame["ruin"].tolist() == [0.0, 1.0]
    assert found.frame["sessions"].tolist() == [8, 8]
    assert (found.frame["ruin_low"] < found.frame["ruin_high"]).all()


def test_random_search_draws_different_combinations_and_the_same_for_a_seed():
    grid = {"take": np.linspace(0.1, 1, 50), "stop": range(1, 50)}
    one = combinations_of(grid, samples=30, seed=1)
    assert len({tuple(combination.values()) for combination in one}) == 30
    assert combinations_of(grid, samples=30, seed=1) == one != combinations_of(grid, samples=30, seed=2)
    assert all(
        isinstance(combination["take"], float) and isinstance(combination["stop"], int) for combination in one
    )
    assert len(combinations_of({"take": [1, 2]}, samples=30)) == 2
    huge = {str(n): range(1000) for n in range(9)}
    assert len({tuple(combination.values()) for combination in combinations_of(huge, samples=9)}) == 9
    drawn = combinations_of({"take": stats.uniform(1, 2), "size": [1, 2]}, samples=20)
    assert all(1 <= combination["take"] <= 3 for combination in drawn)
    assert {combination["size"] for combination in drawn} == {1, 2}
    found = sweep(strategies["conservative"], GAMES[:200], samples=4, take=stats.uniform(0.1, 1))
    assert len(found) == 4


def test_halving_goes_on_with_the_better_half_over_more_games():
    found = sweep(strategies["conservative"], GAMES, held_out=0, halvings=2, take=[0.1, 0.2, 0.4, 0.8])
    games = found.frame["games"].tolist()
    assert sorted(games) == [200, 200, 500, 1000]
    whole = sweep(strategies["conservative"], GAMES, held_out=0, take=[0.1, 0.2, 0.4, 0.8])
    survivor = games.index(1000)
    assert found.sums[survivor] == whole.sums[survivor]
    assert found.best(synthetic(100, seed=52)).swept.n == 1000


def test_a_single_value_fixes_a_parameter_and_params_takes_names_of_options():
    assert combinations_of({"take": 1.5, "size": [1, 2]}) == (
        {"take": 1.5, "size": 1},
        {"take": 1.5, "size": 2},
    )
    found = sweep(strategies["random"], GAMES[:200], params={"seed": [1, 2]}, enter=0.1)
    assert found.frame.index.names == ["enter", "seed"]
    assert found.sums[0] != found.sums[1]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"taek": [1]}, "did you mean 'take'"),
        ({}, "values of one parameter or more, as take="),
        ({"take": []}, "one value or more"),
        ({"take": stats.uniform(1, 2)}, "samples="),
        ({"take": [1], "samples": 0}, "samples must be"),
        ({"take": [1], "chunk": 0}, "chunk must be"),
        ({"take": [1], "halvings": -1}, "halvings must be"),
        ({"take": [1], "held_out": 1.0}, "held_out is a share"),
        ({"take": [1], "params": {"take": [2]}}, "given twice"),
        ({"take": range(10**7)}, "the limit is 1,000,000: use samples"),
    ],
)
def test_what_is_wrong_is_said(options, says):
    with pytest.raises(ArgumentError, match=says):
        sweep(strategies["conservative"], GAMES[:100], **options)


def test_selected_games_are_warned_of():
    with pytest.warns(SelectionWarning, match="selected by their outcome"):
        sweep(strategies["conservative"], GAMES.query("peak > 5"), take=[0.1])


def test_an_error_of_a_strategy_reaches_the_caller():
    def broken(o, take=1.0):
        raise RuntimeError("no idea")

    with pytest.raises(RuntimeError, match="no idea"), pytest.warns(CompileWarning):
        sweep(broken, GAMES[:100], take=[1.0])


def test_no_combinations_and_no_games():
    assert len(sweep(strategies["conservative"], GAMES[:0], take=[0.1]).frame) == 1
    assert np.isnan(sweep(strategies["conservative"], GAMES[:0], take=[0.1]).frame["mean_sol"].iloc[0])


def test_the_default_for_a_slow_strategy_is_processes(monkeypatch):
    asked = []

    def processes(workers):
        asked.append(workers)
        return ThreadPoolExecutor(workers)

    monkeypatch.setattr(module, "_processes", processes)
    monkeypatch.setattr(module, "SMALL", 10)
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)
    with pytest.warns(CompileWarning):
        sweep(slow, GAMES[:100], take=[1.1, 1.5])
    assert asked == [2]


def test_dask_takes_it_as_any_other_executor():
    distributed = pytest.importorskip("distributed")
    first = sweep(strategies["conservative"], GAMES, Here(), take=[0.1, 0.5]).sums
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert sweep(strategies["conservative"], GAMES, client, chunk=200, take=[0.1, 0.5]).sums == first


def test_something_else_is_no_executor():
    with pytest.raises(ArgumentError, match=r"concurrent\.futures.*got builtins\.dict"):
        sweep(strategies["conservative"], GAMES, {}, take=[0.1])


def test_an_interrupt_stops_the_tasks_that_run(monkeypatch):
    tasks = []
    monkeypatch.setattr(module, "run_task", lambda task: tasks.append(task) or chunks.run_task(task))

    def interrupt(done, total):
        if tasks:  # games may be made before
            raise KeyboardInterrupt

    with reporting(interrupt), pytest.raises(KeyboardInterrupt):
        sweep(strategies["conservative"], GAMES, chunk=100, **GRID)
    assert all(chunks.run_task(task) == [Sums()] * len(task.combinations) for task in tasks)  # nobody waits


@pytest.mark.skipif(not hasattr(signal, "pause"), reason="this system has no call without an end")
@pytest.mark.parametrize("missing", [(), ("loky",)], ids=["loky", "own"])
def test_an_interrupt_ends_the_processes_whose_tasks_have_no_end(monkeypatch, missing):
    workers = []

    def interrupted():
        with module.workers_for(strategy(slow), [{}] * 9, None, 10**9) as (pool, cores, _):
            assert cores == 2
            running = pool.submit(signal.pause)
            until(running.running)
            workers.extend(map(psutil.Process, pool._processes))
            raise KeyboardInterrupt

    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)
    with pytest.warns(CompileWarning), pytest.raises(KeyboardInterrupt):
        interrupted()
    assert workers
    assert psutil.wait_procs(workers, timeout=DEADLINE_S)[1] == []
