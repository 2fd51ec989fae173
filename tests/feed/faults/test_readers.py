"""Many readers on other threads while a feed takes all that comes at full speed."""

import threading

import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from tests.support.fault_proxy import FaultProxy
from tests.support.live import DEADLINE_S, leaves_nothing, quick, until

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick

READS = {
    "frame": lambda feed: feed.frame,
    "metrics": lambda feed: feed.metrics,
    "games": lambda feed: feed.games.frame,
    "game": lambda feed: feed.game is None or feed.game.frame,
    "tables": lambda feed: (feed.trades, feed.leaderboard, feed.stats),
    "state": lambda feed: (repr(feed), feed.state, feed.phase, feed.signal),
    "ring": lambda feed: feed.ring.since(feed.ring.cursor - 50),
    "subscribing": lambda feed: feed.on("tick", lambda _: None)(),
}


def test_readers_of_everything_hold_nothing_up_and_never_fail():
    over, errors, reads = threading.Event(), [], dict.fromkeys(READS, 0)

    def read(name):
        try:
            while not over.is_set():
                READS[name](feed)
                reads[name] += 1
        except Exception as error:
            errors.append((name, error))

    with GameServer(speed=float("inf"), seed=21) as server, FaultProxy(server.url) as proxy:
        feed = LiveFeed(proxy.url, maxlen=500)
        threads = [threading.Thread(target=read, args=(name,)) for name in READS]
        for thread in threads:
            thread.start()
        with feed:
            for games in (11, 12):
                until(lambda games=games: errors or feed.book.finished_count >= games)
                proxy.cut()
            until(lambda: errors or (feed.book.finished_count >= 13 and all(reads.values())))
            over.set()
            for thread in threads:
                thread.join(DEADLINE_S)
        assert errors == []
        assert all(game.missing == 0 and game.verified is not False for game in feed.games)
        assert feed.metrics["contradictions [prices]"] == 0


def test_a_row_is_read_whole_while_it_is_overwritten():
    """Price and tick of one row belong together, however small the buffer."""
    with GameServer(speed=float("inf"), seed=22) as server, LiveFeed(server.url, maxlen=3) as feed:
        seen = {}
        while feed.book.finished_count < 12:
            rows = feed.ring.since(0)
            assert rows.stop - rows.start == len(rows.columns["tick"]) <= 3
            for n in range(len(rows)):
                tick = int(rows.columns["tick"][n])
                if tick >= 0 and rows.columns["active"][n] == 1:
                    key = rows.games[rows.columns["game"][n]], tick
                    if rows.columns["rugged"][n] == 0:
                        seen.setdefault(key, set()).add(float(rows.columns["price"][n]))
        assert len(seen) > 20
        assert all(len(prices) == 1 for prices in seen.values())
