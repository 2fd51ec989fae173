"""What a strategy sees: all of the present, nothing of the future, and the same from both engines."""

from __future__ import annotations

import numpy as np
import pytest

from rugs_lab.trading.account.actions import buy, sell, sidebet
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from tests.support.strategies import games_of

NAN = float("nan")


def seen(games, strategy=lambda o: None, options=None):
    found = []

    def watch(o):
        found.append(o)
        return strategy(o)

    play(watch, games, options, engine="tick")
    return found


def test_a_strategy_is_asked_in_presale_and_at_every_known_tick_before_the_rug():
    found = seen(games_of([1, 1.5, NAN, 0.9, 0.018]))
    assert [o.tick for o in found] == [-1, 0, 1, 3]
    assert [o.price for o in found] == [1.0, 1.0, 1.5, 0.9]
    assert found[0].prices.tolist() == [1.0]
    np.testing.assert_array_equal(found[-1].prices, [1, 1.5, NAN, 0.9])


def test_prices_end_at_the_present_and_behind_them_is_nothing():
    for o in seen(games_of([1, 1.5, 2, 0.9, 0.018])):
        assert o.prices.dtype == np.float64
        assert len(o.prices) == max(o.tick + 1, 1)
        assert not o.prices.flags.writeable


def test_the_future_is_not_in_the_memory_behind_the_prices():
    lengths = set()

    def look(o):
        if o.tick < 0:
            assert o.prices.base is None
            return
        lengths.add(len(o.prices.base))
        assert np.isnan(o.prices.base[o.tick + 1 :]).all()

    play(look, games_of([1, 1.5, 2, 0.9, 0.018], [1, 0.02]), engine="tick")
    assert len(lengths) == 1  # nor does its size tell when the rug comes


def test_position_and_bet_are_told_in_sol():
    script = {-1: (buy(0.2), sidebet(0.1)), 1: sell(0.5)}
    found = seen(games_of([1, 2, 4, 4, 0.02]), lambda o: script.get(o.tick))
    before, first, second, third = found[0], found[1], found[2], found[3]
    assert (before.cash, before.units, before.entry_tick, before.bet_open) == (1.0, 0.0, -1, False)
    assert (first.cash, first.equity, first.units, first.average_cost) == (0.7, 1.0, 0.2, 1.0)
    assert (first.bet_open, first.bet_ticks_left, first.bet_stake, first.entry_tick) == (True, 40, 0.1, 0)
    assert (second.unrealised, second.equity, second.bet_ticks_left) == (0.2, 1.2, 39)
    assert (third.units, third.cash, third.unrealised, third.equity) == (0.1, 1.1, 0.3, 1.6)


def test_earlier_games_of_the_run_are_remembered():
    games = games_of([1, 3, 0.02], [1, 2, NAN], [1, 1.1, 1.2, 1.3, 0.02], [1, 0.02], rugs=[2, None, 4, 1])
    found = [o for o in seen(games) if o.tick == -1]
    assert [o.peaks.tolist() for o in found] == [[], [3], [3, 2], [3, 2, 1.3]]
    assert [o.lengths.tolist() for o in found] == [[], [2], [2, 1], [2, 1, 4]]
    assert not found[-1].peaks.flags.writeable
    many = seen(games_of(*[[1, 0.02]] * 130))
    assert len(many[-1].peaks) == 100


def test_streaks_count_games_with_profit_or_loss_and_side_bets():
    win, lose, flat = [1, 1, 2, 2, 0.02], [1, 1, 0.5, 0.5, 0.01], [1, 0.02]
    games = games_of(win, win, flat, lose, lose, win)
    script = {0: buy(0.1), 1: sell()}
    found = [o for o in seen(games, lambda o: script.get(o.tick)) if o.tick == -1]
    assert [(o.win_streak, o.loss_streak) for o in found] == [(0, 0), (1, 0), (2, 0), (2, 0), (0, 1), (0, 2)]
    long = games_of([1.0] * 60 + [0.02], [1.0] * 60 + [0.02], [1, 1, 0.02], [1, 0.02])
    found = [o for o in seen(long, lambda o: sidebet(0.01) if o.tick == 0 else None) if o.tick <= 50]
    streaks = [(o.bet_win_streak, o.bet_loss_streak) for o in found if o.tick in (-1, 50)]
    assert streaks == [(0, 0), (0, 1), (0, 1), (0, 2), (0, 2), (1, 0)]


