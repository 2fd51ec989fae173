"""What the server may say wrongly, over a real socket: what is kept and what is counted."""

import math

import pytest

from rugs_lab.recordings.assembly.open_games import KEPT_GAMES
from tests.support.live import A, B, active, heard, leaves_nothing, update
from tests.support.scripted import event

pytestmark = pytest.mark.usefixtures("leaves_nothing")
_ = leaves_nothing

TRACE = {"__trace": True, "traceparent": "00-ab-cd-01"}
DEEP = "[" * 50_000 + "]" * 50_000
COUNTERS = [
    "rejected [messages]",
    "rejected fields [n]",
    "noise [events]",
    "reordered [ticks]",
    "missed initially [ticks]",
    "back-filled [ticks]",
    "contradictions [prices]",
    "after the rug [ticks]",
    "late [messages]",
    "illegal transitions [n]",
]


def counted(feed):
    """The counters that are not 0, without the mark of the test itself."""
    values = {name: feed.metrics[name] for name in COUNTERS}
    values["noise [events]"] -= feed.health.noise["(mark)"]
    return {name.rsplit(" [", 1)[0]: value for name, value in values.items() if value}


def ticks(feed):
    return feed.frame["tick"].tolist()


def cooldown(game=B, timer=14900, **more):
    return event(
        "gameStateUpdate", {"gameId": game, "cooldownTimer": timer, "allowPreRoundBuys": False, **more}
    )


def rug(tick, game=A, **more):
    window = {"values": {str(tick - 1): float(tick), str(tick): 0.02}}
    return update(tick, game, rugged=True, price=0.02, partialPrices=window, **more)


def test_frames_out_of_order():
    with heard(*[update(tick) for tick in (0, 1, 3, 2, 4)]) as feed:
        assert ticks(feed) == [0, 1, 3, 2, 4]
        assert feed.game.prices.tolist() == [1, 2, 3, 4, 5]
        assert counted(feed) == {"reordered": 1, "missed initially": 1}
        assert feed.game.missing == 0


def test_a_tick_going_backwards_does_not_overwrite_what_is_known():
    with heard(update(0), update(1), update(2), update(1, price=9.5), update(3)) as feed:
        assert feed.frame["price"].tolist() == [1, 2, 3, 9.5, 4]
        assert feed.game.prices.tolist() == [1, 2, 3, 4]
        assert counted(feed) == {"contradictions": 1}
        (anomaly,) = feed.book.anomalies
        assert (anomaly.tick, anomaly.known, anomaly.reported) == (1, 2.0, 9.5)


def test_a_missing_genesis():
    with heard(update(0), update(1), rug(2), update(4, B), update(5, B)) as feed:
        assert feed.phase == "ACTIVE"
        assert feed.game.id == B
        assert feed.game.missing == 4
        assert math.isnan(feed.game.prices[0])
        assert counted(feed) == {"missed initially": 4, "illegal transitions": 1}


def test_an_old_game_id_after_the_new_one():
    late = rug(2, gameHistory=[])
    with heard(update(0), update(1), rug(2), cooldown(), late, cooldown(timer=14800)) as feed:
        assert feed.game.id == B
        assert feed.phase == "COOLDOWN"
        assert feed.frame["phase"].tolist()[-2:] == ["RUG", "COOLDOWN"]
        assert counted(feed) == {"late": 1}
        assert feed.games[A].status == "complete"


def test_history_before_the_rug():
    history = [{"id": A, "rugged": True, "prices": [1.0, 2.0, 0.02]}]
    genesis = event(
        "gameStateUpdate", {**active(0, B), "active": False, "cooldownTimer": 15000, "gameHistory": history}
    )
    ended = []
    with heard(update(0), genesis, rug(2), cooldown()) as feed:
        feed.on("game", ended.append)
        assert [game.id for game in feed.games] == [A]
        assert feed.games[A].prices.tolist() == [1.0, 2.0, 0.02]
        assert feed.game.id == B
        assert counted(feed) == {"back-filled": 2, "late": 1, "illegal transitions": 1}


def test_two_arguments():
    with heard(event("gameStateUpdate", TRACE, active(0)), event("newChatMessage", TRACE, {})) as feed:
        assert ticks(feed) == [0]
        assert counted(feed) == {"noise": 1}


