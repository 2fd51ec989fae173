import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.ring_buffer import Ring
from rugs_lab.game.signal import parse_update
from rugs_lab.recordings.games.message_rows import frame_of


def put(ring, tick, game="g1"):
    update = parse_update({"gameId": game, "tickCount": tick, "price": 1.0 + tick, "active": True}, tick)
    ring.append(update.signal, update)


@pytest.mark.parametrize("maxlen", [0, -1, 2.5, "5", True, None, 10**9])
def test_an_impossible_size_says_what_is_allowed(maxlen):
    with pytest.raises(ArgumentError, match="from 1 to 10,000,000"):
        Ring(maxlen)


@given(st.integers(1, 7), st.lists(st.integers(0, 5), max_size=30))
def test_a_reader_sees_every_row_once_and_knows_what_it_missed(maxlen, pauses):
    ring = Ring(maxlen)
    cursor, seen, missed, n = 0, [], 0, 0
    for pause in pauses:
        for _ in range(pause):
            put(ring, n)
            n += 1
        rows = ring.since(cursor)
        missed += rows.start - cursor
        seen += rows.columns["tick"].tolist()
        cursor = rows.stop
    assert cursor == n
    assert len(seen) + missed == n
    assert seen == sorted(seen)
    assert len(ring) == min(n, maxlen)


def test_game_ids_go_with_their_rows_also_after_thousands_of_games():
    ring = Ring(3)
    for n in range(5000):
        put(ring, n, f"game-{n // 2}")
    rows = ring.since(0)
    assert [rows.games[code] for code in rows.columns["game"]] == ["game-2498", "game-2499", "game-2499"]
    assert len(rows.games) <= 4


def test_a_late_frame_of_an_old_game_keeps_its_own_id():
    ring = Ring(4)
    for tick, game in enumerate(["a", "b", "a", "c", "d", "a"]):
        put(ring, tick, game)
    assert frame_of(ring.since(0))["game_id"].tolist() == ["a", "c", "d", "a"]


def test_an_empty_frame_has_the_dtypes_of_a_full_one():
    ring = Ring(10)
    empty = frame_of(ring.since(0))
    put(ring, 1)
    full = frame_of(ring.since(0))
    assert (empty.dtypes == full.dtypes).all()
    assert empty.index.dtype == full.index.dtype
    assert str(full["received"].dtype) == "datetime64[ns, UTC]"
    assert len(empty) == 0


def test_absent_is_missing_in_the_frame():
    ring = Ring(2)
    update = parse_update({"gameId": "g1", "cooldownTimer": 14900, "allowPreRoundBuys": False})
    ring.append(update.signal, update)
    row = frame_of(ring.since(0)).iloc[0]
    missing = ["received", "tick", "price", "active", "rugged", "trade_count", "players"]
    assert row[missing].isna().all()
    assert row["cooldown_ms"] == 14900
    assert not row["allow_pre_round_buys"]


def test_a_frame_is_a_copy():
    ring = Ring(2)
    put(ring, 1)
    frame = frame_of(ring.since(0))
    frame.loc[0, "price"] = 99.0
    put(ring, 2)
    put(ring, 3)
    assert frame_of(ring.since(0))["price"].tolist() == [3.0, 4.0]


def test_frame_is_indexed_by_the_number_of_the_frame():
    ring = Ring(2)
    for tick in range(5):
        put(ring, tick)
    frame = frame_of(ring.since(0))
    assert frame.index.tolist() == [3, 4]
    assert frame.index.name == "seq"
    assert frame["received"].tolist() == [pd.Timestamp(3, tz="UTC"), pd.Timestamp(4, tz="UTC")]


def test_readers_on_other_threads_never_see_a_torn_row():
    ring = Ring(50)
    torn = []
    done = threading.Event()

    def read():
        while not done.is_set():
            columns = ring.since(0).columns
            torn.extend(columns["price"][columns["price"] != columns["tick"] + 1.0].tolist())

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for tick in range(5000):
        put(ring, tick)
    done.set()
    for reader in readers:
        reader.join()
    assert torn == []
    assert np.array_equal(ring.since(0).columns["tick"], np.arange(4950, 5000))


def test_a_cleared_ring_goes_on_counting():
    ring = Ring(5)
    for tick in range(3):
        put(ring, tick)
    ring.clear()
    assert (len(ring), ring.cursor) == (0, 3)
    rows = ring.since(0)
    assert (rows.start, rows.stop, rows.games) == (3, 3, ())
    for tick in range(7):
        put(ring, tick)
        rows = ring.since(0)
        assert rows.columns["tick"].tolist() == list(range(max(0, tick - 4), tick + 1))
        assert set(rows.columns["game"]) == {0}
    assert (len(ring), ring.cursor, rows.start) == (5, 10, 5)
