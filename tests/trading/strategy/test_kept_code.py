"""Machine code that is kept: used by the next process, and only where nobody else can have written it."""

import os
import pickle
import stat
from pathlib import Path

import numba
import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.engine import compiled_engine
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.strategy import kept_code

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="nothing is kept on Windows")
GAMES = synthetic(40, seed=11, method="statistical")
LEVEL = 0.8


def low(o, level=0.7):
    return rl.buy(0.01) if o.price < level and not o.units else rl.hold()


def below(o):
    return rl.buy(0.01) if o.price < LEVEL and not o.units else rl.hold()


def logarithm(o):
    return rl.buy(0.01) if np.log(o.price) < -0.2 and not o.units else rl.hold()


class Bomb:
    """Pickled, it makes a file when it is read."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Keep code in a folder of this test."""
    monkeypatch.setattr(numba.core.config, "CACHE_DIR", str(tmp_path / "cache"))
    kept_code.folder.cache_clear()
    yield tmp_path / "cache" / "strategies"
    kept_code.folder.cache_clear()


def played_anew(strategy, monkeypatch):
    """Play as a new process would: with nothing compiled. Return the values, and how often code was kept."""
    monkeypatch.setattr(compiled_engine, "_made", {})
    result = play(strategy, GAMES)
    assert result.engine == "compiled"
    (kernel,) = compiled_engine._made.values()
    return result.values, sum(kernel._cache_hits.values())


def test_a_process_uses_the_code_of_the_one_before(place, monkeypatch):
    by_tick = play(low, GAMES, engine="tick").values
    first, none = played_anew(low, monkeypatch)
    again, one = played_anew(low, monkeypatch)
    assert (none, one) == (0, 1)
    assert first.tolist() == again.tolist() == by_tick.tolist()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in place.iterdir()} == {0o600}


def test_other_code_has_another_name(place, monkeypatch):
    below_0_8, _ = played_anew(below, monkeypatch)
    monkeypatch.setitem(globals(), "LEVEL", 0.6)
    below_0_6, kept = played_anew(below, monkeypatch)
    assert kept == 0
    assert below_0_6.tolist() == play(below, GAMES, engine="tick").values.tolist() != below_0_8.tolist()


def test_code_with_addresses_of_this_process_is_not_kept(place, monkeypatch):
    played_anew(logarithm, monkeypatch)
    assert not list(place.iterdir())


def test_a_damaged_file_is_made_again(place, monkeypatch):
    first, _ = played_anew(low, monkeypatch)
    (file,) = place.iterdir()
    whole = file.read_bytes()
    for damaged in (whole[:-1], whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]):
        file.write_bytes(damaged)
        again, kept = played_anew(low, monkeypatch)
        assert kept == 0
        assert again.tolist() == first.tolist()
    assert played_anew(low, monkeypatch)[1] == 1


@pytest.mark.parametrize("part", ["folder", "above", "link"])
def test_nothing_is_read_where_others_can_write(place, monkeypatch, tmp_path, part):
    first, _ = played_anew(low, monkeypatch)
    (file,) = place.iterdir()
    data = pickle.dumps(Bomb(tmp_path / "executed"))
    file.write_bytes(kept_code.sha256(data).digest() + data)
    if part == "link":
        place.rename(tmp_path / "elsewhere")
        place.symlink_to(tmp_path / "elsewhere")
    else:
        (place if part == "folder" else place.parent).chmod(0o777)
    kept_code.folder.cache_clear()
    again, kept = played_anew(low, monkeypatch)
    assert kept == 0
    assert again.tolist() == first.tolist()
    assert not (tmp_path / "executed").exists()


def test_the_number_of_files_is_bounded(place, monkeypatch):
    monkeypatch.setattr(kept_code, "MOST_FILES", 2)
    played_anew(low, monkeypatch)
    for n in range(3):
        monkeypatch.setitem(globals(), "LEVEL", 0.5 + 0.1 * n)
        played_anew(below, monkeypatch)
    assert len(list(place.iterdir())) == 2
