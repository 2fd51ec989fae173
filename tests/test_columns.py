"""Text that may be absent is missing, not the text "None", with every pandas that is allowed."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.columns import dtypes, text_dtype, text_index, typed

PACKAGE = Path(rl.__file__).parent


def test_missing_text_is_missing():
    column = pd.Series(typed(["a", None, float("nan"), ""]))
    assert column.isna().tolist() == [False, True, True, False]
    assert (column == "None").sum() == 0
    assert pd.Series(typed([])).dtype == typed(["a"]).dtype == text_index([], "id").dtype == text_dtype()


def test_text_cast_from_objects_keeps_what_is_missing():
    frame = pd.DataFrame({"name": np.array(["a", None], object), "n": [1, 2]})
    found = frame.astype(dtypes({"name": "str", "n": "float64"}))
    assert found["name"].isna().tolist() == [False, True]
    assert found["n"].dtype == np.float64


def test_comparisons_of_text_are_plain_booleans():
    assert (pd.Series(typed(["a", None])) == "a").to_numpy(bool).tolist() == [True, False]


def test_seeds_that_the_sample_does_not_have_are_missing():
    games = rl.sample()
    without = sum(game.server_seed is None for game in games)
    assert games.frame["server_seed"].isna().sum() == without == 4
    assert games.frame["seed_known"].sum() == len(games) - without
    assert "None" not in set(games.frame["server_seed"].dropna())


def test_sql_finds_seeds_that_are_null():
    pytest.importorskip("duckdb")
    found = rl.sample().sql("select count(*) as n from games where server_seed is null")
    assert found["n"].tolist() == [4]


def test_trades_without_a_name_are_not_of_one_player():
    trades = rl.sample().trades
    assert trades["username"].isna().sum() == 510
    assert trades.groupby("username").size().sum() == len(trades) - 510
    for column in trades.columns[trades.dtypes == text_dtype()]:
        assert "None" not in set(trades[column].dropna()), column


def text_casts(source: str) -> list[int]:
    """Lines that make text of values by pandas' own name of the dtype, which pandas 2 takes for `str()`."""
    values = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "dtype":
            values.append(node.value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".astype"):
            values += node.args[0].values if isinstance(node.args[0], ast.Dict) else node.args
    return sorted(
        each.lineno for each in values if isinstance(each, ast.Constant) and each.value in ("str", "string")
    )


def test_one_module_names_the_dtype_of_text():
    casts = {path.relative_to(PACKAGE): text_casts(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
    assert {path: lines for path, lines in casts.items() if lines} == {}


def test_a_cast_by_name_is_found():
    assert text_casts(
        'a = pd.Series(x, dtype="str")\nb = f.astype({"n": "str"})\nc = f.astype("string")'
    ) == [1, 2, 3]
