"""`Run`: its statistics by hand, its frames, its baselines, and how it shows itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rugs_lab.errors import SelectionWarning
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.account.account_frames import ledger_frame
from rugs_lab.trading.account.actions import buy, hold, sell, sidebet
from rugs_lab.trading.backtest.backtest import backtest
from rugs_lab.trading.backtest.baselines import equal_risk, expected_of
from rugs_lab.trading.backtest.by_process import simulated
from rugs_lab.trading.backtest.run_stats import (
    ABOVE,
    CASH,
    PENDING,
    PROFIT,
    RANDOM,
    RUIN,
    above_of,
    depends_on_past,
    figures_of,
    profit_of,
)
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import strategy
from rugs_lab.trading.strategy.strategy_registry import as_strategy, strategies
from tests.support.drift import expected_price
from tests.support.strategies import games_of

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
    stats = run.stats["value"]
    assert stats["games [n]"] == 3
    assert stats["games acted in [n]"] == 3
    assert (stats["buys [n]"], stats["trades closed [n]"], stats["trades won [n]"]) == (3, 3, 1)
    assert (stats["side bets [n]"], stats["side bets won [n]"]) == (2, 1)
    assert stats["total profit [SOL]"] == -0.018
    assert stats["return [%]"] == pytest.approx(-1.8)
    assert stats["cash at end [SOL]"] == 0.982
    assert stats["profit per game [SOL]"] == pytest.approx(-0.006)
    assert stats["expectancy, profit per game acted in [SOL]"] == pytest.approx(-0.006)
    assert stats["profit factor"] == pytest.approx(0.14 / 0.158)
    assert stats["profit per game, sold [SOL]"] == pytest.approx((0.1 - 0.05) / 3)
    assert stats["profit per game, at the rug [SOL]"] == pytest.approx(-0.098 / 3)
    assert stats["profit per game, side bets [SOL]"] == pytest.approx((0.04 - 0.01) / 3)
    assert stats["Kelly fraction of side bets [% of cash]"] == pytest.approx(100 * (0.5 - 0.5 / 4))
    assert stats["longest drawdown [games]"] == 2
    assert stats["time in a position [ticks per buy]"] == pytest.approx(5 / 3)
    # Two ticks at 0.1 and 0.15 SOL, two at 0.1 and 0.08, one at 0.1.
    assert stats["at risk per game [SOL x ticks]"] == pytest.approx((0.25 + 0.18 + 0.1) / 3)
    assert stats["win rate [%]"] == pytest.approx(100 / 3)
    assert stats["side-bet hit rate [%]"] == 50
    assert run.stats.loc["side-bet hit rate [%]", "expected"] == pytest.approx(18.168, abs=1e-3)
    assert stats["longest losing streak [games]"] == 2
    # Position held at ticks 0 and 1 of the first two games and at tick 0 of the third, of 3 + 48 + 1 ticks.
    assert stats["exposure, positions [% of ticks]"] == pytest.approx(100 * 5 / 52)


def test_drawdown_counts_what_happened_within_games(run):
    # Highest: 1.14 after the first game; lowest after it: 0.982.
    assert run.stats["value"]["max drawdown [SOL]"] == pytest.approx(0.158)
    assert run.stats["value"]["max drawdown [%]"] == pytest.approx(100 * 0.158 / 1.14)
    dip = Games.from_arrays(["g"], [1.0, 0.3, 1.0, 1.0, 1.0, 0.02], [0, 6], rug_ticks=[5])

    @strategy
    def through(o):
        return buy(1.0) if o.tick < 0 else sell() if o.tick == 2 else hold()

    assert backtest(through, dip).stats["value"]["max drawdown [SOL]"] == pytest.approx(0.7)
    assert backtest(through, dip).stats["value"]["total profit [SOL]"] == 0


def test_a_fall_is_a_share_of_the_peak_before_it_and_not_of_one_after_it():
    leap = Games.from_arrays(["g"], [1.0, 0.5, 10.0, 20.0, 20.0, 0.02], [0, 6], rug_ticks=[5])

    @strategy
    def through(o):
        return buy(1.0) if o.tick < 0 else sell() if o.tick == 3 else hold()

    stats = backtest(through, leap, cash=2.0).stats["value"]
    assert stats["max drawdown [SOL]"] == pytest.approx(0.5)
    assert stats["max drawdown [%]"] == pytest.approx(25)  # 2 to 1.5, though 21 came after it


def test_equity_is_the_cash_after_each_game_and_agrees_with_the_ledger(run):
    assert run.equity["equity_sol"].tolist() == [1.14, 1.08, 0.982]
    assert run.equity["below_peak_sol"].tolist() == [0, 0.06, 0.158]
    assert run.ledger["cash_sol"].iloc[-1] == run.equity["equity_sol"].iloc[-1]
    assert run.trades["profit_sol"].sum() == pytest.approx(run.stats["value"]["total profit [SOL]"])
    assert run.trades["what"].tolist() == ["sell", "won", "sell", "lost", "rug"]


def test_a_compiled_run_has_the_same_trades_and_statistics():
    tick = backtest(strategies["sidebet"], GAMES, engine="tick")
    compiled = backtest(strategies["sidebet"], GAMES, engine="auto")
    assert compiled.results.engine == "compiled"
    pd.testing.assert_frame_equal(tick.trades, compiled.trades)
    values = [tick.figures["value"], compiled.figures["value"]]
    pd.testing.assert_series_equal(*values)


@pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")
@pytest.mark.parametrize("carry", [True, False])
def test_games_after_the_last_fill_are_not_played_again_for_the_trades(carry):
    def spender(o):
        return buy(0.25) if o.units == 0 else hold()

    tick, compiled = (
        backtest(spender, GAMES, engine=engine, cash=0.5, carry=carry) for engine in ("tick", "auto")
    )
    assert compiled.results.engine == "compiled"
    last = max(np.flatnonzero(compiled.results.buys)) + 1
    assert (last < len(GAMES) / 2) == carry
    pd.testing.assert_frame_equal(tick.trades, compiled.trades)
    pd.testing.assert_frame_equal(tick.ledger, compiled.ledger)
    assert sum(len(account.games) for account in compiled.ledgers.accounts) == last


def test_every_figure_has_its_unit_its_n_and_its_interval_or_says_why_not():
    stats = backtest(strategies["sidebet"], GAMES[:50]).stats
    assert stats.columns.tolist() == ["value", "low", "high", "n", "nothing", "expected", "note"]
    assert stats.index.is_unique
    assert [label for label in stats.index if "[" not in label] == ["profit factor"]
    assert (stats["n"] > 0).all()
    bare = stats[stats["low"].isna()]
    assert (bare["note"] != "").all()
    assert stats.loc[PROFIT, "low"] < stats.loc[PROFIT, "value"] < stats.loc[PROFIT, "high"]
    assert stats.loc[PROFIT, "nothing"] == 0
    unknown = ["profit factor", "time in a position [ticks per buy]", "mean gain of a game won [SOL]"]
    assert stats.loc[unknown, "nothing"].isna().all(), "who does nothing has none"
    assert stats.loc[PROFIT, "expected"] < 0
    assert stats.loc[RANDOM, "n"] == 20
    assert stats.loc[CASH, "low"] <= stats.loc[CASH, "value"] <= stats.loc[CASH, "high"]


def test_figures_need_nothing_but_the_results_of_an_engine():
    run = backtest(strategies["sidebet"], GAMES[:50])
    results = play(strategies["sidebet"], GAMES[:50], engine="tick")
    figures = figures_of(results, run.simulation)
    assert run.figures["value"].to_dict() == pytest.approx(
        {label: each.value for label, each in figures.items()}, nan_ok=True
    )
    assert results.equity.tolist() == run.equity_lamports.tolist() == results.cash.tolist()
    assert (results.drawdowns / 1e9).tolist() == run.equity["drawdown_sol"].tolist()


def test_random_strategies_make_what_the_price_process_gives_for_the_strategys_risk():
    for name in ("conservative", "aggressive", "sidebet", "hold_to_target"):
        run = backtest(strategies[name], GAMES, carry=False)
        random = equal_risk(run.results, run.played)
        assert random.profit.mean() == pytest.approx(random.means.mean()), name
        far = abs(random.means.mean() - expected_of(run.results).mean())
        assert 0 < far < 2 * np.std(random.means), name


def test_the_baselines_are_in_the_statistics():
    stats = backtest(strategies["aggressive"], GAMES, carry=False).stats
    value, expected = stats.loc[PROFIT, ["value", "expected"]]
    assert stats.loc[ABOVE, "value"] == pytest.approx(value - expected)
    assert stats.loc[ABOVE, "note"].split(";")[0] in ("gains", "loses", "not distinguishable")
    assert stats.loc[RANDOM, "low"] < expected < stats.loc[RANDOM, "high"]


def test_what_is_expected_of_a_run_is_the_sum_of_the_expected_steps():
    """Against the formula of the tests, tick by tick through the account's own equity."""
    games = GAMES[:60]
    run = backtest(strategies["conservative"], games, engine="tick")
    equity = run.results.accounts[0].equity
    for number, game in enumerate(games):
        rows = equity[(equity["game_id"] == game.id) & (equity["tick"] < game.rug_tick)]
        units = rows["position_sol"].to_numpy() / rows["price"].to_numpy()
        price = rows["price"].to_numpy()
        step = expected_price(price, np.minimum.accumulate(price)) - price
        assert run.results.expected[number] / 1e9 == pytest.approx((units * step).sum(), abs=1e-7)
        assert run.results.at_risk[number] / 1e9 == pytest.approx(rows["position_sol"].sum(), abs=1e-7)


