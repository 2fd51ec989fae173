"""Paper money beside the people who play: which board counts, ranks, random bots, the trace, several bots."""

import numpy as np
import pytest
from scipy.special import betaincinv

import rugs_lab as rl
from rugs_lab.estimates.estimate import share_interval
from rugs_lab.game.leaderboard import parse_leaderboard
from rugs_lab.game.limits import PRACTICE_COIN
from rugs_lab.trading.paper.versus_humans import random_of, standing_of


def board(*profits, practice=()):
    return [
        {
            "position": place,
            "id": f"p{place}",
            "pnl": profit,
            "selectedCoin": {"address": PRACTICE_COIN} if place in practice else None,
        }
        for place, profit in enumerate(profits, start=1)
    ]


def play_game(feed, ticks=30, *, running=(), rug=(), after=()):
    """Play a game; boards while it runs, in the frame of its rug, and in the cooldown after it."""
    before = {"active": False, "rugged": False, "price": 1.0, "tickCount": 0}
    feed.say(**before, cooldownTimer=5_000, allowPreRoundBuys=True)
    feed.dispatcher.end(10)
    for _ in range(ticks):
        feed.tick(leaderboard=board(*running))
        feed.dispatcher.end(10)
    played = feed.game_id
    if rug is not None:
        feed.rug(leaderboard=rug)
    feed.dispatcher.end(10)
    feed.begin()
    if after is not None:
        feed.say(cooldownTimer=14_900, allowPreRoundBuys=False, leaderboard=after)
    feed.cooldown(9_900)
    feed.dispatcher.end(10)
    return played


def hasty(o, size=0.1):
    return rl.buy(size) if o.tick >= 0 and not o.units else rl.hold()


def test_the_board_that_counts_is_that_of_the_rug_and_never_one_of_the_running_game(feed):
    game = play_game(feed, running=(9.0, 8.0), rug=board(0.5, -0.1), after=board(0.5, -0.1))
    assert [row.pnl_sol for row in feed.boards.of(game)] == [0.5, -0.1]
    assert feed.boards.of(feed.game_id) == ()


def test_where_the_rug_frame_had_no_board_that_of_the_cooldown_is_the_old_games(feed):
    game = play_game(feed, running=(9.0,), rug=[], after=board(0.25))
    assert [row.pnl_sol for row in feed.boards.of(game)] == [0.25]
    assert feed.boards.of(feed.game_id) == ()


def test_a_game_without_a_board_has_no_rank(feed):
    paper = feed.paper(hasty)
    game = play_game(feed, running=(9.0,), rug=[], after=[])
    row = paper.versus_humans.loc[game]
    assert row["people"] == 0
    assert row[["rank", "at_least", "best_sol", "median_sol"]].isna().all()
    assert row["profit_sol"] < 0


def test_the_bots_profit_stands_among_the_people_without_practice_players(feed):
    paper = feed.paper(hasty)
    first = play_game(feed, rug=board(0.5, 0.3, 0.1, -0.2, practice=(2,)))
    second = play_game(feed, rug=board(-0.01, -5.0))
    frame = paper.versus_humans
    profit = paper.trades.groupby("game_id")["profit_sol"].sum()
    assert frame.index.tolist() == [first, second]
    assert frame["profit_sol"].tolist() == [profit[first], profit[second]]
    assert frame.loc[first, ["people", "best_sol", "median_sol", "worst_sol"]].tolist() == [3, 0.5, 0.1, -0.2]
    assert frame["rank"].tolist() == [1 + sum(each > profit[first] for each in (0.5, 0.1, -0.2)), 2]
    assert frame["at_least"].tolist() == [False, False]
    assert frame["nothing_sol"].tolist() == [0.0, 0.0]


def test_below_a_full_board_the_rank_is_a_lower_bound():
    full = parse_leaderboard(board(*np.linspace(1.0, 0.1, 10), practice=(1, 2)))
    assert standing_of(0, full)[:2] == (9, True)
    assert standing_of(150_000_000, full)[:2] == (8, False)
    assert standing_of(0, full[:9])[:2] == (8, False)
    assert standing_of(0, ()) == (None, False, ())


def test_random_strategies_take_as_much_risk_over_the_games_so_far(feed):
    def betting(o):
        return rl.sidebet(0.01) if o.tick >= 1 and o.bet_ticks_left <= 1 else rl.hold()

    bots = [feed.paper(hasty), feed.paper(betting), feed.paper(lambda o: None)]
    for _ in range(3):
        play_game(feed, ticks=60, rug=board(0.5))
    for paper in bots:
        ids, random = random_of(paper)
        frame = paper.versus_humans
        assert frame.index.tolist() == ids
        assert frame["random_sol"].tolist() == pytest.approx((random.profit / 1e9).tolist())
    assert (bots[2].versus_humans["random_sol"] == 0).all()
    assert (bots[0].versus_humans["random_sol"] != 0).any()
    later = play_game(feed, ticks=60, rug=board(0.5))
    assert bots[0].versus_humans.loc[later, "random_sol"] < 0
    assert feed.bots["above_expected"].tolist() == ["not distinguishable"] * 3


