"""Which ticks were under observation: late starts, holes, missed ends, and games told afterwards."""

from __future__ import annotations

import gc
import json
import weakref
from functools import partial

import numpy as np
import pandas as pd
import pytest

from rugs_lab import analysis
from rugs_lab.analysis import _observed as watching
from rugs_lab.analysis import hazard, players
from rugs_lab.analysis._observed import every_tick, first_tick, from_start, last_tick, spells
from rugs_lab.analysis._summary import summary
from rugs_lab.errors import CensoringWarning
from rugs_lab.game import provably_fair
from rugs_lab.recordings.catalogue.parquet import ParquetStore
from rugs_lab.recordings.games.game import Game, Source
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.recordings.read.load import load, sample
from tests.support.broken_games import broken

R, P, S, H, D, M = (
    Source.RECEIVED,
    Source.PARTIAL,
    Source.SNAPSHOT,
    Source.HISTORY,
    Source.SEED,
    Source.MISSING,
)


STATISTICS = {
    name: partial(
        getattr(analysis, name), **{"after_peak": {"level": 2}, "entry_outcomes": {"low": 0.5}}.get(name, {})
    )
    for name in analysis.__all__
}


def one(sources, rug_tick):
    prices = np.where(np.array(sources) == M, np.nan, 1.0)
    return Games([Game("g", prices, np.array(sources, np.uint8), rug_tick=rug_tick)])


@pytest.mark.parametrize(
    ("sources", "rug_tick", "expected"),
    [
        ([R, R, R], 2, [(0, 2, True)]),
        ([R, R, R], None, [(0, 2, False)]),
        ([M, M, R, R], 3, [(2, 3, True)]),
        ([R, R, M, R, R], 4, [(0, 1, False), (3, 4, True)]),
        ([R, R, P, R], 3, [(0, 3, True)]),
        ([S, S, R, R], 3, [(1, 3, True)]),
        ([H, H, H], 2, [(0, 2, True)]),
        ([D, D], 1, [(0, 1, True)]),
        ([R, R, H, H], 3, [(0, 3, True)]),
        ([D, D, R, R], 3, [(2, 3, True)]),
        ([R, R, H, M, M], 4, [(0, 2, False)]),
        ([R, R, H, H], None, [(0, 1, False)]),
        ([R, R, R, D], 3, [(0, 3, True)]),
        ([R, R, R, M], 3, [(0, 2, False)]),
        ([R, R, S, S, R, R], 5, [(0, 2, False), (3, 5, True)]),
        ([R, M, R], 2, []),
        ([R, R, R, R], 2, [(0, 2, True)]),
        ([], None, []),
    ],
)
def test_spells(sources, rug_tick, expected):
    found = spells(one(sources, rug_tick))
    entry, exit_, ended = found.entry.tolist(), found.exit.tolist(), found.ended.tolist()
    assert list(zip(entry, exit_, ended, strict=True)) == expected


def timed(sources, start_s, rug_tick=3):
    """Return a game that began at a second and ended with its rug."""
    prices, start_ns = np.where(np.array(sources) == M, np.nan, 1.0), start_s * 10**9
    return Game(f"g{start_s}", prices, np.array(sources, np.uint8), rug_tick, started_ns=start_ns)


@pytest.mark.parametrize(
    ("before", "pause_s", "entry"),
    [([R] * 4, 16, 0), ([R, R, D, D], 16, 0), ([H] * 4, 16, 2), ([R] * 4, 500, 2), ([M] * 4, 16, 2)],
    ids=["watched", "cut", "history alone", "long pause", "unknown"],
)
def test_a_joined_game_counts_from_its_join_unless_an_earlier_one_was_watched(before, pause_s, entry):
    """The game that is running when somebody comes is longer than others."""
    games = Games([timed(before, 1_000), timed([D, D, R, R], 1_000 + pause_s)])
    found = spells(games)
    assert (found.entry[found.game == 1].tolist(), found.exit[found.game == 1].tolist()) == ([entry], [3])


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_games_are_connected_over_blocks(chunk, monkeypatch):
    games = Games([timed([R] * 4, 1_000), timed([H] * 4, 1_016), timed([D, D, R, R], 1_032)])
    monkeypatch.setattr(watching, "CHUNK", chunk)
    assert spells(games).entry.tolist() == [0, 0, 0]


