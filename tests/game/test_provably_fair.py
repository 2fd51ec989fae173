import hashlib

import numpy as np
import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.game.limits import RUG_FACTOR
from rugs_lab.game.provably_fair import SeedRandom, replay_prices, seed_hash

# First three numbers of npm seedrandom 3.0.5 for each key (printed by Node).
VECTORS = {
    "hello.": (0.9282578795792454, 0.3752569768646784, 0.7316977468919549),
    "": (0.23144008215179881, 0.27404636548159655, 0.7901279251811976),
    "a": (0.43449421599986604, 0.5451403460013228, 0.3578386258898537),
    "x" * 300: (0.952495823023581, 0.9378530102966817, 0.8504259399717166),
    "ключ é \N{MATHEMATICAL BOLD FRAKTUR CAPITAL L} " * 40: (
        0.32117639670593806,
        0.984302425265233,
        0.9051202440427181,
    ),
    "\0\u00ff\uffff": (0.23066557283340605, 0.6478030799025701, 0.2300880755968329),
}


@pytest.mark.parametrize("key", VECTORS, ids=["usual", "empty", "short", "over 256", "beyond ASCII", "edges"])
def test_numbers_equal_npm_seedrandom(key):
    random = SeedRandom(key)
    assert (random(), random(), random()) == VECTORS[key]


def test_a_game_starts_at_one_and_ends_at_the_rug_price():
    prices = replay_prices("0" * 64, "20260101-0000000000000000")
    assert prices[0] == 1.0
    assert prices[-1] == prices[:-1].min() * RUG_FACTOR
    assert prices.dtype == np.float64


def test_the_same_seed_gives_the_same_game_and_another_id_another_one():
    first = replay_prices("ab" * 32, "20260101-0000000000000000")
    assert np.array_equal(first, replay_prices("ab" * 32, "20260101-0000000000000000"))
    assert not np.array_equal(first[:5], replay_prices("ab" * 32, "20260101-0000000000000001")[:5])


def test_versions_share_the_draws_up_to_the_god_candle():
    games = {version: replay_prices("cd" * 32, "20260101-1", version) for version in ("v1", "v2", "v3")}
    assert np.array_equal(games["v1"], games["v2"])  # no price above 100 in this game
    assert not np.array_equal(games["v2"][:3], games["v3"][:3])  # v3 draws once more per tick


def test_hash_is_sha256_of_the_text():
    assert seed_hash("abc") == hashlib.sha256(b"abc").hexdigest()


@pytest.mark.parametrize(("seed", "game"), [(None, "x"), ("x", 7), (b"x", "x")])
def test_a_seed_or_id_that_is_no_string_says_what_is_expected(seed, game):
    with pytest.raises(ArgumentError, match="must be a string"):
        replay_prices(seed, game)


def test_an_unknown_version_says_which_there_are():
    with pytest.raises(ArgumentError, match="v1, v2, v3"):
        replay_prices("a", "b", "v9")
