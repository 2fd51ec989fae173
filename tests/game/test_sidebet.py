from rugs_lab.game.money import lamports
from rugs_lab.game.sidebet import SideBet, rug_within


def test_a_side_bet_wins_up_to_forty_ticks_after_its_start():
    bet = SideBet(lamports(0.01), start_tick=7)
    assert [bet.wins(tick) for tick in (7, 46, 47, 48)] == [True, True, True, False]
    assert bet.payout(47) == lamports(0.05)
    assert bet.payout(48) == 0


def test_the_chance_of_a_rug_within_the_window_is_below_the_break_even_of_the_bet():
    assert round(rug_within(), 4) == 0.1817
    assert rug_within() < 1 / 5
