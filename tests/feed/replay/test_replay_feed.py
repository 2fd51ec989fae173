"""A replay's transport: where it stands after each call, and that going back brings everything back."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, CaptureError
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.game.limits import PRACTICE_COIN
from rugs_lab.progress import reporting
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from tests.support.replays import NAN, Heard, bet, damaged, told, trade, verified, whole


def still(games, **options):
    return ReplayFeed(games, playing=False, **options)


def test_seek_shows_the_game_as_it_was_at_that_tick():
    game = whole()
    feed = still(game)
    feed.seek(7)
    assert (feed.tick, feed.phase, feed.position, feed.count) == (7, "ACTIVE", 0, 1)
    np.testing.assert_array_equal(feed.game.prices, game.prices[:8])
    assert feed.frame["tick"].dropna().tolist() == list(range(8))
    assert feed.signal.tickCount == 7
    assert feed.source_game is game
    assert feed.last_tick == 30
    assert feed.state == "stopped"


def test_back_takes_rows_games_and_phase_back():
    feed = still(whole())
    feed.seek(1000)
    assert (feed.phase, len(feed.games), feed.tick) == ("RUG", 1, 30)
    epoch, cursor = feed.epoch, feed.ring.cursor
    feed.back()
    assert (feed.phase, len(feed.games), feed.tick) == ("ACTIVE", 0, 29)
    assert feed.game.rug_tick is None
    assert feed.epoch > epoch
    assert feed.frame.index[0] >= cursor
    assert feed.frame["tick"].dropna().tolist() == list(range(30))


def test_the_presale_the_rug_and_the_end():
    feed = still(verified())
    rug = feed.last_tick
    feed.seek(0)
    assert feed.phase == "ACTIVATION"
    feed.seek(-1)
    assert (feed.tick, feed.phase, feed.signal.kind) == (-1, "PRESALE", "presale_open")
    assert np.isnan(feed.frame["price"]).all()
    feed.seek(rug)
    assert (feed.tick, feed.phase, feed.signal.kind, feed.ended) == (rug, "RUG", "rug1a", False)
    feed.seek(rug + 1)
    assert (feed.tick, feed.phase, feed.signal.kind, feed.ended) == (rug, "RUG", "rug1b", True)
    feed.tick = np.int64(3)
    assert feed.tick == 3


def test_the_lead_in_is_a_countdown():
    feed = still(whole())
    feed.seek(0)
    frame = feed.frame
    assert frame["kind"].tolist() == ["presale_open"] + ["presale"] * 19 + ["start"]
    assert frame["phase"].tolist() == ["PRESALE"] * 20 + ["ACTIVATION"]
    assert frame["cooldown_ms"].tolist() == [*range(2000, 0, -100), 0]


def test_steps_go_by_known_ticks_and_pause():
    feed = ReplayFeed(damaged())
    known = [tick for _, tick, _ in told(damaged())]
    seen = []
    while not feed.ended:
        feed.step()
        seen.append(feed.tick)
    assert seen == [*known, known[-1]][: len(seen)]
    assert not feed.playing
    seen = []
    while feed.tick >= 0:
        seen.append(feed.tick)
        feed.back()
    assert seen == known[::-1]
    feed.step(5)
    assert feed.tick == known[4]
    feed.back(100)
    assert feed.tick == -1
    feed.step(1000)
    assert feed.ended


def test_seek_does_not_change_whether_it_plays():
    feed = ReplayFeed([whole("a"), whole("b")])
    feed.seek(5)
    assert feed.playing
    feed.pause()
    feed.seek(3)
    assert not feed.playing


def test_missing_ticks_stay_missing_and_have_no_frame():
    game = damaged()
    feed = still(game)
    feed.seek(19)
    np.testing.assert_array_equal(feed.game.prices, game.prices[:20])
    assert feed.frame["tick"].dropna().tolist() == [tick for _, tick, _ in told(game) if tick < 20]
    assert feed.book.missed == np.isnan(game.prices[:20]).sum()
    feed.seek(12)
    assert feed.tick == 8
    feed.seek(1)
    assert (feed.tick, feed.phase) == (-1, "PRESALE")


def test_a_game_without_a_rug_ends_without_one():
    feed = still([damaged(), whole()])
    feed.seek(1000)
    assert (feed.phase, len(feed.games)) == ("ACTIVE", 0)
    assert feed.never_ends("damaged")
    assert not feed.never_ends("whole")


def test_a_rug_whose_price_is_not_known_is_a_rug_all_the_same():
    feed = still([Game("g", [1.0, 1.5, NAN], rug_tick=2)])
    feed.seek(1)
    assert feed.phase == "ACTIVE"
    feed.seek(10)
    assert (feed.phase, feed.games[-1].rug_tick) == ("RUG", 2)
    assert np.isnan(feed.game.rug_price)
    assert feed.never_ends("g")


def test_seed_bets_and_trades_come_back_as_they_were_recorded():
    game = verified()
    game = Game(
        game.id,
        game.prices,
        None,
        game.rug_tick,
        game.server_seed,
        game.server_seed_hash,
        "v3",
        (trade(game.id, 4), trade(game.id, 2, practice=True), trade(game.id, 4, id="second", price=None)),
        (bet(game.id, 0, 0.0), bet(game.id, 5, 0.05), bet(game.id, 50, None)),
    )
    feed = still(game)
    heard = []
    feed.on("trade", heard.append)
    feed.seek(3)
    assert feed.dispatcher.wait_idle(20)
    assert [each.tick for each in heard] == [2]
    feed.seek(5000)
    assert feed.dispatcher.wait_idle(20)
    expected = [game.recorded_trades[1], game.recorded_trades[0], game.recorded_trades[2]]
    assert heard == [structs.replace(each, late_ticks=0) for each in expected], (
        "a replay has each at its tick"
    )
    replayed = feed.games[-1]
    assert replayed.recorded_bets == game.recorded_bets
    assert replayed.verified is True
    assert replayed.source == "received"
    assert feed.trades["tick"].tolist() == [2, 4, 4]
    feed.seek(3)
    assert feed.trades["tick"].tolist() == [2]
    assert PRACTICE_COIN in str(feed._timeline.events)


def test_nothing_is_invented():
    feed = still([[1.0, 1.2, 0.02]])
    feed.seek(5)
    frame = feed.frame
    assert frame[["players", "trade_count", "received"]].isna().all(axis=None)
    assert frame["game_id"].unique().tolist() == ["game-0"]
    assert feed.game.server_seed_hash is None
    assert feed.game.version is None
    assert feed.leaderboard.empty


def test_recorded_times_are_kept_and_the_countdown_has_none():
    game = damaged()
    feed = still(game)
    feed.seek(5)
    frame = feed.frame
    assert frame["received"].isna().tolist() == [True] * 20 + [False] * 3
    assert frame["received"].iloc[-3:].astype("int64").tolist() == [
        game.started_ns + 250_000_000 * n for n in range(3)
    ]
    assert feed.present_ns() == game.started_ns + 500_000_000


def test_games_next_to_each_other():
    feed = still([whole("a", 10), whole("b", 12), whole("c", 14)])
    feed.next()
    assert (feed.position, feed.tick, feed.game.id, feed.phase) == (1, -1, "b", "PRESALE")
    feed.next()
    feed.next()
    assert (feed.position, feed.tick, feed.ended) == (2, 14, True)
    feed.previous()
    assert (feed.position, feed.tick, feed.game.id) == (1, -1, "b")
    feed.previous()
    feed.seek(3)
    feed.previous()
    assert (feed.position, feed.tick, feed.game.id) == (0, -1, "a")
    feed.loop = True
    feed.previous()
    assert feed.position == 2
    feed.next()
    assert feed.position == 0


def test_select_by_position_and_by_id():
    feed = still(Games([whole("a"), whole("b"), whole("c")]))
    feed.select(2)
    assert feed.game.id == "c"
    feed.select("b")
    assert (feed.position, feed.source_game.id) == (1, "b")
    for wrong in (3, -1, True, "d", 1.0, None):
        with pytest.raises(ArgumentError, match="0 to 2"):
            feed.select(wrong)


def test_leaving_a_game_that_was_begun_plays_it_to_its_end():
    feed = still([whole("a"), whole("b"), whole("c")])
    heard = Heard(feed)
    feed.seek(5)
    feed.seek(2)
    feed.next()
    assert heard.ticks == told(whole("a"))
    assert [game.id for game in feed.games] == ["a"]
    feed.select(2)  # nothing of b was shown
    assert heard.ticks == told(whole("a"))


def test_a_name_that_was_cut_within_a_surrogate_pair_is_replayed():
    cut = structs.replace(trade("whole", 3), username="cut\ud83d")
    feed = still(replace(whole(), recorded_trades=(cut,)))
    feed.seek(30)
    assert [each.username for each in feed.recent_trades] == ["cut?"]


def test_games_without_a_tick_are_left_out_and_listed():
    empty = Game("empty", [NAN, NAN])
    unnamed = Game("not a name", [1.0, 0.02], rug_tick=1)
    for games in ([empty, whole(), unnamed], Games([empty, whole(), unnamed])):
        feed = still(games)
        assert feed.count == 1
        assert [game.id for game in feed.skipped] == ["empty", "not a name"]
        feed.seek(3)
        assert feed.game.id == "whole"


@pytest.mark.parametrize(
    ("games", "error", "says"),
    [
        ([], ArgumentError, "nothing to replay"),
        ([Game("g", [])], ArgumentError, "nothing to replay.*1 games, none with a tick"),
        (Games(), ArgumentError, "nothing to replay"),
        (Games([Game("\ud800x", [1.0, 0.02], rug_tick=1)]), ArgumentError, "none .* printable ASCII"),
        (7, ArgumentError, "got int"),
        ([[1.0, "x"]], ArgumentError, "array of prices"),
        ("/nowhere/at/all", CaptureError, "no such file"),
    ],
)
def test_what_cannot_be_replayed_is_said(games, error, says):
    with pytest.raises(error, match=says):
        ReplayFeed(games)


@pytest.mark.parametrize(
    "options",
    [{"speed": speed} for speed in (0, 0.1, 11, -1, NAN, True, "1", None)]
    + [{"seed": seed} for seed in (-1, 1.5, True, "7")]
    + [{"maxlen": 0}],
)
def test_arguments_that_are_not_allowed(options):
    with pytest.raises(ArgumentError):
        ReplayFeed(whole(), **options)


@pytest.mark.parametrize("speed", [0, 0.2, 10.5, NAN, "fast"])
def test_speed_may_be_set_within_limits(speed):
    feed = still(whole())
    feed.speed = float("inf")
    with pytest.raises(ArgumentError, match=r"0\.25 to 10"):
        feed.speed = speed
    assert feed.speed == float("inf")
    feed.speed = 0.25


@pytest.mark.parametrize("call", ["seek", "step", "back"])
@pytest.mark.parametrize("value", [-2, 1.0, True, "1", None])
def test_ticks_that_are_none(call, value):
    feed = still(whole())
    with pytest.raises(ArgumentError):
        getattr(feed, call)(value)


def test_a_published_line_and_a_price_array_are_games():
    game = verified()
    line = {
        "id": game.id,
        "prices": game.prices.tolist(),
        "serverSeed": game.server_seed,
        "serverSeedHash": game.server_seed_hash,
        "version": "v3",
    }
    feed = still([line, np.array([1.0, 1.5, 0.02])]).finish()
    assert [each.verified for each in feed.games] == [True, None]
    np.testing.assert_array_equal(feed.games[0].prices, game.prices)


def test_every_sample_game_comes_out_as_it_went_in():
    games = rl.sample()
    feed = still(games, speed=float("inf")).finish()
    assert [game.id for game in feed.skipped] == [game.id for game in games if not len(game)]
    rugged = [game for game in games if len(game) and game.rug_tick is not None]
    assert [game.id for game in feed.games] == [game.id for game in rugged]
    for recorded, replayed in zip(rugged, feed.games, strict=True):
        np.testing.assert_array_equal(replayed.prices, recorded.prices)
        assert replayed.rug_tick == recorded.rug_tick
        assert replayed.verified == recorded.verified
        assert len(replayed.trades) == len(recorded.trades)
        assert replayed.recorded_bets == recorded.recorded_bets
    metrics = feed.metrics
    assert metrics["rejected [messages]"] == metrics["contradictions [prices]"] == 0
    assert metrics["illegal transitions [n]"] == sum(game.status == "late_start" for game in games)


def test_a_million_games_are_taken_one_at_a_time():
    feed = still(rl.synthetic(1_000_000, seed=7, method="statistical"))
    feed.select(654_321)
    feed.seek(1)
    assert feed.count == 1_000_000
    assert feed.game.prices[0] == 1.0


def test_the_order_is_a_seeded_permutation():
    games = [whole(f"g{n}", 5) for n in range(8)]
    orders = [[g.id for g in still(games, shuffle=True, seed=seed).finish().games] for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2]) == [f"g{n}" for n in range(8)]
    feed = still(games, seed=3)
    feed.select(4)
    feed.shuffle = True
    assert feed.shuffle
    assert feed.position == 4
    feed.finish()
    assert feed.games[0].id == "g4"
    assert len(feed.games) == 8
    feed.shuffle = False
    feed.select(0)
    feed.next()
    assert feed.position == 1


def test_what_a_view_shows_has_a_version():
    feed = still([whole("a"), whole("b")])
    for change in (
        feed.play,
        feed.pause,
        feed.step,
        feed.back,
        feed.next,
        feed.previous,
        feed.forget,
        lambda: feed.seek(5),
        lambda: feed.select(1),
        lambda: setattr(feed, "speed", 2),
        lambda: setattr(feed, "loop", True),
        lambda: setattr(feed, "autoplay", False),
        lambda: setattr(feed, "shuffle", True),
        lambda: feed.seek(1000),
    ):
        version = feed.version
        change()
        assert feed.version > version


def test_says_what_it_is():
    feed = still([whole("a"), whole("b")])
    feed.seek(4)
    assert repr(feed) == (
        "<ReplayFeed replay of 2 games: stopped, paused, game 1 of 2, tick 4 of 30, speed 1>"
    )
    assert still(whole()).source == "replay of whole"


GAMES = [whole("a", 9), damaged("b", 22), whole("c", 1), verified(3)]
MOVES = st.one_of(
    st.tuples(st.just("seek"), st.integers(-1, 40)),
    st.tuples(st.sampled_from(["step", "back"]), st.integers(1, 12)),
    st.tuples(st.just("select"), st.integers(0, len(GAMES) - 1)),
    st.tuples(st.sampled_from(["next", "previous"])),
)


@settings(max_examples=60)
@given(st.lists(MOVES, min_size=1, max_size=12), st.booleans())
def test_after_any_moves_it_is_as_if_played_straight_there(moves, loop):
    feed = still(GAMES, loop=loop)
    heard = Heard(feed)
    for name, *arguments in moves:
        getattr(feed, name)(*arguments)
    straight = still(GAMES)
    straight.select(feed.position)
    straight.seek(1000 if feed._place == feed._timeline.end else feed.tick)
    assert (feed.tick, feed.phase, feed.signal) == (straight.tick, straight.phase, straight.signal)
    rows = [
        each.frame[each.frame["game_id"] == each.source_game.id].reset_index(drop=True)
        for each in (feed, straight)
    ]
    assert rows[0].equals(rows[1])
    for one, other in [(feed.game, straight.game), (feed.game, feed.source_game)]:
        np.testing.assert_array_equal(one.prices, other.prices[: len(one)])
        assert one.rug_tick in (None, other.rug_tick)
    assert len(feed.game) == len(straight.game)
    assert feed.game.recorded_trades == straight.game.recorded_trades
    assert feed.book.contradictions == 0
    for game in GAMES:
        ticks = [each for each in heard.ticks if each[0] == game.id]
        assert ticks == told(game)[: len(ticks)]
        if game.id == feed.source_game.id:
            assert feed.frontier() == (ticks[-1][1] if ticks else -1)
        else:
            assert len(ticks) in (0, len(told(game)))
    feed.dispatcher.end(10)


@pytest.mark.parametrize("prices", [[1.0, 1.2, 0.02], (1, 1.2, 0.02), np.array([1, 1.2, 0.02])])
def test_one_array_of_prices_is_one_game(prices):
    feed = ReplayFeed(prices, playing=False)
    assert (feed.count, feed.last_tick) == (1, 2)
    assert feed.finish().games[0].prices.tolist() == [1.0, 1.2, 0.02]


def test_in_an_array_of_prices_nan_is_a_missing_one():
    feed = ReplayFeed([[1.0, NAN, 1.3, 0.02], [1.0, None, 0.02], [NAN, NAN]], playing=False)
    assert (feed.count, len(feed.skipped)) == (2, 1)
    assert [game.missing for game in feed.finish().games] == [1, 1]


@pytest.mark.parametrize("prices", [[1.0], [1.0, 0.0, 0.02], [1.0, -1.0], [1.0, float("inf")]])
def test_an_array_that_is_no_game_is_told(prices):
    with pytest.raises(ArgumentError, match="game 0"):
        ReplayFeed([prices])


def test_what_is_meant_by_a_folder_or_a_table_is_told(tmp_path):
    with pytest.raises(ArgumentError, match=r"is a folder.* give rl.load\("):
        ReplayFeed(tmp_path)
    with pytest.raises(ArgumentError, match=r"a DataFrame is not a game: rl.load\(path\)"):
        ReplayFeed(pd.DataFrame({"price": [1.0, 0.02]}))


@pytest.mark.parametrize("name", ["playing", "loop", "autoplay", "shuffle"])
def test_a_switch_is_true_or_false(name):
    with pytest.raises(ArgumentError, match=f"{name} must be True or False; got 'no'"):
        ReplayFeed([1.0, 0.02], **{name: "no"})
    feed = ReplayFeed([1.0, 0.02], playing=False)
    with pytest.raises(ArgumentError, match=f"{name} must be True or False; got 1"):
        setattr(feed, name, 1)


@pytest.mark.parametrize("timeout", ["a", -1, True, NAN])
def test_the_time_to_finish_is_a_number(timeout):
    with pytest.raises(ArgumentError, match="timeout must be a number of seconds >= 0, or None"):
        ReplayFeed([1.0, 0.02], playing=False).finish(timeout=timeout)


def test_finishing_tells_of_its_progress():
    told = []
    feed = ReplayFeed([whole("a"), whole("b"), whole("c")], playing=False)
    feed.next()
    with reporting(lambda done, total: told.append((done, total))):
        feed.finish(timeout=None)
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_a_game_that_was_interrupted_by_a_seek_is_counted_once_when_it_is_finished():
    reported = []
    feed = ReplayFeed(whole("a"), playing=False)
    off = feed.follow(
        lambda name, *what: feed.seek(5) if name == "tick" and what[0].tick == 10 else None, synchronous=True
    )
    with reporting(lambda done, total: reported.append((done, total))):
        feed.finish(timeout=None)
    off()
    assert reported == [(0, 1), (1, 1)]


def test_what_is_replayed_is_known_as_it_was_recorded():
    prices = whole(ticks=6).prices
    sources = np.array([1, 1, 2, 3, 1, 4, 1], np.uint8)
    game = Game("backfilled", prices, sources, rug_tick=6)
    heard = []
    feed = still(game)
    feed.on("tick", lambda tick: heard.append((tick.tick, tick.backfilled)))
    replayed = feed.finish().games[0]
    assert (replayed.status, replayed.source) == (game.status, game.source)
    assert replayed.sources.tolist() == sources.tolist()
    assert heard == [(tick, False) for tick in range(7)]  # each came in its time
    assert feed.book.backfilled == 0
    feed.seek(3)
    assert feed.game.sources.tolist() == [1, 1, 2, 3]