@pytest.mark.parametrize("name", ["gameStateUpdate", "standard/newTrade"])
def test_the_trace_is_not_taken_for_the_data(name):
    with heard(update(0), event(name, TRACE), update(1)) as feed:
        assert ticks(feed) == [0, 1]
        assert counted(feed) == {"rejected": 1}
        assert next(iter(feed.health.rejected)).startswith(f"{name}: {name} has no data, or only a trace")


def test_an_event_that_is_only_a_trace_is_counted_under_its_name():
    with heard(event("serverStatus", TRACE), event("serverStatus"), update(0)) as feed:
        assert counted(feed) == {"noise": 2}
        assert feed.health.noise["serverStatus"] == 2


@pytest.mark.parametrize(
    "more", [5, {"x": 1}, ["x"], None, True, "", "x" * 5000, "é", "],", '},"', '"}', active(9)], ids=repr
)
def test_what_follows_the_data_is_left_out(more):
    with heard(
        event("gameStateUpdate", active(0), more), event("gameStateUpdate", TRACE, active(1), more)
    ) as feed:
        assert ticks(feed) == [0, 1]
        assert counted(feed) == {}


def test_unknown_events():
    with heard(event("somethingNew", {"a": 1}), event("\x1b[2J<b>", 1), event("", 2)) as feed:
        assert counted(feed) == {"noise": 3}
        assert feed.health.noise == {"somethingNew": 1, "\x1b[2J<b>": 1, "": 1, "(mark)": 1}


BROKEN = [
    '42["gameStateUpdate",{"gameId":',
    '42["gameStateUpdate",{"gameId":"g"}}',
    '42["gameStateUpdate",{"gameId":"g"}',
    '42["gameStateUpdate",{"gameId":"g","price":01}]',
    '42["gameStateUpdate",{"gameId":"g\n"}]',
    '42["gameStateUpdate",{"gameId":"\\x"}]',
    "42[]",
    "42[[]]",
    "42[7,8]",
    "42{}",
    "42",
    "4",
    "48",
    "4x",
    '42["gameStateUpdate"]',
    '42["gameStateUpdate",null]',
    '42["gameStateUpdate",[]]',
    '42["gameStateUpdate",{}]',
    '42["gameStateUpdate",{"gameId":null}]',
    f'42["gameStateUpdate",{{"gameId":"{"g" * 65}"}}]',
    f'42["gameStateUpdate",{{"gameId":"g","x":{DEEP}}}]',
    f'42["unknown",{DEEP}]',
]


@pytest.mark.parametrize("message", BROKEN, ids=lambda message: ascii(message[:50]))
def test_malformed_messages_are_counted_and_the_connection_survives(message):
    with heard(update(0), message, update(1)) as feed:
        assert ticks(feed) == [0, 1]
        assert counted(feed) == {"rejected": 1}


ODD = [None, "5", [], {}, ["5"], -1, 1e308, 10**400, float("nan"), float("inf"), float("-inf"), "\ud800"]
FIELDS = {
    "active": [5, *ODD],
    "rugged": [5, *ODD],
    "allowPreRoundBuys": [5, *ODD],
    "tickCount": [True, 0.5, 10**7, *ODD],
    "price": [True, 0, -0.5, *ODD],
    "cooldownTimer": [True, 0.5, *ODD],
    "tradeCount": [True, 0.5, 2**31, *ODD],
    "connectedPlayers": [True, 0.5, 2**31, *ODD],
    "gameHistory": [True, 5, *[odd for odd in ODD if not isinstance(odd, list)]],
    "prices": [True, 5, [1.0, None], [1.0, -1.0], *ODD],
    "partialPrices": [True, 5, {"values": []}, {"values": {"x": 1}}, {"values": {"0": "1"}}, *ODD],
}
COLUMN = {
    "allowPreRoundBuys": "allow_pre_round_buys",
    "tickCount": "tick",
    "cooldownTimer": "cooldown_ms",
    "tradeCount": "trade_count",
    "connectedPlayers": "players",
}


