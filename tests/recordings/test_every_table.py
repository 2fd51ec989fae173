"""What a feed had in any public table is what its recording has: as lines, archived, replayed."""

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rugs_lab as rl
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.feed.server.socketio_side import encode
from rugs_lab.game.session_stats import SessionStats
from rugs_lab.recordings.catalogue.seal import seal
from rugs_lab.recordings.write.line_types import StatsLine

BEGIN_NS = 1_767_268_800_000_000_123
EVENTS = [(delay_ms, encode(event, args)[1:]) for delay_ms, event, args in islice(SimulatedServer(5), 4_000)]


def tables_of(feed):
    """Every public table of a feed."""
    games = feed.games
    games.verify()
    return {
        "frame": feed.frame,
        "trades": feed.trades,
        "sidebets": games.sidebets,
        "leaderboards": games.leaderboards,
        "games": games.frame.drop(columns=["file"]),
        "ticks": games.ticks,
        "gaps": feed.gaps,
        "anomalies": feed.anomalies,
        "stats": [feed.stats],
    }


def tables_in(loaded, ids):
    """The same tables of what was loaded; `ids` are the games that are over."""
    games = loaded[[game_id for game_id in loaded.ids if game_id in set(ids)]] if len(ids) else loaded[:0]
    games.verify()
    return {
        "frame": loaded.messages,
        "trades": loaded.trades.sort_values("received", ignore_index=True),
        "sidebets": games.sidebets,
        "leaderboards": games.leaderboards,
        "games": games.frame.drop(columns=["file"]),
        "ticks": games.ticks,
        "gaps": loaded.gaps,
        "anomalies": loaded.anomalies,
        "stats": [note.stats for note in loaded.notes if isinstance(note, StatsLine)][-1:]
        or [SessionStats()],
    }


def assert_same_tables(had, has, but=()):
    for name, table in had.items():
        if name in but:
            continue
        if name == "stats":
            assert has[name] == table
        elif name == "ticks":  # a gap that history or seed filled may say the one or the other
            pd.testing.assert_frame_equal(has[name].drop(columns="source"), table.drop(columns="source"))
        else:
            pd.testing.assert_frame_equal(has[name], table, obj=name)


