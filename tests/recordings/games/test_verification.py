from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


VERSIONS = ("v1", "v2", "v3")
SEEDS = [f"{number:064x}" for number in range(6)]
MANY = [(f"20260101-{number:016x}", seed) for number, seed in enumerate(SEEDS)]
FOLLOWS = {
    (game_id, seed, version): replay_prices(seed, game_id, version)
    for game_id, _ in MANY
    for seed in SEEDS
    for version in VERSIONS
}


def one_by_one(game):
    """Return what `verify` says of a game, by the definition: price after price, without arrays of games."""
    row = dict.fromkeys(COLUMNS)
    row["version"] = game.version
    known = [tick for tick, price in enumerate(game.prices) if not np.isnan(price)]
    row["known_ticks"] = len(known)
    if game.server_seed is None:
        return row
    if game.server_seed_hash is not None:
        row["hash"] = seed_hash(game.server_seed) == game.server_seed_hash
    replayed = FOLLOWS.get((game.id, game.server_seed, game.version or "v3"))
    if replayed is not None:
        row["replayed_ticks"] = len(replayed) - 1
        if known:
            differs = [n for n in known if n >= len(replayed) or game.prices[n] != replayed[n]]
            row["prices"] = not differs
            row["first_difference"] = differs[0] if differs else None
        if game.rug_tick is not None:
            row["length"] = game.rug_tick == len(replayed) - 1
        if known and game.rug_tick is not None:
            row["rug_price"] = None if np.isnan(game.rug_price) else game.rug_price == replayed[-1]
            row["peak"] = None if game.missing else game.peak == replayed[:-1].max()
    wrong = [name for name in ("hash", "prices", "length", "peak", "rug_price") if row[name] is False]
    if wrong:
        row["verified"] = None if game.version is None and "hash" not in wrong else False
    elif row["prices"] and game.rug_tick is not None and not game.missing:
        row["verified"] = True
    return row


@st.composite
def damaged(draw):
    """Draw a game that was played, and what may have become of it."""
    game_id, seed = draw(st.sampled_from(MANY))
    version = draw(st.sampled_from(VERSIONS))
    prices = FOLLOWS[game_id, seed, version].copy()
    rug = len(prices) - 1
    for what in draw(st.lists(st.sampled_from(("hole", "price", "cut", "half", "longer", "rug", "none")))):
        at = draw(st.integers(0, max(len(prices) - 1, 0)))
        if what == "hole" and len(prices):
            prices[at] = np.nan
        elif what == "price" and len(prices):
            prices[at] = np.nextafter(prices[at], 9)
        elif what == "longer":
            prices = np.append(prices, 1.0)
        elif what == "rug":
            rug += draw(st.sampled_from((-1, 1)))
        else:
            prices = prices[: {"cut": len(prices) - 1, "half": len(prices) // 2}.get(what, 0)]
    rug_tick = draw(st.sampled_from((None, max(rug, 0))))
    published = draw(st.sampled_from((seed, seed, SEEDS[0], None)))
    commitment = draw(st.sampled_from((None, seed_hash(seed), seed_hash("another"))))
    named = draw(st.sampled_from((version, version, None, "v3", "v9")))
    return Game(game_id, prices, None, rug_tick, published, commitment, named)


@settings(max_examples=60, deadline=None)
@given(st.lists(damaged(), max_size=8))
def test_columns_of_games_say_what_one_game_after_the_other_says(games):
    expected = [one_by_one(each) for each in games]
    for given_games in (games, Games(games)):
        rows = verify(given_games)
        assert rows.index.tolist() == [each.id for each in games]
        found = [
            {name: None if pd.isna(row[name]) else row[name] for name in COLUMNS}
            for _, row in rows.iterrows()
        ]
        assert found == expected
    assert [each.verified for each in games] == [row["verified"] for row in expected]


def test_thousands_of_damaged_games_say_what_one_game_after_the_other_says():
    """Enough for the compiled process, in several pieces, in two stores."""
    rng = np.random.default_rng(5)
    games = []
    for _ in range(9000):
        game_id, seed = MANY[rng.integers(len(MANY))]
        version = VERSIONS[rng.integers(3)]
        prices = FOLLOWS[game_id, seed, version]
        rug = len(prices) - 1
        what = rng.integers(8)
        if what == 0:
            rug += rng.choice((-1, 1))
        elif what == 1:
            prices = prices[:-1]
        elif what == 2:
            prices = prices[: len(prices) // 2]
        elif what == 3:
            seed = SEEDS[rng.integers(len(SEEDS))]
        elif what == 4:
            seed = None
        elif what == 5:
            version = "v2" if version == "v3" else None
        games.append(Game(game_id, prices, None, None if what == 6 else int(rug), seed, None, version))
    expected = [one_by_one(each) for each in games]
    rows = verify(Games(games[:4500]) + Games(games[4500:]))
    for name in COLUMNS:
        found = rows[name].astype(object).to_numpy()
        assert [None if pd.isna(value) else value for value in found] == [row[name] for row in expected], name
    assert 0 < (rows["verified"] == True).sum() < 9000  # noqa: E712
    assert (rows["verified"] == False).any()  # noqa: E712
    assert rows["verified"].isna().any()


def test_no_games_are_verified_too():
    assert len(verify([])) == len(Games().verify()) == len(verify(Games.from_stores())) == 0
