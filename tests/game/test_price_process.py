import numpy as np

from rugs_lab.game.limits import MAX_TICKS, RUG_FACTOR
from rugs_lab.game.price_process import price_path


def test_a_god_candle_multiplies_by_ten_and_consumes_one_draw_less():
    draws = iter([0.9, 0.000001, 0.001])
    assert price_path(lambda: next(draws)) == [1.0, 10.0, RUG_FACTOR]


def test_above_a_hundred_the_god_candle_draw_is_consumed_all_the_same():
    # three god candles to 1000; then the draw that would be a fourth is only consumed
    draws = iter([0.9, 0.0] * 3 + [0.9, 0.0, 0.9, 0.4, 0.5] + [0.001])
    assert price_path(lambda: next(draws))[3:] == [1000.0, 1000.0, RUG_FACTOR]


def test_a_big_move_goes_up_or_down_by_its_size():
    up = iter([0.9, 0.9, 0.1, 0.0, 0.6, 0.001])
    down = iter([0.9, 0.9, 0.1, 0.0, 0.5, 0.001])
    assert price_path(lambda: next(up))[1] == 1.15
    assert price_path(lambda: next(down))[1] == 0.85


def test_a_game_ends_at_the_servers_bound_without_a_rug():
    prices = price_path(lambda: 0.5, "v2")
    assert len(prices) == MAX_TICKS + 1
    assert prices[-1] > RUG_FACTOR


def test_lengths_follow_the_hazard():
    rng = np.random.default_rng(1)
    n = 2_000
    ticks = sum(len(price_path(rng.random, "v3")) - 1 for _ in range(n))
    hazard = n / ticks
    assert abs(hazard - 0.005) < 4 * 0.005 / np.sqrt(n)
