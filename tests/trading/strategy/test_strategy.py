"""Strategies: what the decorator makes of a function, its parameters, and what a decision may be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, RugsLabWarning
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.strategy.strategy import Strategy, actions_of
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from tests.support.strategies import games_of


@rl.strategy
def dip(o, enter=10, drop=0.85, *, size=0.01):
    """Buys a dip."""
    return rl.buy(size) if o.tick >= enter and o.price < drop else rl.hold()


def test_keyword_defaults_are_the_parameters_in_order():
    assert list(dip.parameters.items()) == [("enter", 10), ("drop", 0.85), ("size", 0.01)]
    assert (dip.name, dip.__doc__, repr(dip)) == (
        "dip",
        "Buys a dip.",
        "<Strategy dip(enter=10, drop=0.85, size=0.01)>",
    )


def test_parameters_are_bound_without_changing_the_strategy():
    other = dip.with_(size=0.5, enter=3)
    assert other.parameters == {"enter": 3, "drop": 0.85, "size": 0.5}
    assert dip.parameters["size"] == 0.01
    assert as_strategy(dip, drop=0.5).parameters["drop"] == 0.5


def test_an_unknown_parameter_gets_a_hint():
    with pytest.raises(ArgumentError, match="did you mean 'drop'"):
        dip.with_(dorp=1)
    with pytest.raises(ArgumentError, match="its parameters: enter, drop, size"):
        play(dip, games_of(), xyzzy=1)


def test_a_parameter_without_a_default_must_be_given():
    strategy = as_strategy(lambda o, size: rl.buy(size))
    with pytest.raises(ArgumentError, match="needs a value for size"):
        play(strategy, games_of([1, 1, 0.02]))
    assert strategy.with_(size=0.1).ready().parameters == {"size": 0.1}


def test_the_decorator_takes_options():
    @rl.strategy(presale=False, name="other")
    def strategy(o):
        return None

    assert (strategy.name, strategy.presale) == ("other", False)


def test_any_callable_object_is_a_strategy_and_is_told_of_games():
    heard = []

    class Model:
        presale = False

        def begin_run(self, games):
            heard.append(len(games))

        def begin_game(self, game_id):
            heard.append(game_id[-1])

        def __call__(self, o, size=0.1):
            heard.append(o.tick)
            return rl.buy(size) if o.tick == 0 else None

    model = Model()
    results = play(model, games_of([1, 2, 0.02], [1, 0.02]))
    assert heard == [2, "0", 0, 1, "1", 0]
    assert results.engine == "tick"
    assert results.spent.tolist() == [100_000_000, 0]
    assert as_strategy(model).name == "Model"


@pytest.mark.parametrize("wrong", [3, None, object()])
def test_what_cannot_be_called_is_no_strategy(wrong):
    with pytest.raises(ArgumentError, match="a strategy is a function"):
        as_strategy(wrong)


def test_what_holds_a_strategy_says_so():
    run = rl.backtest("conservative", rl.synthetic(2, seed=1))
    with pytest.raises(ArgumentError, match=r"give its \.strategy"):
        as_strategy(run)


@pytest.mark.parametrize("wrong", [lambda: None, lambda *o: None, lambda o, *more: None, lambda o, **k: None])
def test_a_strategy_takes_an_observation_and_parameters_with_names(wrong):
    with pytest.raises(ArgumentError, match="must"):
        Strategy(wrong)


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (None, ()),
        (rl.hold(), ()),
        (rl.buy(1), (rl.buy(1),)),
        ((rl.buy(1), rl.sidebet(1)), (rl.buy(1), rl.sidebet(1))),
        ((rl.sidebet(1), rl.sell()), (rl.sidebet(1), rl.sell())),
        ((rl.hold(), rl.sell()), (rl.sell(),)),
        ((None, None), ()),
    ],
)
def test_a_decision_is_one_action_or_two(decision, expected):
    assert actions_of(decision) == expected


@pytest.mark.parametrize(
    "decision",
    [
        1,
        True,
        "buy",
        (1, 0.5),
        (rl.buy(1),),
        (rl.buy(1), rl.sell()),
        (rl.sidebet(1), rl.sidebet(1)),
        [rl.buy(1)],
        (rl.buy(1), rl.sidebet(1), rl.hold()),
    ],
)
def test_anything_else_is_an_error_that_says_what_a_strategy_returns(decision):
    with pytest.raises(ArgumentError, match="a strategy returns buy"):
        actions_of(decision)


PATHS = ([1, 0.7, 0.6, 1.5, 1.6, 0.012], [1, 2, 0.5, 0.5, 3.0, 0.01])


def _columns(form):
    games = games_of(*PATHS)
    ticks = games.ticks
    low, high = ticks["price"] < 0.8, ticks["price"] > 1.4
    if form == "column":
        return games, low, high
    if form == "array":
        return games, low.to_numpy(), high.to_numpy()
    if form == "index":
        index = pd.MultiIndex.from_frame(ticks[["game_id", "tick"]])
        return games, low.set_axis(index), high.set_axis(index)
    if form == "frame":
        keys = ticks[["game_id", "tick"]]
        return games, keys.assign(enter=low), keys.assign(leave=high)
    groups = {game.id: (np.array(game.prices) < 0.8, np.array(game.prices) > 1.4) for game in games}
    return games, {k: v[0] for k, v in groups.items()}, {k: v[1] for k, v in groups.items()}


@pytest.mark.parametrize("form", ["column", "array", "index", "frame", "mapping"])
def test_signals_are_carried_out_at_the_next_tick_whatever_their_form(form):
    games, entries, exits = _columns(form)
    results = play(rl.signals(entries, exits, size=0.06), games)
    ledger = results.account.ledger
    assert ledger[["tick", "what", "price"]].values.tolist() == [
        [2, "buy", 0.6],
        [4, "sell", 1.6],
        [3, "buy", 0.5],
        [5, "rug", 0.01],
    ]


def test_signals_of_other_games_and_no_booleans_are_refused():
    games, entries, exits = _columns("column")
    with pytest.raises(ArgumentError, match="12 rows, the ticks of these games 6"):
        play(rl.signals(entries, exits), games[:1])
    with pytest.raises(ArgumentError, match="a boolean column"):
        rl.signals(games.ticks["price"], exits)


def test_a_strategy_that_is_called_with_parameters_alone_says_how_it_is_meant():
    @rl.strategy
    def dip(o, take=1.3):
        return None

    with pytest.raises(ArgumentError, match=r"dip\.with_\(take=2\)"):
        dip(take=2)


def test_a_name_is_that_of_a_registered_strategy():
    assert as_strategy("conservative", size=0.5).parameters["size"] == 0.5
    with pytest.raises(ArgumentError, match="did you mean 'conservative'"):
        as_strategy("conservativ")


def test_registered_strategies_are_attributes_too():
    assert rl.strategies.conservative is rl.strategies["conservative"]
    assert "martingale" in dir(rl.strategies)
    with pytest.raises(AttributeError, match="did you mean 'conservative'"):
        _ = rl.strategies.conservativ
    assert not hasattr(rl.strategies, "_ipython_canary")


def test_a_forgotten_return_is_said_when_the_strategy_is_made():
    def forgets(o):
        if o.price < 0.8:
            rl.buy(0.01)
        return

    with pytest.warns(
        RugsLabWarning, match=rf"line {forgets.__code__.co_firstlineno + 2}: rl.buy.* return rl.buy"
    ):
        as_strategy(forgets)
    with pytest.warns(RugsLabWarning, match="does not return it"):

        @rl.strategy
        def sells(o):
            rl.sell()
