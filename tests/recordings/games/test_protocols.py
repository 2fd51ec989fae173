"""Games and a game speak the protocols of other libraries."""

import numpy as np
import pyarrow as pa
import pytest

import rugs_lab as rl

GAMES = rl.synthetic(30, seed=5)


def test_a_game_is_its_prices_for_numpy():
    game = GAMES[0]
    assert np.asarray(game).tolist() == game.prices.tolist()
    assert np.asarray(game, np.float32).dtype == np.float32
    copied = np.array(game)
    copied[0] = 7.0
    assert game.prices[0] == 1.0
    assert np.diff(np.asarray(game)).shape == (len(game) - 1,)


def test_games_are_an_arrow_table():
    table = pa.table(GAMES)
    assert table.num_rows == 30
    assert table["id"].to_pylist() == GAMES.ids.tolist()
    assert table["peak"].to_pylist() == GAMES.frame["peak"].tolist()
    assert pa.table(rl.sample())["server_seed"].null_count == 4


def test_games_are_a_polars_frame():
    polars = pytest.importorskip("polars")
    assert polars.from_arrow(pa.table(GAMES))["ticks"].to_list() == GAMES.frame["ticks"].tolist()


def test_duckdb_reads_games_in_place():
    duckdb = pytest.importorskip("duckdb")
    games = GAMES
    assert len(games) == duckdb.sql("select count(*) from games").fetchall()[0][0]


def test_a_splitter_of_scikit_learn_cuts_games():
    selection = pytest.importorskip("sklearn.model_selection")
    train, test = next(selection.KFold(3).split(GAMES))
    assert len(GAMES[train]) + len(GAMES[test]) == 30
