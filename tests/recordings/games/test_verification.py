from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.game.provably_fair import replay_prices, seed_hash
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.verification import COLUMNS, verify

ID, SEED = "20260101-0123456789abcdef", "7" * 64
PRICES = replay_prices(SEED, ID)


def game(prices=PRICES, rug=True, **more):
    fields = {"server_seed": SEED, "server_seed_hash": seed_hash(SEED), "version": "v3", **more}
    return Game(ID, prices, rug_tick=len(prices) - 1 if rug else None, **fields)


def points(value, **more):
    row = verify(value, **more).iloc[0]
    return {name: None if row[name] is None or row.isna()[name] else row[name] for name in COLUMNS}


def test_a_true_game_is_true_in_every_point():
    row = points(game())
    assert all(row[name] for name in ("verified", "hash", "prices", "length", "peak", "rug_price"))
    assert row["first_difference"] is None
    assert row["replayed_ticks"] == len(PRICES) - 1


def test_one_changed_bit_is_found_at_its_tick():
    prices = PRICES.copy()
    prices[5] = np.nextafter(prices[5], 9)
    row = points(game(prices))
    assert not row["verified"]
    assert not row["prices"]
    assert row["first_difference"] == 5
    assert row["length"]


def test_a_game_cut_short_or_drawn_out_is_found():
    assert not points(game(PRICES[:-1]))["length"]
    longer = np.append(PRICES, 1.0)
    row = points(game(longer))
    assert row["first_difference"] == len(PRICES)
    assert not row["verified"]


def test_a_wrong_rug_price_is_found():
    prices = PRICES.copy()
    prices[-1] *= 2
    row = points(game(prices))
    assert not row["rug_price"]
    assert not row["verified"]


def test_a_seed_that_does_not_belong_to_its_commitment_is_found():
    row = points(game(server_seed_hash=seed_hash("other")))
    assert not row["hash"]
    assert row["prices"]
    assert not row["verified"]


def test_what_is_not_known_is_not_told():
    row = points(game(server_seed=None))
    assert [row[name] for name in ("verified", "hash", "prices", "length")] == [None] * 4
    row = points(game(PRICES[:10], rug=False, server_seed_hash=None))
    assert row["prices"]
    assert row["verified"] is None
    assert [row[name] for name in ("hash", "length", "rug_price")] == [None] * 3


def test_a_hole_is_not_a_difference():
    prices = PRICES.copy()
    prices[3:6] = np.nan
    row = points(game(prices))
    assert row["verified"] is None
    assert row["prices"]
    assert row["known_ticks"] == len(PRICES) - 3
    assert row["peak"] is None


def test_a_recording_with_a_seed_from_elsewhere():
    assert points(game(server_seed=None), server_seed=SEED)["verified"]
    assert not points(game(server_seed=None), server_seed="8" * 64)["verified"]


def test_seed_and_id_alone_tell_what_follows():
    row = points(None, server_seed=SEED, game_id=ID)
    assert row["replayed_ticks"] == len(PRICES) - 1
    assert row["verified"] is None


def test_many_games_at_once_give_the_same_verdicts_as_one_by_one():
    import rugs_lab as rl

    games = list(rl.synthetic(260, seed=2))
    changed = games[40].prices.copy()
    changed[1] += 0.5
    seed, version = games[40].server_seed, games[40].version
    games[40] = Game(games[40].id, changed, None, len(changed) - 1, seed, version=version)
    together = verify(Games(games))
    assert together["verified"].sum() == 259
    assert together.loc[games[40].id, "first_difference"] == 1
    for each in (games[0], games[40]):
        assert verify(each).iloc[0].equals(together.loc[each.id])


def test_what_to_verify_must_be_said():
    with pytest.raises(ArgumentError, match="verify needs games"):
        verify()
    with pytest.raises(ArgumentError, match="goes with one game"):
        verify(Games([game()]), server_seed=SEED)


HALF = len(PRICES) // 2
CASES = {
    "honest": (game(), True),
    "rug tick one too late": (replace(game(), rug_tick=len(PRICES)), False),
    "rug tick one too early": (replace(game(), rug_tick=len(PRICES) - 2), False),
    "rug price cut off": (replace(game(PRICES[:-1]), rug_tick=len(PRICES) - 1), None),
    "half cut off, its rug known": (replace(game(PRICES[:HALF]), rug_tick=len(PRICES) - 1), None),
    "half cut off, called complete": (game(PRICES[:HALF]), False),
    "half cut off, no rug": (game(PRICES[:HALF], rug=False), None),
    "drawn out": (game(np.append(PRICES, 1.0)), False),
    "a hole": (game(np.where(np.arange(len(PRICES)) == 3, np.nan, PRICES)), None),
    "a changed price": (game(PRICES + (np.arange(len(PRICES)) == 3)), False),
    "another seed's hash": (game(server_seed_hash=seed_hash("other")), False),
    "no hash": (game(server_seed_hash=None), True),
    "no seed": (game(server_seed=None), None),
    "an unknown price process": (game(version="v9"), None),
    "no version": (game(version=None), True),
    "no version, other prices": (game(PRICES + (np.arange(len(PRICES)) == 3), version=None), None),
}


def known(value):
    return None if pd.isna(value) else bool(value)


@pytest.mark.parametrize("name", CASES)
def test_one_rule_says_the_same_everywhere(name):
    value, expected = CASES[name]
    games = Games([replace(value)])
    assert value.verified is expected
    assert known(games.verify().iloc[0]) is expected
    assert known(games.frame["verified"].iloc[0]) is expected
    assert known(verify(value)["verified"].iloc[0]) is expected
    many = Games([replace(value, id=f"{ID}{n}", server_seed=None) for n in range(250)] + [value])
    assert known(verify(many)["verified"].iloc[-1]) is expected, "compiled"


@pytest.mark.parametrize(
    "name", ["rug price cut off", "half cut off, its rug known", "rug tick one too late"]
)
def test_a_game_whose_rug_lies_beyond_its_prices_is_not_complete(name):
    value, _ = CASES[name]
    assert value.status == "gaps"
    assert value.missing == value.rug_tick + 1 - len(value)
    row = Games([value]).frame.iloc[0]
    assert (row["status"], row["missing"], row["ticks"]) == ("gaps", value.missing, value.rug_tick)
