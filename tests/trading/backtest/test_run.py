"""`Run`: its statistics by hand, its frames, its baselines, and how it shows itself."""

import numpy as np
import pandas as pd
import pytest

from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.account.account_frames import ledger_frame
from rugs_lab.trading.account.actions import buy, hold, sell, sidebet
from rugs_lab.trading.backtest.backtest import backtest
from rugs_lab.trading.backtest.baselines import random_results
from rugs_lab.trading.backtest.run_stats import figures_of
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.strategy.strategy import strategy
from rugs_lab.trading.strategy.strategy_registry import strategies

GAMES = synthetic(400, seed=41)


@strategy
def plan(o):
    """Buy in presale, sell at tick 2, and bet at tick 1 of the way."""
    if o.tick < 0:
        return buy(0.1)
    if o.tick == 1:
        return sell(), sidebet(0.01)
    return hold()


THREE = Games.from_arrays(
    ["20260101-000000000000000a", "20260101-000000000000000b", "20260101-000000000000000c"],
    [1.0, 1.5, 2.0, 0.02, 1.0, 0.8, 0.5, *[0.5] * 45, 0.01, 1.0, 0.02],
    [0, 4, 53, 55],
    rug_ticks=[3, 48, 1],
)


@pytest.fixture
def run():
    return backtest(plan, THREE, cash=1.0)


def test_figures_by_hand(run):
    # +0.1 +0.04; -0.05 -0.01; -0.098 (rug at tick 1, before anything could be sold or bet)
    profits = [0.14, -0.06, -0.098]
    assert run.games["profit_sol"].tolist() == profits
    stats = run.stats
    assert stats["games [n]"] == 3
    assert stats["games acted in [n]"] == 3
    assert (stats["buys [n]"], stats["trades closed [n]"], stats["trades won [n]"]) == (3, 3, 1)
    assert (stats["side bets [n]"], stats["side bets won [n]"]) == (2, 1)
    assert stats["total profit [SOL]"] == -0.018
    assert stats["return [%]"] == pytest.approx(-1.8)
    assert stats["cash at end [SOL]"] == 0.982
    assert stats["profit per game [SOL]"] == pytest.approx(-0.006)
    assert stats["profit per game, standard error [SOL]"] == pytest.approx(np.std(profits, ddof=1) / 3**0.5)
    assert not stats["profit per game differs from 0 by 2 standard errors"]
    assert stats["win rate [%]"] == pytest.approx(100 / 3)
    assert stats["side-bet hit rate [%]"] == 50
    assert stats["side-bet hit rate, expected [%]"] == pytest.approx(18.168, abs=1e-3)
    assert stats["longest losing streak [games]"] == 2
    # Position held at ticks 0 and 1 of the first two games and at tick 0 of the third, of 3 + 48 + 1 ticks.
    assert stats["exposure, positions [% of ticks]"] == pytest.approx(100 * 5 / 52)


def test_drawdown_counts_what_happened_within_games(run):
    # Highest: 1.14 after the first game; lowest after it: 0.982.
    assert run.stats["max drawdown [SOL]"] == pytest.approx(0.158)
    assert run.stats["max drawdown [%]"] == pytest.approx(100 * 0.158 / 1.14)
    dip = Games.from_arrays(["g"], [1.0, 0.3, 1.0, 1.0, 1.0, 0.02], [0, 6], rug_ticks=[5])

    @strategy
    def through(o):
        return buy(1.0) if o.tick < 0 else sell() if o.tick == 2 else hold()

    assert backtest(through, dip).stats["max drawdown [SOL]"] == pytest.approx(0.7)
    assert backtest(through, dip).stats["total profit [SOL]"] == 0


def test_a_fall_is_a_share_of_the_peak_before_it_and_not_of_one_after_it():
    leap = Games.from_arrays(["g"], [1.0, 0.5, 10.0, 20.0, 20.0, 0.02], [0, 6], rug_ticks=[5])

    @strategy
    def through(o):
        return buy(1.0) if o.tick < 0 else sell() if o.tick == 3 else hold()

    stats = backtest(through, leap, cash=2.0).stats
    assert stats["max drawdown [SOL]"] == pytest.approx(0.5)
    assert stats["max drawdown [%]"] == pytest.approx(25)  # 2 to 1.5, though 21 came after it


