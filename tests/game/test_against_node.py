"""10,000 random seeds against npm seedrandom: as stored digests, and against Node where it is there."""

import hashlib
import pathlib
import subprocess

import numpy as np
import pytest

from rugs_lab.game.provably_fair import SeedRandom
from rugs_lab.recordings.games.synthetic import replay_games

SCRIPT = pathlib.Path(__file__).parents[1] / "support" / "seedrandom.cjs"
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
    prices = replay_games(SEEDS, IDS)
    assert hashlib.sha256(prices.flat.tobytes()).hexdigest() == PRICES


def test_node_itself_says_the_same():
    try:
        done = subprocess.run(["node", SCRIPT], capture_output=True, text=True, check=False, timeout=100)
    except OSError:
        pytest.skip("node is not there")
    if "Cannot find module 'seedrandom'" in done.stderr:
        pytest.skip("npm seedrandom is not there: npm install seedrandom, and NODE_PATH=.../node_modules")
    assert done.stdout.split() == [NUMBERS, PRICES]
