"""The 71 recorded files beside a checkout: what their README says of them is what the loader finds."""

import pytest

from rugs_lab.recordings.read.load import load
from rugs_lab.resources import data_dir
from tests.support.reference_table import rows


@pytest.fixture(scope="module")
def games():
    from tests.conftest import REFERENCE

    if not REFERENCE.is_dir():
        pytest.skip("the reference data are not beside this checkout")
    return load(REFERENCE / "recordings")


def test_every_statement_of_the_readme_holds(games):
    assert {row.what: row.found for row in rows(games)} == {row.what: row.said for row in rows(games)}


def test_classes_and_damage(games):
    assert games.frame["status"].value_counts().to_dict() == {
        "complete": 40,
        "repaired": 5,
        "late_start": 6,
        "gaps": 5,
        "pregame_only": 3,
        "no_rug": 1,
    }
    kinds = games.damage["kind"].value_counts()
    assert kinds[["interleaved", "fragment", "comment", "blank_line"]].tolist() == [119, 4, 3, 1]


def test_times_are_utc_and_agree_with_the_date_in_the_id(games):
    started = games.frame["start"].dropna()
    days = started.dt.strftime("%Y%m%d")
    assert len(days) == 57
    # A game that starts at midnight has its id from the day before.
    assert (days != days.index.str[:8]).sum() <= 1


def test_the_capture_gives_the_twelve_games_that_are_published(reference):
    capture = load(reference / "raw")
    published = load(data_dir() / "sample" / "published.jsonl")
    *twelve, third = capture
    assert sorted(game.id for game in twelve) == sorted(published.ids)
    assert all(game.prices.tolist() == published[game.id].prices.tolist() for game in twelve)
    assert [game.status for game in twelve] == ["backfilled"] * 10 + ["complete"] * 2
    assert (third.status, len(capture.trades)) == ("pregame_only", 18)
    assert capture.damage["kind"].tolist() == ["pregame_only"]
    assert capture.verify().tolist()[:12] == [True] * 12