def test_independent_games_have_fresh_cash_and_streaks_but_remember_peaks():
    games = games_of(*[[1, 1, 0.5, 0.01]] * 3)
    found = [o for o in seen(games, lambda o: buy(0.1), Options(carry=False)) if o.tick == -1]
    assert [(o.cash, o.loss_streak, len(o.peaks)) for o in found] == [(1, 0, 0), (1, 0, 1), (1, 0, 2)]


@pytest.mark.parametrize("tick", [-1, 2])
def test_what_a_strategy_raises_says_where(tick):
    def fragile(o):
        if o.tick == tick:
            raise KeyError("x")

    with pytest.raises(KeyError) as caught:
        play(fragile, games_of([1, 1, 1, 1, 0.02]), engine="tick")
    note = caught.value.__notes__[0]
    assert "20260101-0000000000000000" in note
    assert ("presale" in note) == (tick == -1)


def test_an_error_about_empty_prices_or_a_misspelled_name_gets_a_hint():
    def newest(o):
        return buy(0.1) if o.peaks.max() > 2 else None

    def misspelled(o):
        return buy(0.1) if o.tick >= 1 and o.pric > 2 else None

    games = games_of([1, 1, 1, 0.02])
    with pytest.raises(ValueError, match="zero-size") as caught:
        play(newest, games, engine="tick")
    note = caught.value.__notes__[0]
    assert note.startswith(f"line {newest.__code__.co_firstlineno + 1} (")
    assert "of strategy newest, game 20260101-0000000000000000, tick -1" in note
    assert "tick -1 (presale); o.peaks and o.lengths are empty in the first game" in note
    with pytest.raises(AttributeError) as caught:
        play(misspelled, games, engine="tick")
    assert caught.value.__notes__[0].endswith("tick 1; did you mean 'price'?")


def test_what_an_observation_does_not_have_is_told_with_what_it_has():
    def guessing(o):
        return buy(0.01) if o.peak > 2 else None

    with pytest.raises(AttributeError, match=r"has no .peak.; it has tick, price, .*o\.prices\.max"):
        play_ticks(as_strategy(guessing), games_of([1.0, 1.1, 0.02]), Options())


@pytest.mark.parametrize("engine", ["tick", "auto"])
def test_a_first_strategy_may_look_back_further_than_the_game_is_long(engine):
    def rising(o):
        return buy(0.1) if o.prices[-1] > o.prices[-2] else None

    def long_memory(o, n=3):
        return buy(0.1) if o.price > o.prices[-n] and o.peaks[-1] > 0 else sell()

    games = games_of([1, 1.5, 1.2, 1.4, 1.1, 0.02], [1, 0.9, 1.3, 0.02], [1, 0.02])
    results = play(rising, games, engine=engine)
    assert results.engine == ("tick" if engine == "tick" else "compiled")
    assert results.buys.tolist() == [2, 0, 0]
    found = play(long_memory, games, engine=engine)
    assert (found.engine, found.buys.tolist()) == (results.engine, [0, 0, 0])
    assert (found.rejected + found.expired).tolist() == [2, 1, 0]
    assert found.rejected.tolist() == [2, 0, 0]


@pytest.mark.parametrize("engine", ["tick", "auto"])
def test_an_index_that_is_wrong_otherwise_stays_an_error(engine):
    def beyond(o):
        return buy(0.1) if o.prices[o.tick + 1] > 1 else None

    def in_a_piece(o):
        return buy(0.1) if o.tick > 1 and o.prices[1:][-9] > 1 else None

    for wrong in (beyond, in_a_piece):
        with pytest.raises(IndexError):
            play(wrong, games_of([1, 1.5, 1.2, 1.4, 1.1, 0.02]), engine=engine)


def test_in_presale_the_prices_are_the_price_at_which_orders_fill():
    def average(o):
        return (
            buy(0.1) if o.tick < 0 and o.prices[-1] == o.prices.max() == o.price == o.prices[o.tick] else None
        )

    for engine in ("tick", "auto"):
        assert play(average, games_of([1, 2, 0.02]), engine=engine).buys.tolist() == [1]
