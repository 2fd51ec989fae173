"""The recordings beside a checkout: what outside counts say of them, counted here once more by hand.

They were chosen to hold every kind of damage, so they are no fair sample: figures are compared with plain
counts of the same files, not with the law.
"""

from __future__ import annotations

import numpy as np
import pytest

from rugs_lab.analysis import hazard, hazard_by_tick, peaks, returns, rug_price_exceptions, rug_price_rule
from rugs_lab.analysis._sidebets import sidebets_pooled
from rugs_lab.recordings.read.load import load


@pytest.fixture(scope="module")
def games():
    from tests.conftest import REFERENCE

    if not REFERENCE.is_dir():
        pytest.skip("the reference data are not beside this checkout")
    return load(REFERENCE / "recordings")


def test_hazard_counts_as_protocol_section_11_does(games):
    """Complete games: rugs over sum of N. All games: late starts from their first tick, gaps counted."""
    whole = [game for game in games if game.status in ("complete", "repaired")]
    played = [game for game in games if len(game)]
    known = [np.flatnonzero(~np.isnan(game.prices)) for game in played]
    ticks = sum(int(at[-1] - at[0]) for at in known)
    rugs = sum(game.rug_tick == at[-1] > at[0] for game, at in zip(played, known, strict=True))
    frame = hazard(games).set_index("measure")
    assert frame.loc["hazard: complete games only (biased)", ["rugs", "n"]].tolist() == [
        len(whole),
        sum(game.rug_tick for game in whole),
    ]
    assert frame.loc["hazard: all games, gaps counted as observed", "n"] == ticks
    assert frame.loc["hazard: all games, gaps counted as observed", "rugs"] == rugs


def test_every_complete_game_follows_the_rule_and_only_broken_ones_do_not(games):
    rule = rug_price_rule(games)
    assert (rule["value"][0], rule["n"][0]) == (1.0, 45)
    assert (rug_price_exceptions(games)["missing"] > 0).all()


def test_big_moves_are_the_published_share(games):
    row = returns(games).set_index("measure").loc["big moves (15 to 25 %)"]
    assert row["low"] < 0.125 < row["high"]


def test_pooled_side_bets_of_complete_games_are_the_plain_share(games):
    whole = games.query("status in ('complete', 'repaired')")
    plain = sum(min(game.rug_tick, 40) for game in whole) / sum(game.rug_tick for game in whole)
    assert sidebets_pooled(whole)["value"].iloc[0] == pytest.approx(plain)


def test_the_tables_are_there_with_their_baselines(games):
    assert hazard_by_tick(games)["baseline"].eq(0.005).all()
    assert peaks(games)["baseline"].is_monotonic_decreasing