@strategy
def early_bet(o, size=0.05):
    return sidebet(size) if o.tick < 0 else hold()


@pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")
def test_ruin_is_played_with_the_strategys_own_staking():
    """Ten stakes of cash and 100 bets: a random walk, counted exactly."""
    chance = np.zeros(600)
    chance[10] = 1.0
    p = 1 - 0.995**40
    for _ in range(100):
        after = np.zeros(600)
        after[0] = chance[0]
        after[:-1] += np.where(np.arange(600) > 0, chance * (1 - p), 0)[1:]
        after[4:] += np.where(np.arange(600) > 0, chance * p, 0)[:-4]
        chance = after
    stats = backtest(early_bet, GAMES, cash=0.5).stats
    assert chance[0] == pytest.approx(0.754, abs=0.001)
    assert stats.loc[RUIN, "low"] <= 100 * chance[0] <= stats.loc[RUIN, "high"]
    assert stats.loc[RUIN, "n"] == 1000


@pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")
def test_figures_are_of_the_games_that_could_be_played():
    run = backtest(early_bet, GAMES, cash=0.5)
    end = run.gone_after
    assert 10 <= end < 400
    assert run.equity["equity_sol"].iloc[end - 1] == 0
    assert f"the cash ran out after game {end}" in repr(run)
    assert run.stats.loc["cash ran out after [games]", "value"] == end
    assert run.stats.loc[PROFIT, "n"] == run.stats.loc["games [n]", "value"] == end
    assert run.stats.loc[PROFIT, "value"] == pytest.approx(-0.5 / end)
    for label in (PROFIT, ABOVE):
        assert "the cash ran out" in run.stats.loc[label, "note"]
        assert run.stats.loc[label, ["low", "high"]].isna().all()
    assert "no interval" in repr(run)
    assert np.isnan(run.profit_per_game.low)
    assert len(run) == 400
    assert backtest(early_bet, GAMES, cash=0.5, carry=False).gone_after is None


