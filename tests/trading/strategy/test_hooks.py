"""``begin_run``, ``begin_game`` and the copy of a strategy for each run: alike wherever it is played."""

from __future__ import annotations

from threading import Lock

import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.paper.paper_account import Paper
from tests.support.strategies import games_of

GAMES = games_of([1, 0.7, 0.6, 1.5, 1.6, 0.012], [1, 2, 0.5, 0.5, 3.0, 0.01])
TOLD = []


class Noting:
    """Notes what it is given, outside of itself; buys once in its life."""

    def __init__(self):
        self.bought = False

    def begin_run(self, games):
        TOLD.append(("run", len(games), self.bought))

    def begin_game(self, game_id):
        TOLD.append(("game", game_id[-1]))

    def __call__(self, o, size=0.1):
        if self.bought:
            return None
        self.bought = True
        return rl.buy(size)


@pytest.fixture(autouse=True)
def nothing_told():
    TOLD.clear()


def replayed(strategy, games=GAMES):
    feed = rl.ReplayFeed(games, speed=float("inf"))
    paper = Paper(feed, strategy=strategy)
    with feed:
        feed.finish(timeout=30)
    paper.close()
    return paper


def test_a_backtest_gives_the_run_and_each_game():
    play(Noting(), GAMES)
    assert TOLD == [("run", 2, False), ("game", "0"), ("game", "1")]


def test_a_replay_gives_the_same():
    paper = replayed(Noting())
    assert TOLD == [("run", 2, False), ("game", "0"), ("game", "1")]
    assert paper.ledger["what"].tolist() == ["buy", "rug"]


def test_a_live_feed_gives_a_run_of_games_that_are_not_known_yet(feed):
    feed.ticks(2)
    paper = Paper(feed, strategy=Noting())
    feed.ticks(2)
    assert feed.dispatcher.wait_idle(10)
    assert [("run", 0, False), ("game", feed.game_id[-1])] == TOLD
    paper.close()


def test_a_sweep_and_a_check_give_them_too():
    rl.sweep(Noting(), rl.synthetic(40, seed=1), size=[0.1, 0.2])
    assert {name for name, *_ in TOLD} == {"run", "game"}
    TOLD.clear()
    rl.check(Noting(), rl.sample()[:3])
    runs = [told for told in TOLD if told[0] == "run"]
    assert len(runs) > 4
    assert not any(bought for _, _, bought in runs)


def test_every_run_plays_a_copy_that_has_seen_no_other_run():
    strategy = Noting()
    for _ in range(3):
        assert play(strategy, GAMES).buys.tolist() == [1, 0]
    assert not strategy.bought
    paper = replayed(strategy)
    paper.reset()
    assert [told for told in TOLD if told[0] == "run"][-1] == ("run", 2, False)


def test_what_cannot_be_copied_says_what_to_do():
    class Locked:
        def __init__(self):
            self.lock = Lock()

        def __call__(self, o):
            return None

    class Shared(Locked):
        def __deepcopy__(self, memo):
            return self

    with pytest.raises(ArgumentError, match=r"cannot be copied .*begin_run.*__deepcopy__"):
        play(Locked(), GAMES)
    assert len(play(Shared(), GAMES)) == 2


def test_signals_without_ids_are_played_in_a_replay_and_refused_where_games_are_not_known(feed):
    price = GAMES.ticks["price"]
    strategy = rl.signals(price < 0.8, price > 1.4, size=0.06)
    expected = play(strategy, GAMES).account.entries
    assert [entry[:3] for entry in replayed(strategy).account.entries] == [entry[:3] for entry in expected]
    assert len(expected) == 4
    other = replayed(strategy, GAMES[:1])
    assert other.strategy_state == "stopped"
    assert "signals have 12 rows, the ticks of these games 6" in other.strategy_error
    feed.ticks(2)
    live = Paper(feed, strategy=strategy)
    assert live.strategy_state == "stopped"
    assert "are for games that are known beforehand" in live.strategy_error
    live.close()
