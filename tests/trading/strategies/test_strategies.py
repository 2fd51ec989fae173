"""The built-in strategies do what their pages say, and other packages can add theirs."""

from importlib.metadata import EntryPoint

import numpy as np
import pytest

from rugs_lab.errors import ArgumentError, RugsLabWarning
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.recordings.read.load import sample
from rugs_lab.trading.account.account_frames import ledger_frame
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy import strategy_registry as registry
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.trading.strategy.strategy_registry import BUILT_IN, Registry, strategies

GAMES = synthetic(300, seed=21)


def game(*prices, rug=True):
    return Games(
        [Game("20260101-0000000000000001", np.array(prices), rug_tick=len(prices) - 1 if rug else None)]
    )


def ledger(strategy, games, cash=1.0, **parameters):
    results = play(strategies[strategy], games, Options(cash), engine="tick", **parameters)
    frame = ledger_frame([entry for account in results.accounts for entry in account.entries])
    return list(zip(frame["what"], frame["tick"], strict=True))


def test_the_mapping_lists_every_strategy_by_name():
    assert list(strategies)[: len(BUILT_IN)] == list(BUILT_IN)
    assert all(
        isinstance(strategy, Strategy) and strategies[name] is strategy
        for name, strategy in strategies.items()
    )
    assert "conservative" in strategies
    assert "nonsense" not in strategies
    assert "conservative" in repr(strategies)
    assert "below=1.5" in strategies._repr_html_()