def test_equity_is_the_cash_after_each_game_and_agrees_with_the_ledger(run):
    assert run.equity["equity_sol"].tolist() == [1.14, 1.08, 0.982]
    assert run.equity["below_peak_sol"].tolist() == [0, 0.06, 0.158]
    assert run.ledger["cash_sol"].iloc[-1] == run.equity["equity_sol"].iloc[-1]
    assert run.trades["profit_sol"].sum() == pytest.approx(run.stats["total profit [SOL]"])
    assert run.trades["what"].tolist() == ["sell", "won", "sell", "lost", "rug"]


def test_a_compiled_run_has_the_same_trades_and_statistics():
    tick = backtest(strategies["sidebet"], GAMES, engine="tick")
    compiled = backtest(strategies["sidebet"], GAMES, engine="auto")
    assert compiled.results.engine == "compiled"
    pd.testing.assert_frame_equal(tick.trades, compiled.trades)
    pd.testing.assert_series_equal(tick.stats.drop("engine"), compiled.stats.drop("engine"))


def test_labels_carry_units():
    stats = backtest(strategies["sidebet"], GAMES[:50]).stats
    assert stats.index.is_unique
    told = [label for label in stats.index if "[" in label]
    assert len(told) >= len(stats) - 8
    numbers = [
        label for label, value in stats.items() if "[" not in label and isinstance(value, (int, float))
    ]
    assert all("standard errors" in label for label in numbers)


def test_statistics_need_nothing_but_the_results_of_an_engine():
    run = backtest(strategies["sidebet"], GAMES[:50])
    results = play(strategies["sidebet"], GAMES[:50], engine="tick")
    figures = figures_of(run.strategy, results).drop("engine")
    assert figures.to_dict() == pytest.approx(run.figures.drop("engine").to_dict(), nan_ok=True)
    assert results.profit_per_game == run.profit_per_game
    assert results.equity.tolist() == run.equity_lamports.tolist() == results.cash.tolist()
    assert (results.drawdowns / 1e9).tolist() == run.equity["drawdown_sol"].tolist()


def test_the_random_baseline_has_about_the_same_exposure():
    for name in ("conservative", "aggressive", "sidebet"):
        run = backtest(strategies[name], GAMES, carry=False)
        random = random_results(run.results, run.played)
        for column in ("ticks_held", "buys", "bets", "ticks_bet"):
            ours, theirs = (int(getattr(each, column).sum()) for each in (run.results, random))
            assert theirs == pytest.approx(ours, rel=0.3, abs=30), (name, column)


@pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")  # they are ruined
def test_the_baselines_are_in_the_statistics():
    stats = backtest(strategies["aggressive"], GAMES).stats
    assert stats["no trading: profit per game [SOL]"] == 0
    difference = stats["profit per game [SOL]"] - stats["random strategy: profit per game [SOL]"]
    assert stats["profit per game above the random strategy [SOL]"] == pytest.approx(difference)
    assert stats["random strategy: exposure, positions [% of ticks]"] > 0


def test_shown_games_are_those_in_which_it_acted():
    run = backtest(strategies["conservative"], GAMES)
    shown = run.shown(5)
    assert len(shown) == 5
    for game, entries in shown:
        assert {entry.game_id for entry in entries} == {game.id}
    assert run.shown(0) == []


def test_games_at_some_places_have_the_ledger_of_the_whole_run():
    games = GAMES[:30]
    compiled = backtest(strategies["aggressive"], games)
    assert compiled.games_at([]) == []
    found = compiled.games_at([7, 2])
    assert "ledgers" not in compiled.__dict__
    assert [game.id for game, _ in found] == [games[7].id, games[2].id]
    for game, entries in found:
        whole = compiled.ledger
        assert ledger_frame(entries).equals(whole[whole["game_id"] == game.id].reset_index(drop=True))


@pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")  # they are ruined
def test_it_shows_itself_small_fast_and_escaped():
    @strategy(name="<b>bold</b>")
    def sly(o, word="<script>"):
        return buy(0.01) if o.tick < 0 else hold()

    run = backtest(sly, GAMES, engine="tick")
    page = run._repr_html_()
    assert "<script>" not in page
    assert "<b>bold" not in page
    assert "&lt;script&gt;" in page
    assert len(page) < 20_000
    assert "profit per game" in repr(run)
    run.stats  # noqa: B018
    assert "random strategy" in run._repr_html_()


def test_to_parquet_keeps_games_and_statistics(tmp_path, run):
    run.to_parquet(tmp_path / "run.parquet")
    frame = pd.read_parquet(tmp_path / "run.parquet")
    assert frame["profit_sol"].tolist() == run.games["profit_sol"].tolist()
    assert frame.attrs["strategy"] == "<Strategy plan()>"
    assert frame.attrs["stats"]["total profit [SOL]"] == run.stats["total profit [SOL]"]
