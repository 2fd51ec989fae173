"""Games selected by their outcome are told from games that were not."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.recordings.read.load import sample
from rugs_lab.trading.backtest.hindsight import _p_value, outcome_test

GAMES = synthetic(2000, seed=11)


@pytest.mark.parametrize(
    "pick", ["peak > 5", "peak < 1.2", "rug_tick > 200", "ticks < 60", "100 < ticks < 250"]
)
def test_a_selection_by_outcome_is_noticed(pick):
    found = outcome_test(GAMES.query(pick))
    assert found.selected
    assert "0.005 expected" in str(found)


def test_few_selected_games_are_enough():
    assert outcome_test(GAMES.query("peak > 20")[:8]).selected


@pytest.mark.parametrize("games", [GAMES, GAMES[:50], GAMES[::7], GAMES.sample(300, seed=1), GAMES[:3]])
def test_a_selection_that_knows_nothing_is_not_accused(games):
    assert not outcome_test(games).selected


def test_the_shipped_sample_is_no_selection():
    assert not outcome_test(sample()).selected


def test_rarely_a_false_alarm():
    flagged = sum(
        outcome_test(synthetic(300, seed=each, method="statistical")).selected for each in range(60)
    )
    assert flagged == 0


def test_games_without_a_known_rug_say_nothing():
    assert outcome_test(Games.from_arrays(["a"], [1.0, 1.1], [0, 2])) is None
    assert outcome_test(Games()) is None


@pytest.mark.parametrize("count", [1, 3, 10, 100, 1000, 4096])
@pytest.mark.parametrize("longer", [1, 1.05, 1.1, 1.3, 2])
def test_p_values_of_two_samples_are_those_of_scipy_where_they_matter(count, longer):
    rng = np.random.default_rng(count)
    some, others = rng.geometric(0.005, count) * longer, rng.geometric(0.005, 20_000)
    wanted = stats.ks_2samp(some, others, method="asymp").pvalue
    found = _p_value(some, others)
    assert found == pytest.approx(wanted, rel=1e-3 if wanted < 0.05 else 0.15)


@pytest.mark.parametrize("count", [5, 50, 500, 4000])
def test_the_hazard_is_tested_as_scipy_does_it(count):
    games = synthetic(count, seed=count)
    found = outcome_test(games)
    test = stats.binomtest(count, int(games.rug_ticks.sum()), 0.005)
    interval = test.proportion_ci(0.95, "exact")
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert found.p_hazard == pytest.approx(test.pvalue, rel=0.05)


def test_a_backtest_needs_no_import_of_half_a_second():
    """``scipy.stats`` takes longer than the backtest."""
    code = "import sys, rugs_lab as rl; repr(rl.backtest('hold_to_target', rl.synthetic(300, seed=1)))"
    code += "; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