def test_the_trace_says_what_was_seen_given_and_done(feed):
    def once(o):
        if o.tick == 3:
            return rl.buy(0.1)
        if o.tick == 6:
            return rl.sell(0.5), rl.sidebet(0.01)
        return rl.sell() if o.tick == 1 else rl.hold()

    paper = feed.paper(once)
    game = play_game(feed, ticks=12)
    trace = paper.trace
    prices = feed.games[-1].prices
    seen = trace[trace["tick"] >= 0]
    assert seen["tick"].tolist() == list(range(12))
    assert seen["price"].tolist() == prices[:12].tolist()
    assert (seen["game_id"] == game).all()
    acted = seen[seen["decision"] != "hold()"].set_index("tick")
    assert acted["decision"].tolist() == ["sell(1)", "buy(0.1)", "sell(0.5), sidebet(0.01)"]
    assert acted.loc[1, "result"] == "no position to sell"
    assert acted.loc[3, "result"] == f"filled at tick 4, {prices[4]:.6g}x"
    assert acted.loc[6, "result"] == f"filled at tick 7, {prices[7]:.6g}x; filled at tick 7, {prices[7]:.6g}x"
    assert (seen[seen["decision"] == "hold()"]["result"] == "").all()
    assert seen["equity_sol"].tolist()[:5] == pytest.approx([1.0] * 5, abs=1e-9)  # units are rounded down
    assert len(trace) == paper.decisions.decisions


def test_several_bots_have_an_account_each_in_one_table(feed):
    paper = feed.paper(hasty, size=0.2)
    other = feed.paper(hasty, cash=3.0)
    idle = feed.paper(lambda o: None)
    for _ in range(3):
        play_game(feed, rug=board(0.5, -0.3))
    table = feed.bots
    assert table.index.tolist() == ["hasty 1", "hasty 2", "<lambda>"]
    assert table["games"].tolist() == [3, 3, 3]
    assert table["realised_sol"].tolist() == [paper.account.realised_sol, other.account.realised_sol, 0.0]
    assert other.account.start_sol == 3.0
    assert table["ranked_games"].tolist() == [3, 3, 3]
    mean = np.mean(paper.versus_humans["profit_sol"])
    assert table.loc["hasty 1", "profit_per_game_sol"] == pytest.approx(mean, abs=1e-9)
    assert table.loc["hasty 1", ["low_sol", "high_sol"]].isna().all()  # of three games
    assert table.loc["hasty 1", "people_median_sol"] == pytest.approx(0.1)
    row = table.loc["<lambda>"]
    assert row["beaten"] == row["beaten_by_nothing"] == 0.5
    assert 0 < row["beaten_low"] < 0.5 < row["beaten_high"] < 1
    assert row["beaten_low"] == pytest.approx(betaincinv(1.5, 2.5, 0.025))  # 1.5 of 3, as of whole numbers
    other.close()
    assert feed.papers == (paper, idle)
    assert feed.bots.index.tolist() == ["hasty", "<lambda>"]


@pytest.mark.parametrize("count", [3, 12, 100])
@pytest.mark.parametrize("people", [1, 10])
def test_the_interval_of_the_people_beaten_covers_whatever_their_number_and_luck(count, people):
    rng, runs, covered = np.random.default_rng(5), 400, []
    for chance in (0.02, 0.3, 0.5, 0.9):
        # How the games' shares hang together is not known: from all alike to all or none in a game.
        for spread in (0.2, 50.0):
            of_game = rng.beta(spread * chance, spread * (1 - chance), (runs, count))
            shares = rng.binomial(people, of_game) / people
            low, high = share_interval(shares.sum(axis=1), np.full(runs, count))
            covered.append(np.mean((low <= chance) & (chance <= high)))
    assert min(covered) > 0.95 - 4 * (0.95 * 0.05 / runs) ** 0.5


def test_without_bots_the_tables_have_their_columns(feed):
    assert len(feed.bots) == 0
    assert feed.paper(lambda o: None).feed.bots[["beaten", "beaten_low"]].isna().all(axis=None)
    assert feed.bots["profit_per_game_sol"].dtype == float
    frame = feed.paper(hasty).versus_humans
    assert (len(frame), frame["rank"].dtype) == (0, "Int64")


def test_a_new_session_begins_without_games(feed):
    paper = feed.paper(hasty)
    play_game(feed, rug=board(0.5))
    assert len(paper.versus_humans) == 1
    paper.reset()
    assert len(paper.versus_humans) == 0
    game = play_game(feed, rug=board(0.5))
    assert paper.versus_humans.index.tolist() == [game]


@pytest.mark.parametrize("known", [False, True])
def test_a_game_that_is_replayed_in_a_new_session_has_no_figures_of_the_old_one(known):
    feed = rl.ReplayFeed(rl.sample()[3], playing=False)
    if known:
        feed.boards.of = lambda game_id: parse_leaderboard(board(0.5, -0.3))
    paper = feed.paper()
    feed.seek(3)
    paper.submit(rl.buy(0.5))
    feed.finish()
    before = paper.versus_humans.iloc[0]
    assert before["profit_sol"] != 0
    assert before["random_sol"] != 0
    feed.seek(-1)
    paper.reset()
    feed.finish()
    after = paper.versus_humans
    assert len(paper.ledger) == 0
    assert after[["profit_sol", "random_sol"]].values.tolist() == [[0.0, 0.0]]
    assert after["rank"].notna().tolist() == [known]
    paper.close()
    feed.stop()


def test_on_the_built_in_server_bots_are_ranked_by_its_boards():
    with rl.demo(speed=50, seed=11) as feed:
        paper = feed.wait(ticks=1).paper(hasty)
        known = len(feed.games)
        feed.wait(games=known + 3, timeout=60)
        frame = paper.versus_humans
    assert len(frame) >= 2
    assert (frame["people"] > 0).all()
    assert (frame["best_sol"] >= frame["median_sol"]).all()
    assert frame["rank"].between(1, 11).all()
