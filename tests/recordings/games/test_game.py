from itertools import product

import numpy as np
import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.game.trade import parse_trade
from rugs_lab.recordings.games.game import STATUSES, Game, Source, status_of
from rugs_lab.recordings.games.games import Games

NAN = float("nan")


def game(prices, rug_tick=None, sources=None, game_id="20260101-a", **more):
    return Game(game_id, np.array(prices), None if sources is None else np.array(sources), rug_tick, **more)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (game([1.0, 2.0, 0.02], 2), "complete"),
        (game([1.0, 2.0, 0.02], 2, [1, 2, 1]), "backfilled"),
        (game([1.0, 2.0, 0.02], 2, [5, 5, 5]), "backfilled"),
        (game([1.0, 2.0, 0.02], 2, corrected=True), "repaired"),
        (game([1.0, 2.0, 0.02], 2, [1, 2, 1], corrected=True), "repaired"),
        (game([1.0, NAN, 0.02], 2, corrected=True), "gaps"),
        (game([1.0, 2.0], corrected=True), "no_rug"),
        (game([NAN, 2.0, 0.02], 2), "late_start"),
        (game([1.0, NAN, 0.02], 2), "gaps"),
        (game([1.0, 2.0]), "no_rug"),
        (game([]), "pregame_only"),
    ],
)
def test_status_says_how_complete_a_game_is(value, status):
    assert value.status == status
    assert Games([value]).frame["status"].tolist() == [status]


def test_every_status_has_its_facts_and_no_other():
    facts = [status_of(*each) for each in product((False, True), repeat=6)]
    assert set(facts) == set(STATUSES)
    assert [facts.count(status) for status in STATUSES] == [32, 16, 4, 4, 4, 2, 2]


def test_the_rug_price_is_never_the_peak():
    assert game([0.01, 0.5], 1).peak == 0.01  # no real game: the rule is what counts
    assert game([1.0, 0.02], 1).peak_tick == 0


def test_without_prices_there_is_no_peak():
    empty = game([])
    assert np.isnan(empty.peak)
    assert empty.peak_tick is None
    assert np.isnan(empty.rug_price)


def test_source_is_the_least_sure_one():
    assert game([1.0]).source == "received"
    assert game([1.0, 2.0], sources=[1, Source.PARTIAL]).source == "partial"
    assert game([1.0, 2.0], sources=[3, Source.SEED]).source == "seed"
    assert game([]).source == "missing"


def test_prices_cannot_be_changed_from_outside():
    source = np.array([1.0, 2.0])
    value = Game("g", source)
    source[0] = 9.0
    assert value.prices[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        value.prices[0] = 3.0


def test_frame_has_a_row_per_tick():
    frame = game([1.0, NAN, 0.02], 2, [1, 0, 2]).frame
    assert frame.index.name == "tick"
    assert frame["source"].tolist() == ["received", "missing", "partial"]
    assert frame["backfilled"].tolist() == [False, False, True]


def test_trades_are_ordered_by_tick_and_an_empty_frame_has_the_same_columns():
    trades = [
        parse_trade({"gameId": "g", "type": "buy", "tickIndex": tick, "amount": 0.1}) for tick in (5, 2)
    ]
    frame = game([1.0], recorded_trades=tuple(trades)).trades
    assert frame["tick"].tolist() == [2, 5]
    assert list(game([1.0]).trades.columns) == list(frame.columns)


def test_games_are_found_by_id_and_by_position():
    games = Games([game([1.0, 0.02], 1, game_id="a"), game([1.0], game_id="b")])
    assert games["b"] is games[-1]
    assert "a" in games
    assert "c" not in games
    assert len(games[:1]) == 1
    with pytest.raises(ArgumentError, match="no game 'c' among these 2"):
        games["c"]


def test_games_frame_keeps_what_is_absent_absent():
    frame = Games([game([1.0, 0.02], 1, game_id="a"), game([], game_id="b")]).frame
    assert frame.loc["a", "rug_tick"] == 1
    assert frame.loc["b"].isna()[["peak", "peak_tick", "rug_tick", "rug_price", "server_seed"]].all()
    assert (Games().frame.dtypes == frame.dtypes).all()


def test_games_show_themselves_escaped():
    html = Games([game([1.0], game_id="<script>")])._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "0" in Games()._repr_html_()
