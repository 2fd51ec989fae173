"""Machine code that is kept: used by the next process, and only where nobody else can have written it."""

import builtins
import importlib
import os
import pickle
import stat
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.engine import compilable, compiled_engine
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


@numba.njit
def total(a, begin, n):
    return a[begin] if n < 2 else total(a, begin, n // 2) + total(a, begin + n // 2, n - n // 2)


def test_code_that_calls_itself_with_other_types_is_not_kept(place):
    """Loaded by another process it would jump to address 0."""
    kernel = kept_code.keep(numba.njit(lambda a: total(a, 0, len(a)) + 1), ("a total and one more",))
    assert kernel(np.ones(5)) == 6
    assert not list(place.iterdir())
    other = kept_code.keep(numba.njit(lambda n: n + 1), ("a number more",))
    assert other(5) == 6
    assert len(list(place.iterdir())) == 1


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


@pytest.mark.parametrize("link", ["folder", "file"])
def test_a_link_is_followed_once_and_never_again(place, monkeypatch, tmp_path, link):
    """What somebody else points elsewhere after it was looked at is not where code is read."""
    evil = tmp_path / "evil" / "strategies"
    evil.mkdir(parents=True)
    if link == "folder":
        (tmp_path / "own").mkdir()
        place.parent.symlink_to(tmp_path / "own")
    first, _ = played_anew(low, monkeypatch)
    (file,) = place.iterdir()
    data = pickle.dumps(Bomb(tmp_path / "executed"))
    (evil / file.name).write_bytes(kept_code.sha256(data).digest() + data)
    if link == "folder":
        place.parent.unlink()
        place.parent.symlink_to(evil.parent)
    else:  # one that leads nowhere costs no other
        (place / "nowhere").symlink_to(tmp_path / "nothing")
    again, kept = played_anew(low, monkeypatch)
    assert again.tolist() == first.tolist()
    assert not (tmp_path / "executed").exists()
    monkeypatch.setitem(globals(), "LEVEL", 0.65)
    played_anew(below, monkeypatch)
    assert kept == played_anew(below, monkeypatch)[1] == 1


HELPER = """
price = [1.0, 2.0]  # a list of the module that the strategy does not read
LEVEL = {level}
def rule(o):
    return o.price > {level}
def high(price):
    return price > LEVEL
"""


@pytest.mark.parametrize("name", ["rule", "high"])
def test_a_helper_that_was_edited_is_compiled_anew(place, monkeypatch, tmp_path, name):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    found = []
    for level in (1.2, 2.5):
        (tmp_path / "edited_helper.py").write_text(HELPER.format(level=level))
        monkeypatch.delitem(sys.modules, "edited_helper", raising=False)
        importlib.invalidate_caches()
        helper = importlib.import_module("edited_helper")

        def by_rule(o):
            return rl.buy(0.01) if helper.rule(o) and not o.units else rl.hold()  # noqa: B023

        def by_price(o):
            return rl.buy(0.01) if helper.high(o.price) and not o.units else rl.hold()  # noqa: B023

        strategy = by_rule if name == "rule" else by_price
        values, kept = played_anew(strategy, monkeypatch)
        assert kept == 0
        assert values.tolist() == play(strategy, GAMES, engine="tick").values.tolist()
        found.append(values.tolist())
    assert found[0] != found[1]


def above(level):
    def rule(o):
        return o.price > level

    return rule


class Shown(float):
    """Shows one digit only."""

    def __repr__(self):
        return f"{self:.1f}x"


def pair(early, late, when):
    def strategy(o):
        if early(o) and late(o) and o.units:
            return rl.sell()
        return rl.buy(0.01) if when(o) and not o.units else rl.hold()

    return strategy


def over(level):
    return lambda o: rl.buy(0.01) if o.price > level and not o.units else rl.hold()


def by_builtin(o):
    return rl.buy(0.01) if o.price > LEVEL_OF_ALL and not o.units else rl.hold()  # noqa: F821


def test_strategies_that_differ_have_machine_code_of_their_own(place, monkeypatch):
    """In one process and in the next: functions of one name, numbers that look alike, names of `builtins`."""
    early, late = above(1.2), above(3.0)
    alike = [
        [pair(early, late, early), pair(early, late, late)],
        [over(Shown(1.51)), over(Shown(1.549))],
        [over(np.float64(1.51)), over(np.float64(1.52))],
    ]
    for strategies in alike:
        prints = {compilable.fingerprint(each) for each in strategies}
        assert len(prints) == len(strategies)
    for each in alike[0]:
        assert played_anew(each, monkeypatch)[0].tolist() == play(each, GAMES, engine="tick").values.tolist()
    prints = set()
    for level in (1.5, 0.7):
        monkeypatch.setattr(builtins, "LEVEL_OF_ALL", level, raising=False)
        prints.add(compilable.fingerprint(by_builtin))
    assert len(prints) == 2


def test_a_name_of_the_notebook_that_is_only_an_attribute_of_the_strategy_s_does_not_count(monkeypatch):
    monkeypatch.setitem(globals(), "price", [1.0, 2.0])
    assert play(low, GAMES).engine == "compiled"
