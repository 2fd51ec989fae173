"""What the strategy widget says of a run, in words."""

import rugs_lab as rl
from rugs_lab.views.strategy_lab.lab_figures import key_rows, verdict

GAMES = rl.synthetic(60, seed=5)


class Object:
    """Played tick by tick."""

    def __call__(self, o):
        return rl.buy(0.01) if o.tick == 1 else rl.sell() if o.tick == 20 else rl.hold()


def test_an_interval_that_was_not_simulated_yet_is_announced_not_called_too_few_games():
    run = rl.backtest(Object(), GAMES, carry=False)
    assert verdict(run) == "its interval comes with the baselines"
    assert key_rows(run)[0].interval == "-"
    assert run.stats is not None
    assert verdict(run) == "profit per game is not distinguishable from 0"
    assert " to " in key_rows(run)[0].interval
