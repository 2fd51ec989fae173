"""What a stray byte in one file, or in its name, may cost: its own line, and no more."""

import json
import os
import warnings

import numpy as np
import pytest

import rugs_lab as rl


def test_a_stray_quote_in_a_csv_costs_its_line(tmp_path):
    rows = "".join(f"B{game},0,1.0\nB{game},1,1.2\n" for game in range(500))
    path = tmp_path / "prices.csv"
    path.write_text('game_id,tick,price\nA,0,1.0\nA,1,"1.1\nC,0,"1.0"\n' + rows)
    games = rl.load(path)
    assert len(games) == 502
    assert games["C"].prices.tolist() == [1.0]
    (bad,) = games.damage.query("kind == 'bad_value'").to_dict("records")
    assert "?1.1" in bad["done"]


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes on POSIX only")
def test_a_name_that_is_not_utf8_breaks_nothing(tmp_path):
    (tmp_path / "good.csv").write_text("game_id,tick,price\nA,0,1.0\nA,1,1.1\n")
    with open(os.fsencode(tmp_path) + b"/x\xff.jsonl", "wb") as file:
        file.write(b"nothing\n")
    games = rl.load(tmp_path)
    assert games.frame.index.tolist() == ["A"]
    assert "x\\xff.jsonl" in str(games.damage["file"].tolist()).replace("\\\\", "\\")
    assert games._repr_html_()


@pytest.mark.parametrize("digits", [2, 4, 6])
def test_prices_that_others_rounded_keep_their_rugs(tmp_path, digits):
    sample = rl.sample()
    some = sample[(sample.frame["status"] == "complete").to_numpy()][:20]
    path = tmp_path / "own.csv"
    some.ticks[["game_id", "tick", "price"]].round(digits).to_csv(path)
    games = rl.load(path)
    found = {game.id: game.rug_tick for game in games}
    kept = [game.rug_tick == found.get(game.id) for game in some]
    assert sum(kept) >= (20 if digits > 2 else 12)
    assert all(rug is None or rug == some[game_id].rug_tick for game_id, rug in found.items())


def test_a_seed_that_does_not_belong_to_its_hash_has_a_row(tmp_path):
    path = tmp_path / "history.json"
    seed = {"serverSeed": "00" * 32, "serverSeedHash": "11" * 32}
    game = {"id": "20260101-aa", "timestamp": 1767225600000, "prices": [1, 1.2, 1.5, 0.02], "rugged": True}
    path.write_text(json.dumps([{**game, "gameVersion": "v3", "provablyFair": seed}]))
    assert "wrong_seed" in rl.load(path).damage["kind"].tolist()


def test_whole_numbers_that_no_float_holds_are_not_compiled_beside_floats():
    def far(o):
        if o.units == 0 and o.price * 0 + 2.0**53 == 2**53 + 1:
            return rl.buy(0.01)
        return rl.sell()

    games = rl.synthetic(5, seed=3)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        auto = rl.backtest(far, games)
        ticks = rl.backtest(far, games, engine="tick")
    assert any("2^53" in str(each.message) for each in said)
    np.testing.assert_array_equal(auto.results.values, ticks.results.values)


def test_a_run_without_a_loss_has_a_report():
    up = np.r_[np.linspace(1, 2, 40), 0.01]
    games = rl.Games.from_arrays(["a", "b"], np.r_[up, up], [0, 41, 82], rug_ticks=[40, 40])
    run = rl.backtest(lambda o: rl.buy(0.01) if o.tick == 3 else rl.sell() if o.tick == 6 else None, games)
    assert "inf" in run._repr_html_()
