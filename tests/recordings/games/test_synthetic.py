import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.game.provably_fair import replay_prices
from rugs_lab.recordings.games import synthetic as module
from rugs_lab.recordings.games.game_stores import Prices
from rugs_lab.recordings.games.seed_prices import CHUNK, play_games
from rugs_lab.recordings.games.synthetic import synthetic

BOTH = pytest.mark.parametrize("method", ["exact", "statistical"])


def flat(games):
    return games.prices.tobytes(), games.offsets.tobytes(), games.ids.tolist()


@BOTH
def test_the_same_seed_gives_the_same_games_whatever_the_chunks_and_threads(method, monkeypatch):
    games = synthetic(300, seed=7, method=method, threads=1)
    as_one = flat(games)
    monkeypatch.setattr(module, "CHUNK", 64)
    assert flat(synthetic(300, seed=7, method=method, threads=3)) == as_one
    longer = synthetic(1000, seed=7, method=method, threads=2)
    assert flat(longer[:300]) == as_one
    assert not np.array_equal(synthetic(300, seed=8, method=method).prices[:50], games.prices[:50])


@BOTH
def test_one_game_is_the_same_as_among_many(method):
    games = synthetic(CHUNK + 10, seed=3, method=method)
    for place in (0, 17, CHUNK - 1, CHUNK, CHUNK + 9):
        span = slice(games.offsets[place], games.offsets[place + 1])
        assert games[place].prices.tobytes() == games.prices[span].tobytes()
        assert games[place].id == games.ids[place]


@BOTH
def test_games_are_whole_and_their_ids_unique(method):
    games = synthetic(2000, seed=1, method=method)
    frame = games.frame
    assert frame.index.is_unique
    assert set(frame["status"]) == {"complete"}
    rug_prices = [game.prices[:-1].min() * (1 - 0.98) for game in games[:200]]
    assert frame["rug_price"][:200].tolist() == rug_prices


@BOTH
def test_some_games_have_the_same_index_as_among_all(method):
    games = synthetic(CHUNK + 50, seed=4, method=method)
    some = games[CHUNK - 20 : CHUNK + 20].frame
    assert some.equals(games.frame.iloc[CHUNK - 20 : CHUNK + 20])


def test_exact_games_follow_from_their_seeds():
    for game in synthetic(20, seed=5):
        assert np.array_equal(game.prices, replay_prices(game.server_seed, game.id))
        assert game.verified


def test_statistical_games_say_that_they_cannot_be_verified():
    game = synthetic(1, seed=5, method="statistical")[0]
    assert game.server_seed is None
    assert game.verified is None
    assert game.file == "synthetic statistical, seed 5"


def test_without_a_seed_games_are_fresh():
    assert synthetic(1)[0].id != synthetic(1)[0].id


def test_no_games():
    assert len(synthetic(0)) == 0
    assert len(synthetic(0, seed=1).prices) == 0


@BOTH
def test_the_law_of_the_games(method):
    """Each share within four standard errors of what PROTOCOL section 7 says."""
    n = 60_000
    games = synthetic(n, seed=11, method=method)
    rug_tick = games.frame["rug_tick"].to_numpy(dtype=float)
    ticks = rug_tick.sum()
    assert abs(n / ticks - 0.005) < 4 * 0.005 / np.sqrt(n)
    soon = 1 - 0.995**40
    assert abs((rug_tick <= 40).mean() - soon) < 4 * np.sqrt(soon * (1 - soon) / n)
    some = games[:20_000]
    prices, offsets = some.prices, some.offsets
    with np.errstate(invalid="ignore"):
        returns = prices[1:] / prices[:-1] - 1
    keep = np.ones(len(returns), bool)
    keep[offsets[1:-1] - 1] = False  # from one game to the next
    keep[offsets[1:] - 2] = False  # the rug itself
    moves = returns[keep]
    big = np.abs(moves) >= 0.149
    m = len(moves)
    assert abs(big.mean() - 0.125) < 4 * np.sqrt(0.125 * 0.875 / m)
    up = (moves[big] > 0).mean()
    assert abs(up - 0.5) < 4 * np.sqrt(0.25 / big.sum())
    drift = moves[~big]
    assert abs(drift.mean() - 0.005) < 4 * drift.std() / np.sqrt(len(drift))


def test_many_games_are_replayed_in_their_order():
    seeds = [f"{n:064x}" for n in range(CHUNK + 5)]
    ids = [f"20260101-{n:016x}" for n in range(CHUNK + 5)]
    prices = Prices(*play_games(seeds, ids))
    for n in (0, 1, CHUNK - 1, CHUNK + 4):
        span = slice(prices.offsets[n], prices.offsets[n + 1])
        assert np.array_equal(prices.flat[span], replay_prices(seeds[n], ids[n]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n": -1}, "n must be"),
        ({"n": 2.5}, "n must be"),
        ({"seed": -1}, "seed must be"),
        ({"seed": 2**64}, "seed must be"),
        ({"method": "quick"}, "exact, statistical"),
        ({"version": "v4"}, "v1, v2, v3"),
    ],
)
def test_what_is_not_allowed_says_what_is(changes, message):
    with pytest.raises(ArgumentError, match=message):
        synthetic(**{"n": 1, **changes})


@pytest.mark.parametrize("method", ["exact", "statistical"])
@pytest.mark.parametrize("of", [0, 10])
def test_no_games_have_every_table(method, of, tmp_path):
    games = rl.synthetic(of, method=method)[:0]
    assert len(games.frame) == len(games.ticks) == len(games.trades) == len(games.sidebets) == 0
    assert len(rl.verify(games)) == 0
    assert len(rl.load(games.save(tmp_path / "none.parquet"))) == 0
    assert len(rl.backtest(rl.strategies["random"], games).results) == 0
