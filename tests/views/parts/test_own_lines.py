"""Lines of the reader's own: of the prices so far, computed again where these change, ended by errors."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.views.parts.own_lines import MOST_LINES, OwnLinesPart
from tests.support.desk import Desk, until
from tests.support.scripted_feed import ScriptedFeed


def ema(prices):
    """What pandas makes of them."""
    return pd.Series(prices).ewm(span=5).mean()


class SilentError(Exception):
    """Its text cannot be had."""

    def __str__(self):
        raise RuntimeError("a planted error")


def silent(prices):
    raise SilentError


@pytest.fixture
def feed():
    return ScriptedFeed(maxlen=500).start()


def shown(part):
    """Look as the hub does, wait for what is computed, and return the state."""
    part.version()
    assert part._worker.wait(10)
    return part.status()


def test_a_line_is_what_pandas_makes_of_the_prices_so_far(feed):
    part = OwnLinesPart(feed)
    part.draw("ema", ema)
    for more in (7, 1, 30):
        feed.ticks(more)
        state = shown(part)
        assert state["game"] == feed.game.id
        np.testing.assert_allclose(state["lines"][0][1], ema(feed.game.prices), rtol=1e-5)
    feed.rug()
    feed.begin()
    feed.ticks(4)
    np.testing.assert_allclose(shown(part)["lines"][0][1], ema(feed.game.prices), rtol=1e-5)


def test_it_is_called_once_a_tick_and_never_with_a_later_price(feed):
    part, lengths = OwnLinesPart(feed), []
    part.draw("n", lambda prices: lengths.append(len(prices)) or len(prices))
    for more in (5, 0, 3):
        feed.ticks(more)
        assert shown(part)["lines"] == [["n", [len(feed.game)] * len(feed.game), ""]]
    assert lengths == [5, 8]


def test_a_replay_that_goes_back_shows_the_line_up_to_there():
    view = rl.replay(rl.sample()[0], playing=False, name="own lines")
    view.line("ema", ema)
    try:
        for tick in (20, 8, 12):
            view.tick = tick
            values = shown(view._lines)["lines"][0][1]
            assert len(values) == tick + 1
            np.testing.assert_allclose(values, ema(view.game.prices), rtol=1e-5)
    finally:
        view.close()


def test_a_backfilled_tick_is_in_the_line(feed):
    part = OwnLinesPart(feed)
    part.draw("prices", lambda prices: prices)
    feed.ticks(3)
    feed.tick(heard=False)
    shown(part)
    feed.ticks(2)
    values = shown(part)["lines"][0][1]
    assert values == [None if np.isnan(each) else float(f"{each:.6g}") for each in feed.game.prices]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda prices: prices * (1 / (10 - len(prices))), "ended at tick 9: ZeroDivisionError"),
        (lambda prices: "high", "ended at tick 5: ValueError: could not convert string to float: 'high'"),
        (lambda prices: prices.fill(0), "ended at tick 5: ValueError: assignment destination is read-only"),
        (lambda prices: None, "ended at tick 5: TypeError: returned None"),
        (silent, "ended at tick 5: SilentError, which has no readable text"),
        (lambda prices: sys.exit(3), "ended at tick 5: SystemExit: 3"),
        (lambda prices: prices[1:], "ended at tick 5: ValueError: operands could not be broadcast"),
    ],
)
def test_what_a_function_raises_ends_its_line_and_no_other(feed, call, words):
    part = OwnLinesPart(feed)
    part.draw("bad", call)
    part.draw("good", lambda prices: prices)
    for more in (6, 4, 3):
        feed.ticks(more)
        (_, values, trouble), (_, good, none) = shown(part)["lines"]
        assert (len(good), none) == (len(feed.game), "")
    assert trouble.startswith(words)
    assert len(values) == (6 if "tick 9" in words else 0)
    part.draw("bad", lambda prices: 1.0)  # given again, it begins anew
    assert ["bad", [1.0] * 13, ""] in shown(part)["lines"]


def test_absent_and_infinite_values_are_none(feed):
    part = OwnLinesPart(feed)
    part.draw("some", lambda prices: [np.nan, np.inf, 1.5])
    feed.ticks(3)
    assert shown(part)["lines"][0][1] == [None, None, 1.5]


def test_lines_are_bounded_and_nonsense_is_refused(feed):
    part = OwnLinesPart(feed)
    for number in range(MOST_LINES):
        part.draw(f"line {number}", ema)
    with pytest.raises(rl.errors.ArgumentError, match="at most 6 lines"):
        part.draw("one more", ema)
    part.draw("line 2", ema)
    part.draw("line 3", None)
    part.draw("one more", ema)
    part.draw("not there", None)
    for name, call in (("", ema), (7, ema), ("x" * 41, ema), ("x", 3)):
        with pytest.raises(rl.errors.ArgumentError, match=r"name of 1 to 40|needs a function"):
            part.draw(name, call)


def test_the_page_is_sent_a_line_with_the_view_that_draws_it(feed):
    desk = Desk(feed)
    desk.turn()
    desk.view.line("last", lambda prices: prices)
    feed.ticks(3)

    def sent():
        desk.turn()
        updates = [content for content, _ in desk.sent if content["kind"] in ("rows", "snapshot")]
        states = [update.get("parts", {}).get("own_lines") for update in updates]
        return any(state and state["lines"] and len(state["lines"][0][1]) == 3 for state in states)

    until(sent)
    desk.view.close()


def test_a_function_that_writes_into_its_prices_writes_into_its_own(feed):
    def greedy(prices):
        prices.flags.writeable = True
        prices[:] = 99.0
        return prices

    part = OwnLinesPart(feed)
    feed.ticks(5)
    before = feed.book.running.prices.tolist()
    part.draw("greedy", greedy)
    assert shown(part)["lines"][0][1] == [99.0] * 5
    assert feed.book.running.prices.tolist() == before
