import pytest

from rugs_lab.game.leaderboard import parse_leaderboard
from rugs_lab.recordings.games.trades_frame import leaderboard_frame


@pytest.mark.parametrize(
    ("row", "has_sidebet"),
    [
        ({}, None),
        ({"sidebetActive": "yes"}, None),
        ({"sidebetActive": True}, True),
        ({"sidebetActive": False}, False),
        ({"sidebetActive": None, "sideBet": None}, False),
        ({"sideBet": None}, False),
        ({"sideBet": {"betAmount": 0.1}}, True),
    ],
)
def test_whether_a_side_bet_is_open_is_not_known_where_the_server_does_not_say(row, has_sidebet):
    standings = parse_leaderboard([row])
    assert standings[0].has_sidebet is has_sidebet
    column = leaderboard_frame(standings)["has_sidebet"]
    assert column.isna().tolist() == [has_sidebet is None]