@pytest.mark.parametrize("field", FIELDS)
def test_wrong_types_in_every_field_leave_it_absent_and_are_counted(field):
    whole = {
        **active(3),
        "allowPreRoundBuys": False,
        "cooldownTimer": 0,
        "tradeCount": 7,
        "connectedPlayers": 200,
    }
    odd = FIELDS[field]
    with heard(*[event("gameStateUpdate", {**whole, field: value}) for value in odd]) as feed:
        frame = feed.frame
        assert len(frame) == len(odd)
        assert feed.health.rejected_fields == {field: len(odd)}
        if field in COLUMN or field in frame:
            assert frame[COLUMN.get(field, field)].isna().all()
        others = [COLUMN.get(name, name) for name in whole if name not in (field, "gameId")]
        assert not frame[others].isna().any(axis=None)
        assert set(counted(feed)) <= {"rejected fields", "missed initially", "illegal transitions"}


def test_leaderboard_statistics_and_fairness_of_wrong_types_are_absent():
    names = ("leaderboard", "averageMultiplier", "provablyFair", "rugpool", "godCandle2x")
    messages = [update(0, **{name: value}) for name in names for value in ODD]
    with heard(*messages) as feed:
        assert len(feed.frame) == len(messages)
        assert len(feed.leaderboard) == 0
        assert feed.stats.average_multiplier is None
        assert feed.game.server_seed_hash is None


def test_numbers_at_the_edges_are_taken_as_they_are():
    edges = [5e-324, 1e-300, 1.0000000000000002, 10**14 + 1, 1e15, 7]
    with heard(*[update(tick, price=price) for tick, price in enumerate(edges)]) as feed:
        assert feed.frame["price"].tolist() == [float(edge) for edge in edges]
        assert feed.game.prices.tolist() == [float(edge) for edge in edges]
        assert counted(feed) == {}


def test_a_tick_far_away_is_kept_in_its_row_and_out_of_the_game():
    with heard(update(0), update(900_000), update(1)) as feed:
        assert ticks(feed) == [0, 900_000, 1]
        assert len(feed.game) == 2
        assert counted(feed)["contradictions"] == 1


def test_a_rug_far_away_is_no_rug():
    with heard(update(0), rug(900_000), update(1)) as feed:
        assert feed.game.rug_tick is None
        assert len(feed.games) == 0
        assert ticks(feed) == [0, 900_000, 1]


def test_a_game_that_goes_on_after_its_rug_and_rugs_again():
    before = [update(tick) for tick in range(427)]
    after = [update(tick, price=0.02) for tick in range(428, 807)]
    with heard(*before, rug(427), *after, rug(807), cooldown()) as feed:
        game = feed.games[A]
        assert game.rug_tick == 427
        assert game.status == "complete"
        assert len(feed.frame) == 427 + 1 + 379 + 1 + 1
        assert [game.id for game in feed.games] == [A]
        assert feed.metrics["after the rug [ticks]"] >= 380
        assert feed.metrics["contradictions [prices]"] == 0
        assert feed.metrics["illegal transitions [n]"] >= 1


def test_the_incident_of_a_countdown_of_39600_with_a_tick_in_presale():
    presale = {"gameId": B, "active": False, "rugged": False, "price": 1.0}
    odd = {**presale, "tickCount": 95, "cooldownTimer": 39600, "allowPreRoundBuys": True}
    with heard(event("gameStateUpdate", odd), cooldown(timer=39500, allowPreRoundBuys=True)) as feed:
        assert feed.frame["cooldown_ms"].tolist() == [39600, 39500]
        assert feed.frame["phase"].tolist() == ["PRESALE", "PRESALE"]
        assert len(feed.game) == 0
        assert counted(feed) == {}


def test_a_history_that_names_ten_thousand_games_does_not_push_out_the_running_one():
    def frame(number):
        history = [{"id": f"{number}-{n}", "prices": [1.0, 0.02]} for n in range(100)]
        return update(number, gameHistory=history)

    with heard(*[frame(number) for number in range(101)]) as feed:
        assert len(feed.game) == 101
        assert feed.game.missing == 0
        assert len(feed.games) <= KEPT_GAMES
        assert feed.games_finished == feed.metrics["games finished [n]"] == 10_100
        feed.wait(games=10_100, timeout=5)


def test_a_game_cannot_grow_without_bound():
    with heard(*[update(tick) for tick in range(0, 1_000_000, 5000)]) as feed:
        assert len(feed.game) < 20_000
        assert feed.metrics["contradictions [prices]"] > 100
