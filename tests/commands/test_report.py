"""``rugs-lab report``: key figures as text."""

import pytest

from rugs_lab.cli import main
from rugs_lab.commands.report import text_of
from rugs_lab.recordings.games.games import Games
from rugs_lab.resources import data_dir

SECTIONS = [
    "hazard",
    "survival",
    "duration",
    "peaks",
    "returns",
    "drawdowns",
    "rug price",
    "side bets",
    "time of day",
    "quality of recordings",
]


def test_the_sample_is_reported(capsys):
    assert main(["report", "--sample"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [name for name in [*SECTIONS, "trades recorded"] if name not in lines] == []
    hazard = next(line for line in lines if "all games, while observed" in line)
    assert "0.005" in hazard
    assert "n = " in hazard
    assert hazard.count(" to ") == 1
    assert "rug price: no exception to the rule" in lines


def test_damaged_recordings_are_reported(capsys):
    assert main(["report", str(data_dir() / "damaged")]) == 0
    assert "games with damage: interleaved" in capsys.readouterr().out


def test_exceptions_to_the_rule_of_the_rug_price_are_listed():
    games = Games.from_arrays(["g1", "g2"], [1.0, 0.5, 0.4, 1.0, 0.02 + 2**-55], [0, 3, 5], rug_ticks=[2, 1])
    assert "  g1: 0.4 at tick 2, by the rule 0.010000000000000009, 0 ticks missing" in text_of(games, "two")


def test_no_games_make_a_report_of_nothing():
    assert "n = 0 ticks" in text_of(Games(), "nothing")


def test_a_folder_that_is_not_there_is_named(capsys):
    assert main(["report", "/no/such/folder"]) == 1
    assert "/no/such/folder" in capsys.readouterr().err


def test_a_folder_or_the_sample_is_needed(capsys):
    with pytest.raises(SystemExit):
        main(["report"])
    assert "--sample" in capsys.readouterr().err
