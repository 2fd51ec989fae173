"""What an account did in a game, as marks over its price chart."""

import rugs_lab as rl
from rugs_lab.figures.marks import BetMark
from rugs_lab.trading.account.account import Account
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


def test_each_mark_by_hand():
    account = Account(2.0, shorts="linear")
    account.begin("20260101-0000000000000001")
    account.submit(rl.buy(0.1))
    account.tick(0, 1.0)
    account.rug(1, 0.02)
    account.begin("20260101-0000000000000002")
    account.submit(rl.sidebet(0.01))
    account.submit(rl.buy(0.3))
    account.tick(0, 1.5)
    account.submit(rl.sell(0.5))
    account.tick(1, 2.0)
    account.submit(rl.short(0.1))
    account.tick(2, 1.0)
    account.submit(rl.cover(0.5))
    account.tick(45, 0.8)
    account.submit(rl.sidebet(0.02))
    account.tick(46, 0.9)
    account.rug(50, 0.02)
    here = entries_here(account)
    assert {entry.game_id for entry in here} == {"20260101-0000000000000002"}
    assert here == account.entries[2:]
    assert entries_here(account, 3) == here[-3:]
    assert entries_here(account, 0) == []
    played = played_game(GAME, here)
    marks = [(m.what, m.label, m.tick, m.price, m.change, m.profit) for m in played.fills]
    assert marks == [
        ("buy", "buy", 0, 1.5, -0.3, None),
        ("sell", "sell", 1, 2.0, 0.2, 0.05),
        ("sell", "short", 2, 1.0, -0.1, None),
        ("buy", "cover", 45, 0.8, 0.06, 0.01),
        ("settled", "settled", 50, 0.02, 0.002, -0.148),
        ("settled", "short rug", 50, 0.02, 0.099, 0.049),
    ]
    assert played.bets == [BetMark(0, 40, 0.01, "lost"), BetMark(46, 86, 0.02, "won")]
    assert (played.name, played.rug_tick) == (GAME.id, GAME.rug_tick)
    assert played.prices.tolist() == GAME.prices.tolist()
    assert played.backfilled.all()
    assert played.profit == sum(entry.profit for entry in here) / 1e9


def test_a_voided_game_has_its_bet_and_its_position_refunded():
    account = Account(2.0, shorts="linear")
    account.begin("20260101-0000000000000001")
    for action in (rl.sidebet(0.01), rl.buy(0.1), rl.short(0.1)):
        account.submit(action)
    account.tick(0, 1.0)
    account.void()
    played = played_game(GAME, account.entries)
    assert played.bets == [BetMark(0, 40, 0.01, "void")]
    assert [(m.what, m.label, m.tick, m.profit) for m in played.fills[2:]] == [
        ("settled", "settled", 0, 0.0),
        ("settled", "settled", 0, 0.0),
        ("settled", "settled", 0, 0.0),
    ]


def test_a_bet_that_runs_has_no_end_yet():
    account = Account(2.0)
    account.begin("20260101-0000000000000001")
    account.submit(rl.sidebet(0.01))
    account.tick(0, 1.0)
    account.submit(rl.buy(0.1))
    account.tick(1, 1.0)
    account.submit(rl.sell())
    account.tick(2, 1.0)
    assert played_game(GAME, account.entries).bets == [BetMark(0, 40, 0.01, None)]
