"""Past games in the chart, and what other people were seen to trade: what the page is told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rugs_lab.views.parts.other_trades import OtherTradesPart
from rugs_lab.views.parts.past_games import MOST_COMPARED, PastGamesPart
from tests.support.scripted_feed import ScriptedFeed


@pytest.fixture
def feed():
    feed = ScriptedFeed().start()
    for _ in range(MOST_COMPARED + 2):
        feed.ticks(4)
        feed.rug()
        feed.begin()
    feed.ticks(3)
    yield feed
    feed.stop()


def state_of(part):
    status = part.status()
    json.dumps(status, allow_nan=False)
    return status


def test_the_past_games_are_listed_the_newest_first(feed):
    games = state_of(PastGamesPart(feed))["games"]
    assert [each[0] for each in games] == feed.games.ids.tolist()[::-1]
    assert games[0][1:] == [feed.games[-1].peak, 4]


def test_a_past_game_is_shown_until_the_running_one_is_wanted_again(feed):
    part = PastGamesPart(feed)
    before = part.version()
    part.show(feed.games[1].id)
    assert part.version() != before
    assert state_of(part)["shown"]["prices"] == feed.games[1].prices.tolist()
    assert state_of(part)["shown"]["rug"] == 4
    part.show(None)
    assert state_of(part)["shown"] is None


def test_games_are_compared_up_to_a_number_and_the_oldest_goes_first(feed):
    part = PastGamesPart(feed)
    ids = feed.games.ids.tolist()
    for game in ids[: MOST_COMPARED + 1]:
        part.compare(game)
    assert [each["game"] for each in state_of(part)["compared"]] == ids[1 : MOST_COMPARED + 1]
    part.compare(ids[1], on=False)
    assert [each["game"] for each in state_of(part)["compared"]] == ids[2 : MOST_COMPARED + 1]


def test_an_unknown_game_is_no_game(feed):
    part = PastGamesPart(feed)
    part.show("nothing")
    part.compare("nothing")
    assert (state_of(part)["shown"], state_of(part)["compared"]) == (None, [])


def test_missing_prices_are_null():
    feed = ScriptedFeed().start()
    feed.ticks(2)
    for _ in range(7):
        feed.tick(heard=False)
    feed.rug()
    part = PastGamesPart(feed)
    part.show(feed.game_id)
    prices = state_of(part)["shown"]["prices"]
    assert [price is None for price in prices] == np.isnan(feed.games[-1].prices).tolist()
    assert None in prices
    feed.stop()


def test_trades_of_others_are_told_by_tick_without_practice(feed):
    part = OtherTradesPart(feed)
    before = part.version()
    for tick, coin in ((1, "solana"), (2, "0xPractice")):
        trade = {"gameId": feed.game_id, "type": "buy", "tickIndex": tick, "price": 1.5, "coin": coin}
        feed.take("standard/newTrade", ({"__trace": True}, trade))
    assert part.version() != before
    assert state_of(part) == {"game": feed.game_id, "ticks": [1], "prices": [1.5], "kinds": ["buy"]}
