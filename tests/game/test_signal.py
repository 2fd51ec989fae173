import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import PayloadError
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.parse_values import as_prices
from rugs_lab.game.signal import parse_update

ID = "20260101-0123456789abcdef"
ACTIVE = {
    "active": True,
    "price": 1.25,
    "partialPrices": {"startTick": 3, "endTick": 4, "values": {"3": 1.1, "4": 1.25}},
    "tradeCount": 46,
    "rugged": False,
    "tickCount": 4,
    "cooldownTimer": 0,
    "allowPreRoundBuys": False,
    "gameId": ID,
    "connectedPlayers": 200,
    "provablyFair": {"serverSeedHash": "ab" * 32, "version": "v3"},
}


def test_fields_are_taken_as_they_came():
    update = parse_update(ACTIVE, received_ns=1_000)
    signal = update.signal
    assert (signal.gameId, signal.active, signal.rugged, signal.tickCount) == (ID, True, False, 4)
    assert (signal.price, signal.cooldownTimer, signal.allowPreRoundBuys) == (1.25, 0, False)
    assert (signal.tradeCount, signal.gameHistory, signal.received_ns) == (46, None, 1_000)
    assert update.partial_prices == {3: 1.1, 4: 1.25}
    assert (update.players, update.server_seed_hash, update.version) == (200, "ab" * 32, "v3")
    assert update.rejected == ()


def test_absent_fields_are_absent():
    update = parse_update({"gameId": ID, "cooldownTimer": 14900, "allowPreRoundBuys": False})
    signal = update.signal
    absent = (
        signal.active,
        signal.rugged,
        signal.tickCount,
        signal.price,
        signal.tradeCount,
        signal.gameHistory,
    )
    assert absent == (None,) * 6
    assert (update.prices, update.players) == (None, None)
    assert update.partial_prices == {}


@pytest.mark.parametrize(
    ("fair", "taken", "rejected"),
    [
        (5, (None, None), ("provablyFair",)),
        ({"serverSeedHash": 7, "version": "v3"}, (None, "v3"), ("provablyFair",)),
        ({"serverSeedHash": "a" * 257, "version": ""}, (None, None), ("provablyFair",)),
        ({"version": "v3"}, (None, "v3"), ()),
    ],
)
def test_a_commitment_that_cannot_be_used_is_named(fair, taken, rejected):
    update = parse_update({**ACTIVE, "provablyFair": fair})
    assert (update.server_seed_hash, update.version) == taken
    assert update.rejected == rejected


def test_entries_of_the_history_that_are_no_objects_are_named_and_the_others_kept():
    update = parse_update({**ACTIVE, "gameHistory": [{"id": "a"}, 7, None]})
    assert update.signal.gameHistory == ({"id": "a"},)
    assert update.rejected == ("gameHistory",)


def test_receive_time_is_utc():
    signal = parse_update(ACTIVE, received_ns=1_765_761_431_404_595_000).signal
    assert signal.received is not None
    assert signal.received.isoformat() == "2025-12-15T01:17:11.404595+00:00"


def test_an_integer_price_of_one_is_a_price():
    assert parse_update({**ACTIVE, "price": 1}).signal.price == 1.0


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, MessageKind.ACTIVE),
        ({"tickCount": 0}, MessageKind.START),
        ({"tickCount": 0, "gameHistory": []}, MessageKind.START_FULL),
        ({"rugged": True}, MessageKind.RUG1A),
        ({"rugged": True, "gameHistory": []}, MessageKind.RUG1B),
        ({"active": False, "gameHistory": []}, MessageKind.RUG2),
        ({"active": False, "allowPreRoundBuys": True}, MessageKind.PRESALE_OPEN),
        ({"prices": [1, 1.1]}, MessageKind.SNAPSHOT),
        ({"active": None, "allowPreRoundBuys": True}, MessageKind.PRESALE),
        ({"active": None}, MessageKind.COOLDOWN),
        ({"active": None, "allowPreRoundBuys": None}, MessageKind.OTHER),
    ],
)
def test_kind_follows_from_the_payload_alone(changes, kind):
    payload = {key: value for key, value in {**ACTIVE, **changes}.items() if value is not None}
    assert parse_update(payload).signal.kind is kind


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", "1.0"),
        ("price", math.nan),
        ("price", math.inf),
        ("price", -1.0),
        ("price", 0),
        ("price", 1e308),
        ("price", True),
        ("price", 10**400),
        ("tickCount", -1),
        ("tickCount", 1.5),
        ("tickCount", True),
        ("tickCount", 10**30),
        ("active", 1),
        ("rugged", "false"),
        ("cooldownTimer", None),
        ("allowPreRoundBuys", []),
        ("tradeCount", {}),
        ("gameHistory", {}),
        ("gameHistory", [{}] * 1000),
        ("partialPrices", {"values": [1]}),
        ("partialPrices", {"values": {"x": 1.0}}),
        ("partialPrices", {"values": {"1": None}}),
        ("connectedPlayers", -3),
    ],
)
def test_a_field_that_cannot_be_used_is_absent_and_named(field, value):
    update = parse_update({**ACTIVE, field: value})
    assert update.rejected == (field,)
    assert update.signal.gameId == ID


@pytest.mark.parametrize(
    "payload", [None, [], "x", 3, {}, {"gameId": ""}, {"gameId": 7}, {"gameId": "x" * 65}]
)
def test_a_payload_without_a_usable_game_is_refused(payload):
    with pytest.raises(PayloadError, match="gameStateUpdate"):
        parse_update(payload)


def test_a_game_id_cannot_carry_markup_with_spaces_or_controls():
    for bad in ("a b", "a\n", "\u202eabc", "é"):
        with pytest.raises(PayloadError):
            parse_update({"gameId": bad})


def test_prices_are_taken_whole_or_not_at_all():
    assert as_prices([1, 1.5]) == (1.0, 1.5)
    assert as_prices([1, "x"]) is None
    assert as_prices([1.0] * 6000) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*ACTIVE, "gameHistory", "prices", "leaderboard"]), json_values))
def test_any_json_is_read_or_refused_and_never_invented(payload):
    try:
        update = parse_update(payload)
    except PayloadError:
        assert not isinstance(payload.get("gameId"), str) or not payload["gameId"].isalnum()
        return
    signal = update.signal
    for field in (
        "active",
        "rugged",
        "tickCount",
        "price",
        "cooldownTimer",
        "allowPreRoundBuys",
        "tradeCount",
    ):
        value = getattr(signal, field)
        assert value is None or value == payload[field]
        assert (value is None) == (field not in payload or field in update.rejected)
    assert signal.price is None or (math.isfinite(signal.price) and signal.price > 0)
    assert all(math.isfinite(price) and price > 0 for price in update.partial_prices.values())


@given(st.dictionaries(st.sampled_from([*ACTIVE]), json_values))
def test_json_text_round_trips_through_the_parser(changes):
    payload = {**ACTIVE, **changes, "gameId": ID}
    again = json.loads(json.dumps(payload))
    assert repr(parse_update(again)) == repr(parse_update(payload))
