"""What a person did is written down with what they saw."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import buy, cover, sell, short, sidebet
from rugs_lab.trading.account.orders import Order, Rejection
from rugs_lab.trading.features.feature_vector import NAMES, PATH, features
from rugs_lab.trading.paper.demonstrations import Demonstration, account_at
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.strategy.observation import Observer


def heard(feed):
    feed.dispatcher.end(10)


def orders_of(paper):
    """Return the rows of `Paper.demonstrations` with an order."""
    frame = paper.demonstrations
    return frame[frame["action"] != "hold"].reset_index(drop=True)


def test_a_decision_stands_with_what_was_seen_and_what_became_of_it(feed):
    feed.ticks(6)
    paper = Paper(feed, cash=1.0)
    paper.submit(buy(0.1), seen_tick=4)
    feed.ticks(2)
    heard(feed)
    paper.submit(sidebet(0.05))
    paper.submit(sell(0.5))
    paper.submit(buy(50))
    feed.ticks(1)
    heard(feed)
    frame = orders_of(paper)
    assert frame["action"].tolist() == ["buy", "sidebet", "sell", "buy"]
    assert frame["seen_tick"].tolist() == [4, 7, 7, 7]
    assert frame["price"].tolist() == [feed.path[tick] for tick in (4, 7, 7, 7)]
    assert frame["peak"].iloc[0] == max(feed.path[:5])
    assert frame["units"].tolist()[:2] == [0.0, paper.account.ledger["units"].iloc[0]]
    assert frame["filled_tick"].tolist()[:3] == [6, 8, 8]
    assert frame["reason"].tolist() == ["", "", "", "above the maximum"]
    paper.close()


def test_in_presale_and_at_missing_ticks_it_is_what_the_feed_shows(feed):
    feed.cooldown(5000)
    paper = Paper(feed)
    paper.submit(buy(0.1))
    feed.ticks(3)
    feed.tick(heard=False)
    feed.tick(heard=False)
    heard(feed)
    paper.submit(sell(1))
    first, second = orders_of(paper).to_dict("records")
    assert (first["seen_tick"], first["price"], first["feature_presale"]) == (-1, 1.0, 1.0)
    assert (second["price"], second["peak"]) == (feed.path[2], max(feed.path[:3]))
    assert second["status"] == "pending"
    paper.close()


def test_features_are_those_that_a_strategy_is_shown_at_that_tick_and_go_to_parquet(tmp_path):
    class Watching:
        def begin_game(self, game_id):
            self.game_id = game_id

        def __call__(self, o):
            shown[self.game_id, o.tick] = features(o)

    games, shown = rl.sample()[:3], {}
    feed = rl.ReplayFeed(games, playing=False)
    watching, paper = feed.paper(Watching()), feed.paper()
    for game in games[:2]:
        feed.select(game.id)
        for seen_tick in (5, 12, 20):
            feed.seek(seen_tick)
            heard(feed)
            paper.submit(sell(1) if paper.account.position.units else buy(0.1))
            if seen_tick == 20:
                paper.submit(sidebet(0.01))
        feed.seek(len(game) - 1)
        heard(feed)
    everything, frame = paper.demonstrations, orders_of(paper)
    wanted = [shown[game.id, tick] for game in games[:2] for tick in (5, 12, 20, 20)]
    mine = frame[[f"feature_{name}" for name in NAMES]]
    own = [NAMES.index(name) for name in PATH] + [NAMES.index(name) for name in NAMES[14:17]]
    assert mine.to_numpy()[:, own].tolist() == np.array(wanted)[:, own].tolist()
    # The watcher has an account of its own: what depends on it is the person's.
    assert (frame["feature_position"] > 0).tolist() == (frame["units"] > 0).tolist()
    assert (frame["feature_bet"] > 0).any() == frame["bet_ticks_left"].notna().any()
    # A tick without an order has a row, too, with what a strategy was shown there.
    idle = everything[everything["action"] == "hold"]
    assert (set(idle["game_id"]), set(idle["status"])) == ({game.id for game in games[:2]}, {""})
    for game in games[:2]:
        ticks = idle.loc[idle["game_id"] == game.id, "seen_tick"].tolist()
        decided = {5, 12, 20}
        assert ticks == [tick for (game_id, tick) in shown if game_id == game.id and tick not in decided]
    keys = list(zip(idle["game_id"], idle["seen_tick"], strict=True))
    found = idle[[f"feature_{name}" for name in PATH]].to_numpy().tolist()
    assert found == [shown[key][: len(PATH)].tolist() for key in keys]
    everything.to_parquet(tmp_path / "by_hand.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "by_hand.parquet"), everything)
    for each in (watching, paper):
        each.close()
    feed.stop()


def test_an_empty_frame_has_its_columns_and_dtypes(feed):
    feed.ticks(2)
    paper = Paper(feed)
    empty = paper.demonstrations
    paper.submit(buy(0.1))
    assert empty.dtypes.to_dict() == paper.demonstrations.dtypes.to_dict()
    assert math.isnan(paper.demonstrations["filled_price"].iloc[0])
    assert len(empty) == 0  # nobody was at the desk in a game without an order
    paper.close()


def test_where_a_strategy_trades_its_ticks_are_not_those_of_a_person(feed):
    feed.ticks(2)
    paper = Paper(feed, strategy=lambda o: None)
    feed.ticks(3)
    heard(feed)
    paper.submit(buy(0.1))
    assert paper.demonstrations["action"].tolist() == ["buy"]
    paper.close()


def test_a_new_session_forgets_the_ticks_before(feed):
    feed.ticks(4)
    paper = Paper(feed)
    feed.ticks(3)
    heard(feed)
    paper.reset()
    paper.submit(buy(0.1))
    assert paper.demonstrations["seen_tick"].tolist() == [6]
    paper.close()


OF_THE_ACCOUNT = ["cash_sol", "equity_sol", "units", "average_cost", "unrealised_sol", "bet_stake_sol"]


def test_an_order_on_an_earlier_tick_has_the_account_of_that_tick():
    """The rows of holds were written at each tick: an order on any of them must show the same."""
    game = max(rl.sample()[:60], key=len)
    feed = rl.ReplayFeed([game], playing=False)
    paper = Paper(feed)
    given = {10: [buy(0.1)], 20: [buy(0.05), sidebet(0.02)], 30: [sell(0.5)], 45: [sell(1)], 55: [buy(0.2)]}
    feed.seek(0)
    for tick in range(70):
        feed.seek(tick)
        heard(feed)
        for action in given.get(tick, []):
            assert paper.submit(action).reason is None
    everything = paper.demonstrations
    seen = everything[everything["action"] == "hold"].set_index("seen_tick")
    ticks = seen.index.tolist()
    assert len(ticks) > 60
    for tick in ticks:
        paper.submit(sell(0.001), seen_tick=tick)
    late = orders_of(paper)
    late = late[late["size"] == 0.001].set_index("seen_tick").loc[ticks]
    columns = ["price", "peak", *OF_THE_ACCOUNT, "bet_ticks_left", *(f"feature_{name}" for name in NAMES)]
    pd.testing.assert_frame_equal(late[columns], seen[columns])
    assert {0.0} < set(late["units"])
    assert late["bet_ticks_left"].notna().sum() > 30
    paper.close()
    feed.stop()


@pytest.mark.parametrize("earlier", [1, 11, 39, 40, 41])
def test_a_position_is_not_seen_before_it_was_bought(feed, earlier):
    """40 ticks before it was bought h / (h + 40) had no value, for the whole frame and ever after."""
    feed.ticks(50)
    paper = Paper(feed)
    paper.submit(buy(0.1))
    feed.ticks(10)
    heard(feed)
    entry = paper.account.opened_tick
    order = paper.submit(sell(0.1), seen_tick=entry - earlier)
    assert (order.reason, order.due_tick) == (None, 60)
    frame = orders_of(paper)
    row = frame[frame["action"] == "sell"].iloc[0]
    assert (row["seen_tick"], row["price"]) == (entry - earlier, feed.path[entry - earlier])
    assert row[["cash_sol", "equity_sol", "units", "unrealised_sol"]].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert row[["feature_position", "feature_gain", "feature_held"]].tolist() == [0.0, 0.0, 0.0]
    paper.close()


@pytest.mark.parametrize("shorts", [None, "linear"])
def test_an_account_at_a_tick_is_what_it_was_then(shorts):
    """Random orders over several games, and what a strategy saw at each tick of the last of them."""
    game = max(rl.sample()[:60], key=len)
    rng, account, seen = np.random.default_rng(4), Account(2.0, shorts=shorts), {}
    choices = [buy(0.1), sell(0.3), sell(1), sidebet(0.01)] + ([short(0.1), cover(0.4)] if shorts else [])
    for name in ("a", "b"):
        account.begin(name)
        observer, ticks = Observer(account), np.flatnonzero(rng.random(game.rug_tick) < 0.8).tolist()
        account.submit(buy(0.05))
        for tick in ticks:
            account.tick(tick, float(game.prices[tick]))
            observer.see(tick, float(game.prices[tick]))
            seen[tick] = observer.observation()[3:12], observer.observation()[18:]
            if rng.random() < 0.3:
                account.submit(choices[rng.integers(len(choices))])
        if name == "a":
            account.rug(game.rug_tick, game.rug_price)
            seen.clear()
            before = account.cash
    assert len(account.entries) > 40
    kept = [*account.entries], account.cash, account.position
    for tick in seen:
        then = Observer(account_at(account, tick))
        then.see(tick, float(game.prices[tick]))
        assert (then.observation()[3:12], then.observation()[18:]) == seen[tick]
    first = account_at(account, -1)
    assert (first.cash, first.position.nano_units, first.bet, first.entries) == (before, 0, None, [])
    assert ([*account.entries], account.cash, account.position) == kept


def test_a_tick_at_which_nothing_was_done_stays_as_it_was_seen_when_a_gap_is_filled(feed):
    feed.ticks(3)
    paper = Paper(feed)
    feed.tick(heard=False)
    feed.path[-1] = 9.0  # tick 4, which nobody receives before tick 12
    feed.tick(heard=False)
    feed.path[-1] = 1.2
    for _ in range(5):
        feed.tick(heard=False)
    feed.ticks(1)
    heard(feed)
    assert np.isnan(feed.book.running.prices[3:6]).all()
    paper.submit(buy(0.1))
    feed.ticks(1)
    heard(feed)
    before = paper.demonstrations.query("action == 'hold'")
    values = {str(tick): feed.path[tick] for tick in range(3, 13)}
    more = {"tickCount": 12, "partialPrices": {"startTick": 3, "endTick": 12, "values": values}}
    feed.say(active=True, rugged=False, price=feed.path[12], cooldownTimer=0, **more)
    heard(feed)
    assert feed.book.running.prices[4] == 9.0
    after = paper.demonstrations.query("action == 'hold'")
    assert len(before) == 1
    pd.testing.assert_frame_equal(after.iloc[: len(before)], before)
    assert after["peak"].iloc[-1] == 9.0
    paper.close()


def test_an_observation_and_the_row_made_of_it_do_not_change_by_a_back_fill():
    observer = Observer(Account())
    observer.begin()
    observer.see(0, 1.0)
    observer.see(2, 1.1)
    o = observer.observation()
    row, before = Demonstration.of("a", o), features(o)
    observer.see(1, 5.0)
    np.testing.assert_array_equal(o.prices, [1.0, np.nan, 1.1])
    assert features(o).tolist() == before.tolist() == row.shown.tolist()
    assert (row.peak, len(row.o.prices)) == (1.1, 0)
    assert observer.observation().prices.tolist() == [1.0, 5.0, 1.1]


def test_a_price_that_nobody_knew_is_not_that_of_later(feed):
    for _ in range(8):
        feed.tick(heard=False)
    feed.ticks(1)
    paper = Paper(feed)
    feed.ticks(2)
    heard(feed)
    assert np.isnan(feed.book.running.prices[:3]).all()
    paper.submit(buy(0.1), seen_tick=2)
    row = orders_of(paper).iloc[0]
    assert (row["cash_sol"], row["equity_sol"], row["units"]) == (1.0, 1.0, 0.0)
    assert row[["price", "peak", "feature_price"]].isna().all()
    paper.close()


def test_an_order_before_the_earlier_game_is_settled_is_no_demonstration(feed):
    """What was seen is of one game, and the account still in another."""
    feed.ticks(5)
    paper = Paper(feed)
    paper.submit(buy(0.1))
    feed.ticks(2)
    heard(feed)
    feed.begin()
    feed.cooldown(5000)
    feed.ticks(3)
    heard(feed)
    assert paper.submit(sell(1)).reason is Rejection.NOT_SETTLED
    assert orders_of(paper)["action"].tolist() == ["buy"]
    paper.close()


def test_an_order_before_the_account_has_entered_a_game_has_seen_none(feed):
    paper = Paper(feed)
    paper.account.game_id = None
    paper._submitted(Order(1, None, buy(0.1), 2, 3, 2))
    assert paper.demonstrations["seen_tick"].tolist() == [-1]
    paper.close()
