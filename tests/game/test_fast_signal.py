import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import PayloadError
from rugs_lab.game.fast_signal import KNOWN_KEYS, read_update
from rugs_lab.game.parse_values import is_game_id
from rugs_lab.game.signal import parse_update
from tests.game.test_signal import ACTIVE, ID, json_values

HISTORY = [{"id": "20260101-b", "prices": [1, 2.5], "provablyFair": {"serverSeed": "ab"}}]


def facts(update):
    signal = update.signal
    history = signal.gameHistory
    return (
        [getattr(signal, name) for name in signal.__struct_fields__ if name != "gameHistory"],
        None if history is None else [dict(entry) for entry in history],
        dict(update.partial_prices),
        update.prices,
        update.players,
        update.server_seed_hash,
        update.version,
        dict(update.rest),
        update.rejected,
    )


@pytest.mark.parametrize(
    "payload",
    [
        ACTIVE,
        {**ACTIVE, "price": 1, "tickCount": 0, "gameHistory": HISTORY},
        {**ACTIVE, "prices": [1, 1.1], "leaderboard": [{"id": "p", "pnl": 0.5}]},
        {"gameId": ID, "cooldownTimer": 14900, "allowPreRoundBuys": False},
        {"gameId": ID},
    ],
)
def test_the_compiled_reader_says_the_same(payload):
    text = json.dumps(payload)
    assert facts(read_update(text, 5)) == facts(parse_update(json.loads(text), 5))


@pytest.mark.parametrize(
    "change",
    [
        {"price": "1"},
        {"price": -1.0},
        {"price": True},
        {"tickCount": 1.5},
        {"tickCount": -1},
        {"gameId": "a b"},
        {"gameId": "a\n"},
        {"active": None},
        {"partialPrices": {"values": {"x": 1}}},
        {"prices": []},
        {"gameHistory": [1]},
        {"somethingNew": 1},
    ],
)
def test_what_is_otherwise_in_any_way_is_left_to_the_parser(change):
    assert read_update(json.dumps({**ACTIVE, **change})) is None


def test_text_that_is_no_json_is_left_to_the_parser():
    for text in ("", "{", "[]", '{"gameId":"g","price":NaN}', '{"gameId":"\\ud800"}', "[" * 100_000):
        assert read_update(text) is None


def test_every_known_key_can_be_looked_up_in_the_rest():
    update = read_update(json.dumps({**ACTIVE, "rugpool": {"instarugCount": 4}}))
    assert update.rest["rugpool"] == {"instarugCount": 4}
    assert "count2x" not in update.rest
    assert "price" not in update.rest
    assert list(update.rest) == ["rugpool"]
    assert len(update.rest) == 1


@given(st.dictionaries(st.sampled_from([*sorted(KNOWN_KEYS), "unheardOf"]), json_values, max_size=8))
def test_whatever_the_compiled_reader_takes_the_parser_takes_the_same_way(change):
    text = json.dumps({**ACTIVE, **change})
    fast = read_update(text, 7)
    if fast is None:
        return
    try:
        slow = parse_update(json.loads(text), 7)
    except PayloadError:
        pytest.fail("the compiled reader took what the parser refuses")
    assert slow.rejected == ()
    assert facts(fast) == facts(slow)


@pytest.mark.parametrize("game_id", ["a", "!~", "a" * 64, "a" * 65, "", "a b", "a\n", "\x7f", "é"])
def test_both_forms_agree_on_what_names_a_game(game_id):
    assert (read_update(json.dumps({"gameId": game_id})) is not None) == is_game_id(game_id)
