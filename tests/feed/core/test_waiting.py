"""A feed in code with ``await``: nothing is lost, nothing blocks the loop, nothing stays behind."""

from __future__ import annotations

import asyncio
import threading

import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, FeedError, FeedTimeoutError
from tests.support.live import until
from tests.support.scripted_feed import ScriptedFeed


@pytest.fixture
def feed():
    made = ScriptedFeed().start()
    made.cooldown(300)
    yield made
    made.stop()


def test_every_tick_of_a_replay_comes_in_order():
    """At full speed, and with a loop that is slower: the replay waits, as for any subscriber."""
    games = rl.sample()[:3]
    count = sum(len(game) for game in games)

    async def read():
        seen = []
        with rl.ReplayFeed(games, speed=float("inf"), playing=False) as feed:
            asyncio.get_running_loop().call_soon(feed.play)  # once it has subscribed
            async for tick in feed:
                seen.append((tick.game_id, tick.tick, tick.price))
                if len(seen) % 50 == 0:
                    await asyncio.sleep(0)
                if len(seen) == count:
                    break
        return seen, feed.metrics["dropped for slow subscribers [events]"]

    seen, dropped = asyncio.run(read())
    assert seen == [(game.id, i, price) for game in games for i, price in enumerate(game.prices.tolist())]
    assert dropped == 0


def test_the_loop_goes_on_while_one_waits(feed):
    async def wait():
        turns = 0

        async def turn():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(turn())
        game = asyncio.create_task(feed.once("game", timeout=20))
        state = asyncio.create_task(feed.until(ticks=30, timeout=20))
        while len(feed.dispatcher._subscriptions) < 1:
            await asyncio.sleep(0)
        await asyncio.to_thread(feed.ticks, 40)
        await state
        await asyncio.to_thread(feed.rug)
        ended = await game
        other.cancel()
        return turns, ended

    turns, ended = asyncio.run(wait())
    assert turns > 1
    assert (ended.id, ended.rug_tick) == (feed.games[-1].id, 40)


def test_what_cannot_come_is_said(feed):
    async def nothing():
        await feed.once("game", timeout=0.01)

    async def misnamed():
        await feed.once("rug")

    async def stops():
        waiting = asyncio.create_task(feed.once("trade"))
        while not feed.dispatcher._subscriptions:
            await asyncio.sleep(0)
        await asyncio.to_thread(feed.stop)
        await waiting

    async def ticks():
        return [tick async for tick in feed]

    with pytest.raises(FeedTimeoutError, match=r"0\.01 s for 'game'"):
        asyncio.run(nothing())
    with pytest.raises(ArgumentError, match="event must be one of signal"):
        asyncio.run(misnamed())
    with pytest.raises(FeedError, match="stopped before 'trade': stopped by you"):
        asyncio.run(stops())
    with pytest.raises(FeedError, match="the feed is stopped"):
        asyncio.run(ticks())


def test_a_loop_that_ends_leaves_nothing_behind(feed):
    """Though it never took what came: the thread that hands it over does not hang."""

    async def leave():
        async for tick in feed:
            if tick.tick == 3:
                await asyncio.to_thread(feed.ticks, 500)  # more than wait in the loop
                break

    feed.ticks(3)
    before = set(threading.enumerate())
    later = threading.Timer(0.05, feed.ticks, [5])
    later.start()
    asyncio.run(leave())
    later.join()
    feed.ticks(5)
    assert feed.dispatcher._subscriptions == ()
    until(lambda: not {each for each in set(threading.enumerate()) - before if each.name == "rugs_lab all"})
    assert feed.dispatcher.errors == 0