def test_what_is_expected_of_each_game_adds_up_to_what_is_expected_of_all():
    run = backtest(strategies["sidebet"], synthetic(300, seed=70), carry=False)
    assert run.results.staked.any()
    expected = run.stats.loc["profit per game [SOL]", "expected"]
    assert run.games["expected_sol"].mean() == pytest.approx(expected, rel=1e-12)


def test_the_bankroll_is_a_band_around_its_median():
    run = backtest(early_bet, GAMES[:30], cash=1.0)
    paths = run.bankroll
    assert paths.index.tolist() == list(range(101))
    assert paths.iloc[0].tolist() == [1.0, 1.0, 1.0]
    assert (paths["low"] <= paths["median"]).all()
    assert (paths["median"] <= paths["high"]).all()
    assert paths["low"].min() >= 0


def test_sessions_of_selected_games_are_drawn_from_them():
    with pytest.warns(SelectionWarning):
        run = backtest(early_bet, synthetic(3000, seed=4).query("rug_tick <= 40"), cash=0.5)
    assert run.stats.loc[RUIN, "value"] == 0
    assert "drawn from these games" in run.stats.loc[RUIN, "note"]


def test_a_strategy_that_acts_otherwise_on_simulated_games_is_judged_by_its_own():
    known = set(GAMES.ids[:60])

    class ById:
        def begin_game(self, game_id):
            self.here = game_id in known

        def __call__(self, o):
            return buy(0.01) if self.here and o.tick == 1 else hold()

    run = backtest(ById(), GAMES[:60])
    assert run.simulation is None
    assert "by these games alone" in run.stats.loc[PROFIT, "note"]
    assert "drawn from these games" in run.stats.loc[RUIN, "note"]


def test_a_run_that_was_played_tick_by_tick_has_one_interval_and_none_before():
    class Object:
        def __call__(self, o):
            return buy(0.01) if o.tick == 1 else sell() if o.tick == 20 else hold()

    run = backtest(Object(), GAMES[:60], carry=False)
    assert "(interval: see .stats)" in repr(run)
    assert run.figures.loc[[PROFIT, ABOVE], ["low", "high"]].isna().all(axis=None)
    assert (run.figures.loc[[PROFIT, ABOVE], "note"] == PENDING).all()
    assert np.isnan(run.profit_so_far.low)
    asked = run.profit_per_game
    assert asked.low < asked.value < asked.high
    assert run.profit_so_far == asked
    for table in (run.figures, run.stats):
        assert table.loc[PROFIT, ["value", "low", "high"]].tolist() == pytest.approx(
            [asked.value, asked.low, asked.high]
        )
    assert "by the price process" in run.stats.loc[PROFIT, "note"]


