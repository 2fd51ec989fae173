"""What a person did is written down with what they saw."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

import rugs_lab as rl
from rugs_lab.trading.account.actions import buy, sell, sidebet
from rugs_lab.trading.features.feature_vector import NAMES, PATH, features
from rugs_lab.trading.paper.paper_account import Paper


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