def play(feed, faults, start, count):
    """Take events at their times, some lost, exchanged, or with the connection lost before them."""
    events = list(EVENTS[start : start + count])
    at = 0
    for fault, length in faults:
        at += length
        if fault == "drop":
            del events[at : at + length // 4]
        elif fault == "swap" and at + 1 < len(events):
            events[at], events[at + 1] = events[at + 1], events[at]
        elif fault == "cut" and at < len(events):
            events.insert(at, None)
    now_ns = BEGIN_NS
    for event in events:
        if event is None:
            feed.connection_lost()
            feed.set_state("reconnecting", "a test")
            feed.connection_made()
            feed.set_state("live")
            now_ns += 3_000_000_000
        else:
            now_ns += event[0] * 1_000_000 + 7
            feed.take_text(event[1], now_ns)
    feed.set_state("stopped", "a test")


@given(
    st.lists(st.tuples(st.sampled_from(["pass", "drop", "swap", "cut"]), st.integers(1, 60)), max_size=30),
    st.integers(0, 2500),
    st.integers(1, 1500),
    st.sampled_from(["game", 20_000, 2**26]),
    st.booleans(),
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_table_comes_back(faults, start, count, rotate, raw):
    with TemporaryDirectory() as name:
        feed = LiveFeed("http://127.0.0.1:9", maxlen=10_000)
        recorder = feed.record(name, rotate=rotate, raw=raw)
        play(feed, faults, start, count)
        feed.record(None)
        assert recorder.lost == 0
        if not list(Path(name).glob("*.jsonl")):
            assert not len(feed.frame)
            return
        had, ids = tables_of(feed), feed.games.ids
        loaded = rl.load(name)
        assert_same_tables(had, tables_in(loaded, ids))
        seal(name)
        archived = rl.load(name)
        assert_same_tables(had, tables_in(archived, ids))
        alone = rl.load(Path(name) / "catalogue")
        assert_same_tables(had, tables_in(alone, ids))
        np.testing.assert_array_equal(archived.ids, loaded.ids)
        for again in (loaded, archived):
            assert_replay_has_the_same_notes(again)


def assert_replay_has_the_same_notes(games):
    """A replay has the gaps and anomalies of the games it plays, and so has a recording of that replay."""
    played = games[np.setdiff1d(np.arange(len(games)), games.without_ticks)]
    if not len(played):
        return
    with TemporaryDirectory() as name:
        replay = rl.ReplayFeed(games, speed=float("inf"), maxlen=10)
        replay.record(name)
        replay.finish()
        replay.record(None)
        recorded = rl.load(name)
    for table in ("gaps", "anomalies"):
        had = by_game(getattr(played, table))
        pd.testing.assert_frame_equal(by_game(getattr(replay, table)), had, obj=table)
        pd.testing.assert_frame_equal(by_game(getattr(recorded, table)), had, obj=f"{table} of its recording")


def by_game(table):
    """Sort by game; of one game in order of arrival."""
    return table.sort_values(["game_id", "end" if "end" in table else "received"], ignore_index=True)


def test_a_replay_of_what_was_loaded_has_the_same_games_trades_bets_and_leaderboards(tmp_path):
    feed = LiveFeed("http://127.0.0.1:9", maxlen=10_000)
    feed.record(tmp_path)
    play(feed, [("drop", 200), ("cut", 300)], 0, 2_500)
    feed.record(None)
    loaded = rl.load(tmp_path)
    replay = rl.ReplayFeed(loaded[feed.games.ids], speed=float("inf")).finish()
    had, has = tables_of(feed), tables_of(replay)
    for name in ("sidebets", "leaderboards"):
        assert len(had[name]) > 10
        pd.testing.assert_frame_equal(has[name], had[name], obj=name)
    timed = ["late_ticks"]
    kept = had["trades"][had["trades"]["game_id"].isin(feed.games.ids)].sort_values(["game_id", "tick", "id"])
    again = has["trades"].sort_values(["game_id", "tick", "id"])
    pd.testing.assert_frame_equal(
        again.drop(columns=timed).reset_index(drop=True), kept.drop(columns=timed).reset_index(drop=True)
    )
    received = [
        frame.query("active and kind != 'rug1b'")
        .dropna(subset=["tick"])
        .groupby(["game_id", "tick"])["received"]
        .min()
        for frame in (had["frame"][had["frame"]["game_id"].isin(feed.games.ids)], has["frame"])
    ]
    assert len(received[0]) > 500
    pd.testing.assert_series_equal(received[1].loc[received[0].index], received[0])
    assert received[1].groupby("game_id").is_monotonic_increasing.all()
    columns = [
        "ticks",
        "peak",
        "peak_tick",
        "rug_tick",
        "rug_price",
        "status",
        "missing",
        "trades",
        "verified",
    ]
    pd.testing.assert_frame_equal(has["games"][columns], had["games"][columns])
    np.testing.assert_array_equal(has["ticks"]["price"], had["ticks"]["price"])


def test_a_replay_has_the_gaps_that_were_backfilled_and_the_anomalies(tmp_path):
    feed = LiveFeed("http://127.0.0.1:9")
    feed.record(tmp_path)
    prices = {0: 1.0, 1: 1.5, 60: 1.2, 61: 1.3}
    for n, (tick, price) in enumerate([*prices.items(), (61, 1.7), (62, 1.1)]):
        payload = {"gameId": "20260101-a", "active": True, "rugged": False, "tickCount": tick, "price": price}
        feed.take("gameStateUpdate", (payload,), BEGIN_NS + n)
    feed.record(None)
    replay = rl.ReplayFeed(rl.load(tmp_path), speed=float("inf"), playing=False)
    replay.seek(30)
    assert not len(replay.gaps)
    replay.finish()
    assert replay.gaps[["first_tick", "last_tick", "missing"]].to_numpy().tolist() == [[2, 59, 58]]
    assert replay.anomalies[["tick", "known", "reported"]].to_numpy().tolist() == [[61, 1.3, 1.7]]
    replay.seek(0)
    assert not len(replay.gaps)
    assert not len(replay.anomalies)
    replay.finish()
    pd.testing.assert_frame_equal(replay.gaps, feed.gaps)
    pd.testing.assert_frame_equal(replay.anomalies, feed.anomalies)


def test_anomalies_come_back_too(tmp_path):
    feed = LiveFeed("http://127.0.0.1:9")
    feed.record(tmp_path)
    for n, (tick, price) in enumerate([(0, 1.0), (1, 1.5), (1, 1.7), (2, 1.2)]):
        payload = {"gameId": "20260101-a", "active": True, "rugged": False, "tickCount": tick, "price": price}
        feed.take("gameStateUpdate", (payload,), BEGIN_NS + n)
    feed.record(None)
    assert feed.anomalies[["tick", "known", "reported"]].to_numpy().tolist() == [[1, 1.5, 1.7]]
    pd.testing.assert_frame_equal(rl.load(tmp_path).anomalies, feed.anomalies)
    seal(tmp_path)
    pd.testing.assert_frame_equal(rl.load(tmp_path / "catalogue").anomalies, feed.anomalies)


def test_lines_that_contradict_each_other_leave_a_row_each(tmp_path):
    lines = [
        '{"type":"session","format":"rugs_lab/1","revision":2}',
        '{"type":"game_start","game_id":"20260101-a","server_seed_hash":"aa"}',
        '{"type":"tick","game_id":"20260101-a","tick":0,"price":1.0,"active":true,"rugged":false,"kind":"active"}',
        '{"type":"tick","game_id":"20260101-a","tick":1,"price":0.02,"active":true,"rugged":true,"kind":"rug1a"}',
        '{"type":"game_end","game_id":"20260101-a","rug_tick":1,"rug_price":0.03,"status":"complete"}',
        '{"type":"history","game_id":"20260101-a","rug_tick":7,"peak":3.0,"server_seed_hash":"bb"}',
    ]
    (tmp_path / "live_game_1.jsonl").write_text("\n".join(lines) + "\n")
    damage = rl.load(tmp_path).damage.query("kind == 'contradiction'")
    assert damage["line"].tolist() == [5, 6, 6, 6]
    assert all("is kept" in done for done in damage["done"])