def test_a_strategy_that_raises_on_other_games_is_judged_by_its_own():
    known = dict.fromkeys(GAMES.ids[:60])

    class Strict:
        def begin_game(self, game_id):
            if game_id not in known:
                raise ValueError("no signals of this game")

        def __call__(self, o):
            return buy(0.01) if o.tick == 1 else hold()

    stats = backtest(Strict(), GAMES[:60]).stats
    assert "by these games alone" in stats.loc[PROFIT, "note"]
    assert stats.loc[RUIN, "n"] == 20


@pytest.mark.parametrize("name", ["hold_to_target", "conservative", "sidebet"])
def test_nothing_found_is_flagged_about_one_time_in_twenty(name):
    results = play(
        strategies[name], synthetic(200 * 200, seed=42, method="statistical"), Options(carry=False)
    )
    simulation = simulated(strategies[name], results)
    parts = [
        replace(results, game_ids=results.game_ids[at : at + 200], values=results.values[at : at + 200])
        for at in range(0, len(results), 200)
    ]
    flagged = np.mean([above_of(part, simulation).verdict != "not distinguishable" for part in parts])
    assert 0.02 <= flagged <= 0.08


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
    assert "ruin within 100 games" in run._repr_html_()


def test_to_parquet_keeps_games_and_statistics(tmp_path, run):
    run.to_parquet(tmp_path / "run.parquet")
    frame = pd.read_parquet(tmp_path / "run.parquet")
    assert frame["profit_sol"].tolist() == run.games["profit_sol"].tolist()
    assert frame.attrs["strategy"] == "<Strategy plan()>"
    assert frame.attrs["stats"]["total profit [SOL]"] == run.stats["value"]["total profit [SOL]"]


@pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")
@pytest.mark.parametrize("engine", ["tick", "auto"])
def test_orders_that_expired_with_their_game_are_not_counted_as_rejected(engine):
    def late(o):
        if o.tick == 2:
            return buy(0.01)  # the rug comes first
        return buy(7.0) if o.tick == 0 else hold()  # above the maximum

    games = games_of([1.0, 1.1, 1.2, 0.02], [1.0, 1.1, 1.2, 1.3, 0.02])
    run = backtest(late, games, engine=engine)
    labels = ["orders rejected [n]", "orders expired, their game ended first [n]"]
    assert run.stats.loc[labels, "value"].tolist() == [2, 1]
    assert run.results.rejected.tolist() == [1, 1]
    assert run.results.expired.tolist() == [1, 0]
    shown = run.show(0).set_index("tick")["result"]
    assert shown[0] == "above the maximum"
    assert shown[2] == "expired: the game ended before the order was filled"


@pytest.mark.parametrize("games", [30, 200])
@pytest.mark.parametrize("stake", ["after losses", "after wins", "of the cash"])
def test_where_stakes_depend_on_earlier_games_the_interval_covers(stake, games):
    def betting(o, stake=stake):
        if o.tick != 0:
            return hold()
        if stake == "of the cash":
            return sidebet(0.02 * o.cash)
        streak = o.bet_loss_streak if stake == "after losses" else o.bet_win_streak
        return sidebet(min(0.002 * 2.0**streak, 0.5))

    many = synthetic(100 * games, seed=999, method="statistical")
    runs = [play(betting, many[at : at + games], Options(cash_sol=20.0)) for at in range(0, len(many), games)]
    simulation = simulated(as_strategy(betting), runs[0])
    assert simulation.games == games
    truth = np.mean([expected_of(results).mean() for results in runs]) / 1e9
    covered = [profit_of(results, simulation) for results in runs]
    assert np.mean([each.low <= truth <= each.high for each in covered]) >= 0.9
    flagged = [above_of(results, simulation).verdict != "not distinguishable" for results in runs]
    assert np.mean(flagged) <= 0.1


def test_where_stakes_depend_on_earlier_games_the_note_says_how_the_interval_was_made():
    def doubling(o):
        return sidebet(min(0.002 * 2.0**o.bet_loss_streak, 0.5)) if o.tick == 0 else None

    games = synthetic(400, seed=999, method="statistical")
    compiled, by_tick = (backtest(doubling, games, cash=100.0, engine=each) for each in ("auto", "tick"))
    assert "by sessions of as many simulated games" in compiled.stats.loc[PROFIT, "note"]
    assert compiled.stats.loc[PROFIT, "low"] < 0 < compiled.stats.loc[PROFIT, "high"]
    assert depends_on_past(by_tick.results)
    assert "no interval, as stakes depend on the games before" in by_tick.stats.loc[PROFIT, "note"]
    assert "(no interval)" in repr(by_tick)
    assert "too few" not in repr(by_tick)
    assert not depends_on_past(backtest(early_bet, GAMES, cash=50.0).results)
