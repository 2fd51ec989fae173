"""What a person did is written down with what they saw."""

from __future__ import annotations

import json
import math

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import buy, sell, sidebet
from rugs_lab.trading.paper.demonstrations import DTYPES
from rugs_lab.trading.paper.paper_account import Paper


def heard(feed):
    feed.dispatcher.end(10)


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
    frame = paper.demonstrations
    assert frame["action"].tolist() == ["buy", "sidebet", "sell", "buy"]
    assert frame["seen_tick"].tolist() == [4, 7, 7, 7]
    assert frame["price"].tolist() == [feed.path[tick] for tick in (4, 7, 7, 7)]
    assert frame["peak"].iloc[0] == max(feed.path[:5])
    assert frame["units"].tolist()[:2] == [0.0, paper.account.ledger["units"].iloc[0]]
    assert frame["filled_tick"].tolist()[:3] == [6, 8, 8]
    assert frame["reason"].tolist() == ["", "", "", "above the maximum"]
    paper.close()


def test_the_file_stands_by_itself(feed, tmp_path):
    feed.cooldown(5000)
    paper = Paper(feed)
    paper.submit(buy(0.1))
    feed.ticks(3)
    feed.tick(heard=False)
    feed.tick(heard=False)
    heard(feed)
    paper.submit(sell(1))
    path = paper.save_demonstrations(tmp_path / "by_hand.jsonl")
    first, second = map(json.loads, path.read_text().splitlines())
    assert (first["seen_tick"], first["prices"], first["price"]) == (-1, [], None)
    assert second["prices"] == feed.path[:3]
    assert second["status"] == "pending"
    assert {**second, "prices": None}.keys() == {*DTYPES, "prices"}
    assert [each.name for each in tmp_path.iterdir()] == ["by_hand.jsonl"]
    paper.close()


def test_an_empty_frame_has_its_columns_and_dtypes(feed):
    feed.ticks(2)
    paper = Paper(feed)
    empty = paper.demonstrations
    paper.submit(buy(0.1))
    assert empty.dtypes.to_dict() == paper.demonstrations.dtypes.to_dict()
    assert math.isnan(paper.demonstrations["filled_price"].iloc[0])
    paper.close()


def test_where_nothing_can_be_saved_is_told_and_nothing_is_left(feed, tmp_path):
    feed.ticks(3)
    paper = Paper(feed)
    paper.submit(buy(math.nan))
    for path, told in [
        (tmp_path / "none" / "a.jsonl", "there is no folder"),
        (tmp_path, "is a folder: name a file in it"),
        (None, "path must be that of a file"),
        ("", "path must be that of a file"),
    ]:
        with pytest.raises(ArgumentError, match=told):
            paper.save_demonstrations(path)
    assert list(tmp_path.iterdir()) == []
    saved = paper.save_demonstrations(tmp_path / "a.jsonl")
    assert list(tmp_path.iterdir()) == [saved]
    assert json.loads(saved.read_text())["size"] is None
