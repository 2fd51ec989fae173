"""What an account did in a game, as marks over its price chart."""

import rugs_lab as rl
from rugs_lab.trading.account.fill_marks import entries_here, played_game
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options

GAME = rl.sample()[3]


def strategy(o):
    orders = {1: rl.buy(0.1), 5: rl.sell(), 10: rl.sidebet(0.01), 20: rl.buy(0.1)}
    return orders.get(o.tick, rl.hold())


def test_fills_bets_and_profit_of_a_played_game():
    account = play(strategy, rl.Games([GAME]), Options(), engine="tick").accounts[0]
    played = played_game(GAME, account.entries)
    assert [(fill.what, fill.tick) for fill in played.fills] == [
        ("buy", 2),
        ("sell", 6),
        ("buy", 21),
        ("settled", GAME.rug_tick),
    ]
    assert played.fills[0].profit is None
    assert played.fills[1].price == GAME.prices[6]
    assert [(bet.start, bet.end, bet.stake) for bet in played.bets] == [(11, 51, 0.01)]
    assert played.bets[0].ended in ("won", "lost")
    assert abs(played.profit - (account.cash_sol - 1.0)) < 1e-9
    here = entries_here(account)
    assert {entry.game_id for entry in here} <= {GAME.id}
    assert entries_here(account, 2) == here[-2:]
