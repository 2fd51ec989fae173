"""What must hold of any strategy, on ten thousand games; tests/benchmarks/invariants.py has a million."""

from tests.benchmarks import invariants


def test_a_side_bet_is_worth_less_than_its_stake_at_every_entry_tick(capsys):
    assert invariants.side_bets(20_000, (0, 1, 40, 100, 300))
    assert "-9.16%" in capsys.readouterr().out


def test_no_stopping_strategy_gains_beyond_the_drift_and_a_plain_loop_agrees_with_the_engine():
    chosen = [
        each for each in invariants.STOPPING if each[0] in ("20 ticks", "until 2x", "trailing stop 15 %")
    ]
    assert invariants.stopping(20_000, tuple(chosen))


def test_a_random_strategy_is_significant_about_as_often_as_it_should_be():
    assert invariants.chance(20_000, 200)