@pytest.mark.parametrize("way", ["gaps", "joined late", "last ticks lost"])
def test_of_games_whose_seeds_are_known_nothing_is_lost(way, tmp_path):
    """Whatever came live of them: what did not is known, and would be if they had gone on otherwise."""
    games, numbers = synthetic(400, seed=21), np.random.default_rng(4)
    lines = []
    for game in games:
        live = np.ones(len(game.prices), bool)
        if way == "gaps":
            live = np.cumsum(numbers.choice([0, 1], len(live), p=[0.97, 0.03])) % 2 == 0
        elif way == "joined late":
            live[: numbers.integers(0, 100)] = False
        else:
            live[-3:] = False
        for tick in np.flatnonzero(live).tolist():
            flags = {"active": True, "rugged": tick == game.rug_tick}
            lines.append(
                {"type": "tick", "game_id": game.id, "tick": tick, "price": game.prices[tick], **flags}
            )
        seed_hash = provably_fair.seed_hash(game.server_seed)
        seed = {"server_seed": game.server_seed, "server_seed_hash": seed_hash, "version": "v3"}
        lines.append({"type": "history", "game_id": game.id, **seed})
    (tmp_path / "games.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    found, whole = hazard(load(tmp_path)).iloc[0], hazard(games).iloc[0]
    assert found["rugs"] == whole["rugs"] == 400
    assert found["n"] == pytest.approx(whole["n"], abs=100)


def lines_without_rugs(folder, games, seeds):
    """Write a recording whose last line of each game, the rug, is missing; with the seeds of some games."""
    lines = []
    for game in games:
        for tick, price in enumerate(game.prices[:-1].tolist()):
            flags = {"active": True, "rugged": False}
            lines.append({"type": "tick", "game_id": game.id, "tick": tick, "price": price, **flags})
    for game in games[:seeds]:
        hash_of = provably_fair.seed_hash(game.server_seed)
        seed = {"server_seed": game.server_seed, "server_seed_hash": hash_of, "version": "v3"}
        lines.append({"type": "history", "game_id": game.id, **seed})
    file = folder / "without.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return load(file)


def test_rugs_known_only_from_their_seeds_are_rugs(tmp_path):
    games = synthetic(60, seed=3)
    found = hazard(lines_without_rugs(tmp_path, games, 60))
    pd.testing.assert_frame_equal(found.head(1), hazard(games).head(1))
    assert found["rugs"][0] == 60


@pytest.mark.parametrize("seeds", [0, 30])
def test_statistics_say_that_many_rugs_were_not_seen(tmp_path, seeds):
    games = lines_without_rugs(tmp_path, synthetic(60, seed=3), seeds)
    with pytest.warns(CensoringWarning, match=rf"the rug of {59 - seeds} of 59 watched games was not seen"):
        summary(games)
    hazard(games)  # says it once


def test_holes_can_be_counted_for_comparison_with_others():
    found = every_tick(one([M, R, R, M, R], 4))
    assert (found.entry.tolist(), found.exit.tolist(), found.ended.tolist()) == ([1], [4], [True])


def test_games_from_their_start_end_at_the_first_hole():
    games = Games(
        [
            Game("a", np.array([1.0, 1.1, np.nan, 1.2, 0.02]), rug_tick=4),
            Game("b", np.array([np.nan, 1.1, 0.02]), rug_tick=2),
            Game("c", np.array([1.0, 0.02]), rug_tick=1),
        ]
    )
    watch = from_start(games)
    assert (watch.game.tolist(), watch.exit.tolist(), watch.ended.tolist()) == ([0, 2], [1, 1], [False, True])


def test_spells_of_neighbouring_games_do_not_join():
    games = Games.from_arrays(["a", "b"], [1.0, 0.02, 1.0, 1.1, 0.02], [0, 2, 5], rug_ticks=[1, 2])
    found = spells(games)
    assert (found.game.tolist(), found.ticks, found.rugs) == ([0, 1], 3, 2)


def test_first_and_last_tick_of_a_mask_stay_within_their_game():
    offsets = np.array([0, 3, 3, 5])
    mask = np.array([False, True, True, False, False])
    assert first_tick(mask, offsets).tolist() == [1, -1, -1]
    assert last_tick(mask, offsets).tolist() == [2, -1, -1]
    assert first_tick(~np.ones(5, bool), offsets).tolist() == [-1, -1, -1]


def test_no_games_have_no_spells():
    assert (spells(Games()).ticks, len(from_start(Games()))) == (0, 0)


def test_many_games_are_looked_at_in_parts_with_the_same_result(monkeypatch):
    games = broken(50, seed=8)
    whole, start = spells(games), from_start(games)
    monkeypatch.setattr(watching, "CHUNK", 7)
    again = games[:]  # of which nothing is kept
    parts = spells(again)
    for name in ("game", "entry", "exit", "ended"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
    np.testing.assert_array_equal(from_start(again).exit, start.exit)


@pytest.mark.parametrize("size", [7, 64])
def test_no_statistic_depends_on_how_many_games_are_looked_at_at_once(monkeypatch, size):
    games = sample()[:60] + broken(40, seed=8)
    before = {name: statistic(games[:]) for name, statistic in STATISTICS.items()}
    monkeypatch.setattr(watching, "CHUNK", size)
    for name, statistic in STATISTICS.items():
        pd.testing.assert_frame_equal(statistic(games[:]), before[name], check_exact=True, obj=name)


def test_prices_are_read_once_for_all_statistics_and_not_kept(tmp_path, monkeypatch):
    games = load(sample()[:30].save(tmp_path / "games.parquet"))
    read = []
    prices = ParquetStore.prices
    monkeypatch.setattr(ParquetStore, "prices", lambda *given: read.append(1) or prices(*given))
    monkeypatch.setattr(watching, "CHUNK", 10)
    summary(games)
    assert len(read) == 3
    hazard(games)
    assert len(read) == 3
    gone = weakref.ref(games)
    del games
    gc.collect()
    assert gone() is None


def test_a_game_that_is_there_twice_counts_once_for_its_players():
    games = sample()[:40]
    pd.testing.assert_frame_equal(players(games + games), players(games))
