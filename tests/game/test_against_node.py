"""10,000 random seeds against npm seedrandom: as stored digests, and against Node where it is there."""

import hashlib

import numpy as np

from rugs_lab.game.provably_fair import SeedRandom
from rugs_lab.recordings.games.seed_prices import play_games
from tests.support import node

SCRIPT = node.ROOT / "tests" / "support" / "seedrandom.cjs"
GAMES = 10_000
NUMBERS = "5f6a9bcf962aa1524ed755539c904b5ea41dce5d1550d48a5e3bc9e06a9b7ce8"
PRICES = "6b2cf9fdd53e7e18c2a56c94dc02b2aecb75c1c4619d8b162278747d696d15f2"
"""Printed by Node 20 with npm seedrandom 3.0.5 (`tests/support/seedrandom.cjs`)."""

SEEDS = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(GAMES)]
IDS = [f"20260101-{n:016x}" for n in range(GAMES)]


def test_the_first_numbers_of_ten_thousand_keys():
    digest = hashlib.sha256()
    for seed, game in zip(SEEDS, IDS, strict=True):
        random = SeedRandom(f"{seed}-{game}")
        digest.update(np.array([random(), random(), random()]).tobytes())
    assert digest.hexdigest() == NUMBERS


def test_every_price_of_ten_thousand_games():
    prices, _, _ = play_games(SEEDS, IDS)
    assert hashlib.sha256(prices.tobytes()).hexdigest() == PRICES


def test_node_itself_says_the_same():
    node.need_packages()
    assert node.run("node", SCRIPT).split() == [NUMBERS, PRICES]
