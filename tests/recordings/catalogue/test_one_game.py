"""One game of an archive: its own bytes, and what is seldom used is read when it is used."""

import copy
import pickle
from dataclasses import replace
from threading import Thread

import numpy as np
import pyarrow.parquet as pq
import pytest

from rugs_lab.recordings.games.game import READ_LATER, Game
from rugs_lab.recordings.read.load import load
from rugs_lab.resources import data_dir

FIELDS = [name for name in Game.__dataclass_fields__ if not name.startswith("_")]


@pytest.fixture
def pair(tmp_path):
    """Games with all that there is, as they were and as an archive has them."""
    games = load(data_dir() / "lines") + load(data_dir() / "damaged")
    return games, load(games.save(tmp_path / "games.parquet"))


def differences(a, b):
    return [
        name
        for name in FIELDS
        if not np.array_equal(getattr(a, name), getattr(b, name), equal_nan=name == "prices")
    ]


def test_each_game_is_what_it_was(pair):
    games, saved = pair
    assert any(game.recorded_trades and game.recorded_messages for game in saved)
    for game in games:
        assert differences(game, saved[game.id]) == []


def test_prices_alone_are_read_for_prices(pair, monkeypatch):
    _, saved = pair
    assert len(saved.frame) == len(saved)
    read, columns = pq.ParquetFile.read_row_groups, []
    monkeypatch.setattr(
        pq.ParquetFile,
        "read_row_groups",
        lambda file, groups, names, threads: columns.append(names) or read(file, groups, names, threads),
    )
    whole = [game for game in saved if game.status == "complete"]
    assert {*map(tuple, columns)} <= {("prices",), ("sources",)}
    assert any(len(game.messages) for game in whole)
    assert any("messages" in names for names in columns)


@pytest.mark.parametrize(
    "copied", [pickle.dumps, copy.copy, copy.deepcopy, replace], ids=["pickle", "copy", "deepcopy", "replace"]
)
def test_a_copy_has_all_of_it(pair, copied):
    games, saved = pair
    for game in games:
        made = copied(saved[game.id])
        assert differences(game, pickle.loads(made) if isinstance(made, bytes) else made) == []


def test_several_threads_read_the_same(pair):
    games, saved = pair
    found = []

    def read():
        found.append([differences(game, saved[game.id]) for game in games])

    threads = [Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [[[]] * len(games)] * 4


def test_no_other_name_is_known(pair):
    game = pair[1][0]
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = game.nothing
    assert not {*READ_LATER}.intersection(dir(game))
