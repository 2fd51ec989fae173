"""The zoo: every cheat is caught, no honest strategy is accused."""

from __future__ import annotations

import pytest

import rugs_lab as rl
from rugs_lab.trading.check import check as module
from rugs_lab.trading.check.check_report import Finding
from tests.support import cheats


@pytest.fixture(autouse=True)
def leaks_only(monkeypatch):
    """Engines and replay are tried elsewhere; six games show what two dozen do."""
    monkeypatch.setattr(module, "TRIED", 6)
    monkeypatch.setattr(module, "UNSEEN", 30)
    monkeypatch.setattr(module, "on_replay", lambda *_: Finding("replay", None, 0, "not tried"))
    monkeypatch.setattr(module, "_engines", lambda *_: Finding("engines", None, 0, "not tried"))


CHEATS, HONEST = cheats.cheats(), cheats.honest()


def test_there_are_thirty_of_each():
    assert len(CHEATS) + len(cheats.PATCHED) >= 30
    assert len(HONEST) >= 30


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_caught(name):
    report = rl.check(CHEATS[name], cheats.GAMES)
    assert not report.ok, report


@pytest.mark.parametrize("name", cheats.PATCHED)
def test_a_changed_ledger_is_caught(name):
    strategy, patch = cheats.PATCHED[name]
    with cheats.patched(*patch):
        report = rl.check(strategy, cheats.GAMES)
    assert report["ledger"].ok is False, report


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_strategy_is_not_accused(name):
    report = rl.check(HONEST[name], cheats.GAMES)
    assert report.ok, report


def test_each_line_says_what_it_could_have_seen():
    report = rl.check(HONEST["dip"], cheats.GAMES)
    for name in ("look-ahead", "ids", "foresight", "synthetic"):
        assert "would be detected with a probability of 80 %" in report[name].power
        assert "SOL a game" in report[name].power
    assert (
        "with these games no leak could be detected"
        in rl.check(HONEST["nothing"], cheats.GAMES)["foresight"].power
    )
