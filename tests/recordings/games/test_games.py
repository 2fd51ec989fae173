"""`Games` as columns: the same answers as game by game, without copies."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import ArgumentError
from rugs_lab.game.trade import parse_trade
from rugs_lab.recordings.games.game import STATUSES, Game, Source
from rugs_lab.recordings.games.game_stores import Details, offsets_of
from rugs_lab.recordings.games.games import Games

FIELDS = list(Game.__dataclass_fields__)[:11]


@st.composite
def some_games(draw):
    made = []
    for n in range(draw(st.integers(0, 6))):
        prices = draw(st.lists(st.one_of(st.floats(1e-3, 1e6), st.just(float("nan"))), max_size=8))
        backfilled = draw(st.lists(st.integers(1, 5), min_size=len(prices), max_size=len(prices)))
        sources = [0 if price != price else way for price, way in zip(prices, backfilled, strict=True)]
        rug = draw(st.sampled_from([None, len(prices) - 1, max(len(prices) - 3, 0)])) if prices else None
        made.append(Game(f"game-{n}", np.array(prices), np.array(sources, np.uint8), rug))
    return made


def as_arrays(games):
    return Games.from_arrays(
        [game.id for game in games],
        np.concatenate([game.prices for game in games]) if games else [],
        offsets_of([len(game) for game in games]),
        rug_ticks=[-1 if game.rug_tick is None else game.rug_tick for game in games],
        sources=np.concatenate([game.sources for game in games]) if games else None,
    )


def five(**more):
    prices = [1.0, 0.02, 1.0, 2.0, 0.02, 1.0, 12.0, 0.02, 1.0, 1.1, 1.0]
    return Games.from_arrays(list("abcde"), prices, [0, 2, 5, 8, 11, 11], rug_ticks=[1, 2, 2, -1, -1], **more)


@given(some_games())
def test_columns_say_what_each_game_says(games):
    """Status, peak and the rest follow one rule, whether asked of a game or computed for all at once."""
    for columns in (as_arrays(games).columns, Games(games).columns):
        assert [STATUSES[code] for code in columns.status] == [game.status for game in games]
        assert columns.length.tolist() == [len(game) for game in games]
        assert columns.missing.tolist() == [game.missing for game in games]
        assert columns.source.tolist() == [game.sources.max(initial=0) for game in games]
        for name in ("peak", "rug_price"):
            np.testing.assert_array_equal(getattr(columns, name), [getattr(game, name) for game in games])
        for name in ("peak_tick", "rug_tick"):
            told = [getattr(game, name) for game in games]
            assert getattr(columns, name).tolist() == [-1 if tick is None else tick for tick in told]


@given(some_games())
def test_games_come_back_out_of_arrays(games):
    for back, game in zip(as_arrays(games), games, strict=True):
        np.testing.assert_array_equal(back.prices, game.prices)
        np.testing.assert_array_equal(back.sources, game.sources)
        assert (back.id, back.rug_tick, back.status) == (game.id, game.rug_tick, game.status)


@given(some_games(), st.data())
def test_any_selection_of_two_parts_is_that_of_a_list(games, data):
    both = as_arrays(games) + Games(games)
    places = data.draw(st.lists(st.integers(0, max(2 * len(games) - 1, 0)), max_size=8)) if games else []
    picked = both[places]
    expected = [(games + games)[place] for place in places]
    assert [game.id for game in picked] == [game.id for game in expected] == picked.ids.tolist()
    flat = np.concatenate([game.prices for game in expected]) if expected else []
    np.testing.assert_array_equal(picked.prices, flat)
    assert np.diff(picked.offsets).tolist() == [len(game) for game in expected]
    assert picked.frame.equals(both.frame.iloc[places])


def test_nothing_is_copied_and_nobody_writes():
    prices = np.array([1.0, 0.02, 1.0, 1.5, 0.02])
    games = Games.from_arrays(["a", "b"], prices, [0, 2, 5], rug_ticks=[1, 2])
    assert np.shares_memory(games.prices, prices)
    assert np.shares_memory(games["b"].prices, prices)
    assert np.shares_memory(games[1:].prices, prices)
    with pytest.raises(ValueError, match="read-only"):
        games.prices[0] = 2.0
    with pytest.raises(ValueError, match="read-only"):
        games[[1, 0]].prices[0] = 2.0


def test_masks_queries_and_ids_pick_games():
    games = five()
    assert games.query("peak > 1.5 and rug_tick == 2").ids.tolist() == ["b", "c"]
    assert games[games.frame["peak"] > 10].ids.tolist() == ["c"]
    assert games[games.frame["rug_tick"] > 1].ids.tolist() == ["b", "c"]  # <NA> is not above 1
    assert games[["e", "a"]].ids.tolist() == ["e", "a"]
    assert games[np.array([-1, 0])].ids.tolist() == ["e", "a"]
    assert games[::2].ids.tolist() == ["a", "c", "e"]
    assert len(games[[]]) == 0
    assert games.frame["status"].tolist() == ["complete"] * 3 + ["no_rug", "pregame_only"]


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ([True], "one element per game, 5; got 1"),
        (["a", "x"], "no game 'x' among these 5"),
        ("x", "no game 'x' among these 5"),
    ],
)
def test_a_wrong_key_says_what_was_expected(key, error):
    with pytest.raises(ArgumentError, match=error):
        five()[key]


@pytest.mark.parametrize("key", [5, -6, [5]])
def test_a_position_beyond_the_end_is_an_index_error(key):
    with pytest.raises(IndexError, match="5 games"):
        five()[key]


def test_a_sample_repeats_with_its_seed_and_keeps_the_order():
    games = five()
    picked = games.sample(3, seed=1)
    assert picked.ids.tolist() == games.sample(3, seed=1).ids.tolist() == sorted(picked.ids)
    with pytest.raises(ArgumentError, match="0 to 5"):
        games.sample(6)


def test_ticks_are_one_row_each():
    ticks = (five()[:2] + five()[3:4]).ticks
    assert ticks["game_id"].tolist() == ["a"] * 2 + ["b"] * 3 + ["d"] * 3
    assert ticks["tick"].tolist() == [0, 1, 0, 1, 2, 0, 1, 2]
    assert ticks["price"].tolist() == [1.0, 0.02, 1.0, 2.0, 0.02, 1.0, 1.1, 1.0]
    assert (Games().ticks.dtypes.drop("game_id") == ticks.dtypes.drop("game_id")).all()


def test_sql_sees_games_ticks_and_trades():
    trade = parse_trade({"gameId": "b", "type": "buy", "tickIndex": 1, "amount": 0.5})
    games = five(details=[Details((trade,)) if name == "b" else Details() for name in "abcde"])
    joined = games.sql(
        "select games.id, peak, ticks.price, amount_sol from games join ticks on games.id = ticks.game_id "
        "join trades on trades.game_id = games.id and trades.tick = ticks.tick"
    )
    assert joined.to_dict("records") == [{"id": "b", "peak": 2.0, "price": 2.0, "amount_sol": 0.5}]
    with pytest.raises(ArgumentError, match="the tables are games, ticks"):
        games.sql("select x from nothing")


def test_verify_fills_the_column():
    from rugs_lab.game.provably_fair import replay_prices

    prices = replay_prices("0" * 64, "20260101-0000000000000000")
    games = Games.from_arrays(
        ["20260101-0000000000000000", "b"],
        np.concatenate([prices, [1.0, 0.02]]),
        [0, len(prices), len(prices) + 2],
        rug_ticks=[len(prices) - 1, 1],
        server_seeds=["0" * 64, None],
        versions=["v3", None],
    )
    assert games.frame["verified"].isna().all()
    assert games.frame["seed_known"].tolist() == [True, False]
    assert games.verify().tolist() == [True, pd.NA]
    assert games.frame["verified"].tolist() == games[:2].frame["verified"].tolist() == [True, pd.NA]


@pytest.mark.parametrize(
    "wrong",
    [
        {"offsets": [0, 2]},
        {"offsets": [0, 9, 2]},
        {"offsets": [0, 2, 4]},
        {"rug_ticks": [1]},
        {"sources": [1]},
        {"server_seeds": ["a"]},
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(wrong):
    arguments = {"ids": ["a", "b"], "prices": [1.0, 0.02, 1.0], "offsets": [0, 2, 3]} | wrong
    with pytest.raises(ArgumentError, match="got"):
        Games.from_arrays(**arguments)


def test_games_show_counts_and_paths_and_escape_ids():
    html = (five() + Games([Game("<b>", np.array([1.0, 2.0]))]))._repr_html_()
    assert "6 games: 3 complete, 2 no_rug, 1 pregame_only" in html
    assert html.count("<svg") == 6
    assert "<b>" not in html


def test_sources_default_to_received():
    games = Games.from_arrays(["a"], [1.0, np.nan], [0, 2])
    assert games.sources.tolist() == [Source.RECEIVED, Source.MISSING]


def test_a_mask_is_taken_by_its_ids_and_not_by_its_order():
    high, low = np.array([1.0, 2.0, 0.02]), np.array([1.0, 0.02])
    games = Games([*[Game(name, high, rug_tick=2) for name in "abc"], Game("d", low, rug_tick=1)])
    mask = games.frame["peak"].sort_values() > 1.5
    assert [each.id for each in games[mask]] == ["a", "b", "c"]
    with pytest.raises(ArgumentError, match="has other games"):
        games[:2][mask.iloc[:2]]
    for odd in (games.frame, 1.5, None):
        with pytest.raises(ArgumentError, match="got "):
            games[odd]