def test_an_unknown_name_gets_a_hint():
    with pytest.raises(ArgumentError, match="did you mean 'conservative'"):
        strategies["conservativ"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_page_tells_its_source_and_its_parameters(name):
    strategy = strategies[name]
    assert "Source:" in strategy.__doc__
    assert all(f"`{parameter}`" in strategy.__doc__ for parameter in strategy.parameters)


@pytest.mark.parametrize("name", BUILT_IN)
def test_both_engines_give_the_same(name):
    options = Options(carry=False)
    for games in (sample(), GAMES[:100]):
        tick = play(strategies[name], games, options, engine="tick")
        compiled = play(strategies[name], games, options, engine="auto")
        assert (tick.engine, compiled.engine) == ("tick", "compiled")
        np.testing.assert_array_equal(tick.values, compiled.values)


def test_conservative_buys_below_takes_twenty_per_cent_and_bets_after_tick_100():
    rising = game(1.6, 1.5, 1.4, 1.4, 1.67, 1.70, 1.7, 1.7, 0.02)
    assert ledger("conservative", rising) == [("buy", 3), ("sell", 6)]
    falling = game(1.0, 1.0, 0.86, 0.84, 0.84, 0.02)
    assert ledger("conservative", falling) == [("buy", 1), ("sell", 4)]
    flat = game(*[2.0] * 150, 0.02)
    assert ledger("conservative", flat) == [("sidebet", 102), ("lost", 142), ("sidebet", 143), ("won", 150)]


def test_aggressive_buys_below_three_and_takes_half_or_stops_at_thirty_per_cent():
    assert ledger("aggressive", game(3.1, 2.9, 2.0, 3.0, 3.2, 3.2, 0.02)) == [("buy", 2), ("sell", 4)]
    assert ledger("aggressive", game(3.1, 2.9, 2.0, 1.5, 1.4, 3.2, 0.02)) == [("buy", 2), ("sell", 5)]


def test_sidebet_insures_what_it_holds():
    assert ledger("sidebet", game(1.0, 1.0, 1.0, 1.0, 0.02)) == [
        ("buy", 1),
        ("sidebet", 2),
        ("won", 4),
        ("rug", 4),
    ]


def test_foundational_enters_early_at_25x_to_50x_and_never_else():
    assert ledger("foundational", game(1.0, 10.0, 30.0, 30.0, 37.0, 37.0, 0.02)) == [("buy", 3), ("sell", 5)]
    late = game(*[1.0] * 69, 30.0, 30.0, 0.02)
    assert ledger("foundational", late) == []
    assert ledger("foundational", game(1.0, 24.9, 50.1, 51.0, 0.02)) == []


def test_hold_to_target_buys_in_presale_and_sells_after_the_multiple():
    assert ledger("hold_to_target", game(1.0, 1.9, 2.1, 2.2, 0.02)) == [("buy", 0), ("sell", 3)]
    assert ledger("hold_to_target", game(1.0, 1.9, 0.02)) == [("buy", 0), ("rug", 2)]
    assert ledger("hold_to_target", game(1.0, 3.1, 3.2, 0.02), multiple=3) == [("buy", 0), ("sell", 2)]


def test_martingale_raises_its_stake_with_every_loss_and_returns_after_a_win():
    results = play(strategies["martingale"], game(*[1.0] * 130, 0.02), engine="tick", factor=2.0)
    bets = [-entry.cash_change for entry in results.account.entries if entry.what == "sidebet"]
    assert bets == [1_000_000, 2_000_000, 4_000_000, 8_000_000]
    capped = play(strategies["martingale"], game(*[1.0] * 130, 0.02), engine="tick", factor=2.0, most=0.003)
    assert capped.staked.tolist() == [1_000_000 + 2_000_000 + 3_000_000 + 3_000_000]


def test_random_is_the_same_for_the_same_seed_and_acts_as_often_as_it_should():
    options = Options(carry=False)
    once = play(strategies["random"], GAMES, options, enter=0.05, leave=0.05, bet=0.01)
    again = play(strategies["random"], GAMES, options, enter=0.05, leave=0.05, bet=0.01)
    other = play(strategies["random"], GAMES, options, enter=0.05, leave=0.05, bet=0.01, seed=1)
    np.testing.assert_array_equal(once.values, again.values)
    assert (once.profit != other.profit).any()
    flat_ticks = once.ticks.sum() - once.ticks_held.sum()
    expected = 0.05 * flat_ticks
    assert abs(once.buys.sum() - expected) < 5 * expected**0.5
    free_ticks = once.ticks.sum() - once.ticks_bet.sum()
    assert abs(once.bets.sum() - 0.01 * free_ticks) < 5 * (0.01 * free_ticks) ** 0.5


def test_the_choices_of_the_random_strategy_do_not_depend_on_each_other_or_on_time():
    """Shares of buys in early and late ticks, and in the ticks right after another, are the same."""
    games = synthetic(400, seed=22)
    strategy = strategies["random"]
    acted = []
    for each in games:
        for tick in range(1, min(each.rug_tick, 60)):
            o = _seen(tick, float(each.prices[tick]))
            trade, bet = strategy(o, enter=0.3, bet=0.3)
            acted.append((tick, trade.kind != 0, bet.kind != 0))
    tick, bought, bet = np.array(acted).T
    for part in (tick < 10, tick >= 30, bet == 1, bet == 0):
        assert bought[part].mean() == pytest.approx(0.3, abs=5 * (0.21 / part.sum()) ** 0.5)


def _seen(tick, price):
    from rugs_lab.trading.strategy.observation import Observation

    blank = dict.fromkeys(Observation._fields, 0)
    return Observation(**{**blank, "tick": tick, "price": price, "bet_open": False})


def test_other_packages_add_strategies_and_a_broken_one_is_reported_not_fatal(monkeypatch):
    points = [
        EntryPoint("other", "rugs_lab.trading.strategies.aggressive:aggressive", registry.GROUP),
        EntryPoint("broken", "rugs_lab.nowhere:strategy", registry.GROUP),
        EntryPoint("number", "math:pi", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    found = Registry()
    with pytest.warns(RugsLabWarning, match=r"strategy '(broken|number)' of entry point") as told:
        assert list(found) == [*BUILT_IN, "other"]
    assert len(told) == 2
    assert list(found) == [*BUILT_IN, "other"]  # and is not reported again
    assert set(found.broken) == {"broken", "number"}
    assert "ModuleNotFoundError" in found._repr_html_()
    with pytest.raises(ArgumentError, match=r"cannot be loaded: rugs_lab\.nowhere"):
        found["broken"]


def test_an_installed_package_adds_its_strategies_and_a_broken_one_is_reported(tmp_path, monkeypatch):
    (tmp_path / "others_strategies.py").write_text(
        "from rugs_lab import buy, strategy\n\n"
        "@strategy(presale=False)\n"
        "def patient(o, wait=5, size=0.01):\n"
        '    """Buy once, late."""\n'
        "    return buy(size) if o.tick == wait else None\n"
    )
    (tmp_path / "others_broken.py").write_text("raise RuntimeError('not on this machine')\n")
    info = tmp_path / "others_strategies-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others-strategies\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[rugs_lab.strategies]\n"
        "patient = others_strategies:patient\n"
        "gone = others_strategies:gone\n"
        "broken = others_broken:strategy\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = Registry()
    with pytest.warns(RugsLabWarning) as told:
        assert list(found) == [*BUILT_IN, "patient"]
    assert sorted(str(each.message).split(":")[0] for each in told) == [
        "strategy 'broken' of entry point others_broken",
        "strategy 'gone' of entry point others_strategies",
    ]
    assert "RuntimeError: not on this machine" in found.broken["broken"]
    assert "AttributeError" in found.broken["gone"]
    assert found["patient"].parameters == {"wait": 5, "size": 0.01}
    assert "Buy once, late." in found._repr_html_()
    results = play(found["patient"], GAMES[:20], engine="tick")
    assert 0 < results.buys.sum() <= 20


def test_a_name_that_is_taken_stays_with_the_built_in_strategy(monkeypatch):
    points = [EntryPoint("random", "math:sqrt", registry.GROUP)]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    found = Registry()
    with pytest.warns(RugsLabWarning, match="the name is taken"):
        assert list(found) == list(BUILT_IN)
    assert found["random"].name == "random"
