"""`backtest`: options, parameters, stop conditions, and what it warns of."""

import warnings

import numpy as np
import pytest

from rugs_lab.errors import ArgumentError, IdleStrategyWarning, SelectionWarning
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.recordings.read.load import sample
from rugs_lab.trading.account.actions import buy, hold, sell
from rugs_lab.trading.backtest.backtest import backtest
from rugs_lab.trading.strategy.strategy import strategy
from rugs_lab.trading.strategy.strategy_registry import strategies

GAMES = synthetic(200, seed=31)


@strategy
def early(o, take=1.3, size=0.01):
    if o.tick < 0:
        return buy(size)
    return sell() if o.units and o.price > take * o.average_cost else hold()


def test_keywords_are_the_strategies_parameters():
    run = backtest(early, GAMES, cash=2.0, take=1.5)
    assert run.parameters == {"take": 1.5, "size": 0.01}
    assert run.cash_sol == 2.0
    assert early.parameters["take"] == 1.3


def test_an_unknown_parameter_gets_a_hint():
    with pytest.raises(ArgumentError, match="did you mean 'take'"):
        backtest(early, GAMES, taek=1.5)


@strategy
def named_alike(o, target=2.0, latency=3):
    return buy(0.01) if o.tick < 0 else hold()


def test_a_name_that_means_two_things_is_refused_and_params_tells_them_apart():
    with pytest.raises(ArgumentError, match=r"params=\{'target'"):
        backtest(named_alike, GAMES, target=1.5)
    run = backtest(named_alike, GAMES, params={"target": 3.0})
    assert run.parameters == {"target": 3.0, "latency": 3}
    assert run.results.options.take is None
    assert run.results.options.latency == 1


def test_stop_conditions_end_the_session_after_the_game():
    few = backtest(early, GAMES, max_games=7)
    assert (len(few), few.results.stopped, len(few.played)) == (7, "max_games", 7)
    lost = backtest(early, GAMES, cash=0.1, max_loss=0.2)
    cash = lost.equity_lamports
    assert lost.results.stopped == "loss"
    assert cash[-1] <= 80_000_000 < cash[:-1].min()
    won = backtest(strategies["martingale"], GAMES, cash=1.0, target=1.02)
    assert won.results.stopped == "take"
    assert won.equity_lamports[-1] >= 1_020_000_000 > won.equity_lamports[:-1].max()


def test_one_game_and_any_iterable_of_games_will_do():
    assert len(backtest(early, GAMES[0])) == 1
    assert len(backtest(early, [GAMES[0], GAMES[5]])) == 2
    with pytest.raises(ArgumentError, match="got str"):
        backtest(early, "data/")
    with pytest.raises(ArgumentError, match="got int"):
        backtest(early, [1, 2])


def test_no_games_give_a_run_without_figures():
    run = backtest(early, GAMES[:0])
    assert len(run) == 0
    assert run.stats.loc["games [n]", "value"] == 0
    assert np.isnan(run.stats.loc["profit per game [SOL]", "value"])


def test_games_selected_by_their_outcome_are_warned_of_with_figures():
    with pytest.warns(SelectionWarning, match=r"rugs per tick 0\.00\d+ .*0\.005 expected"):
        backtest(early, synthetic(2000, seed=5).query("peak > 5"))


def test_a_strategy_that_never_acts_is_warned_of_and_the_reader_is_told_why():
    with pytest.warns(IdleStrategyWarning, match="its conditions were never met"):
        backtest(strategies["foundational"], sample())
    with pytest.warns(IdleStrategyWarning, match="all of its 10 orders were rejected"):
        backtest(early, GAMES[:10], size=9.0)


def test_a_strategy_most_of_whose_orders_are_turned_away_is_warned_of():
    def eager(o, size=0.4):
        return buy(size)

    for engine in ("auto", "tick"):
        with pytest.warns(
            IdleStrategyWarning,
            match="orders were rejected or expired, most often: not enough cash",
        ):
            backtest(eager, GAMES[:10], engine=engine)


def test_a_ruined_strategy_is_warned_of_with_the_game_that_took_its_last_cash():
    games = synthetic(3_000, seed=3)
    with pytest.warns(IdleStrategyWarning, match=r"; its cash ran out after game \d+") as told:
        run = backtest("conservative", games, cash=0.01)
    assert f"after game {run.gone_after:,}" in str(told[0].message)


def test_warnings_point_at_the_line_that_called():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        backtest(strategies["foundational"], GAMES[:5])
    assert [each.filename for each in told] == [__file__]


def test_games_that_know_nothing_of_their_outcome_give_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        backtest(early, GAMES)
        backtest(early, GAMES.sample(50, seed=1))


def test_a_game_without_a_known_rug_gives_back_what_is_open():
    running = Game("20260101-0000000000000001", np.array([1.0, 1.1, 1.2]))
    run = backtest(early, running)
    assert run.results.profit.tolist() == [0]
    assert run.stats.loc["games without a known rug [n]", "value"] == 1
