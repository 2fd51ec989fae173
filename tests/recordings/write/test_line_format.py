"""The lines of a recording: each one read back as it was written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import PayloadError
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.parse_values import MAX_AMOUNT, MAX_COUNT, MAX_PRICE, MAX_TICK
from rugs_lab.game.phase import Phase
from rugs_lab.game.signal import MAX_COOLDOWN_MS, GameSignal
from rugs_lab.game.trade import TRADE_TYPES, Trade
from rugs_lab.recordings.write.line_format import (
    event_of,
    message_line,
    raw_line,
    read_line,
    received_ns,
    stamp,
    trade_line,
    trade_of,
    write_line,
)
from rugs_lab.recordings.write.line_types import FORMAT, GapLine, RawLine, SessionLine, TickLine, TradeLine
from tests.support.signal_of import signal_of

ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)
times = st.one_of(st.none(), st.integers(0, 2**63 - 1))
prices = st.floats(0, MAX_PRICE, exclude_min=True)
texts = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=128))
amounts = st.one_of(st.none(), st.floats(-MAX_AMOUNT, MAX_AMOUNT))
signals = st.builds(
    GameSignal,
    gameId=ids,
    active=st.one_of(st.none(), st.booleans()),
    rugged=st.one_of(st.none(), st.booleans()),
    tickCount=st.one_of(st.none(), st.integers(0, MAX_TICK)),
    price=st.one_of(st.none(), prices),
    cooldownTimer=st.one_of(st.none(), st.integers(0, MAX_COOLDOWN_MS)),
    allowPreRoundBuys=st.one_of(st.none(), st.booleans()),
    tradeCount=st.one_of(st.none(), st.integers(0, MAX_COUNT)),
    phase=st.sampled_from(Phase),
    kind=st.sampled_from(MessageKind),
    received_ns=times,
)
trades = st.builds(
    Trade,
    id=texts,
    game_id=ids,
    player_id=texts,
    username=texts,
    type=st.sampled_from(TRADE_TYPES),
    tick=st.integers(0, MAX_TICK),
    price=st.one_of(st.none(), prices),
    amount_sol=amounts,
    units=amounts,
    practice=st.booleans(),
    leverage=amounts,
    received_ns=times,
    late_ticks=st.one_of(st.none(), st.integers(-MAX_TICK, MAX_TICK)),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner)),
    max_leaves=9,
)


@given(signals, st.one_of(st.none(), st.integers(0, MAX_COUNT)))
def test_a_frame_is_read_back_bit_for_bit(signal, players):
    data = write_line(message_line(signal, players))
    line = read_line(data)
    assert data.endswith(b"}\n")
    assert data.count(b"\n") == 1
    assert signal_of(line) == signal
    assert repr(signal_of(line)) == repr(signal)
    assert line.players == players


@given(signals)
def test_what_a_frame_did_not_say_is_absent(signal):
    told = json.loads(write_line(message_line(signal)))
    assert next(iter(told)) == "type"
    assert None not in told.values()
    assert ("price" in told) == (signal.price is not None)
    assert ("timestamp" in told) == (signal.received_ns is not None)


@given(trades)
def test_a_trade_is_read_back(trade):
    line = read_line(write_line(trade_line(trade)))
    assert trade_of(line, received_ns(line)) == trade


def test_every_field_of_a_trade_has_a_place():
    told = set(TradeLine.__struct_fields__)
    assert {*Trade.__struct_fields__} - told == {"type", "received_ns"}


@given(st.integers(0, 2**63 - 1))
def test_times_are_utc_with_microseconds_and_nothing_is_lost(at_ns):
    at = stamp(at_ns)
    assert at["timestamp"][-6:] == "+00:00"
    assert len(at["timestamp"]) == 32
    assert received_ns(TickLine(game_id="g", **at)) == at_ns


@given(st.text(max_size=9), st.lists(json_values, max_size=3), st.sampled_from([None, 1]))
def test_an_event_is_read_back_whatever_it_holds(name, args, indent):
    text = json.dumps([name, *args], indent=indent)
    data = raw_line(text, 1)
    assert data.count(b"\n") == 1
    assert event_of(read_line(data)) == (name, tuple(args))


@given(st.text())
def test_any_text_makes_one_line(text):
    data = raw_line(text, 1)
    assert data.count(b"\n") == 1
    assert isinstance(read_line(data), RawLine)


@pytest.mark.parametrize("text", ['["n",NaN]', '["n",1e999]', '["n",{"a":"\\ud800"}]', '["n",\n 1]'])
def test_an_event_that_is_not_json_by_the_book_is_kept_as_text(text):
    name, args = event_of(read_line(raw_line(text)))
    assert name == "n"
    assert repr(args) == repr(tuple(json.loads(text)[1:]))


def test_numbers_of_an_event_stay_as_they_were_written():
    assert b'"args":[{"a":1.50,"b":12345678901234567890123}]' in raw_line(
        '["n",{"a":1.50,"b":12345678901234567890123}]'
    )


@pytest.mark.parametrize("text", ["[]", "[1]", "{}", "", "null", '"n"'])
def test_a_text_that_is_no_event_is_refused_when_it_is_to_be_one(text):
    with pytest.raises(PayloadError):
        event_of(read_line(raw_line(text)))


@pytest.mark.parametrize(
    "damaged",
    [
        b'{"type":"tick","game_id":"g1","ti',
        b'{"type":"tick","game_id":"","tick":1}',
        b'{"type":"tick","game_id":"g1","price":-1}',
        b'{"type":"tick","game_id":"g1","price":0}',
        b'{"type":"tick","game_id":"g1","tick":true}',
        b'{"type":"tick","game_id":"g1","tick":9999999}',
        b'{"type":"tick","game_id":"g1","phase":"ACTIVE_GAMEPLAY"}',
        b'{"type":"tick","tick":1}',
        b'{"type":"unheard of"}',
        b"\0\0\0\0",
        b"[]",
        b"",
        b"\xff",
    ],
)
def test_a_damaged_line_is_refused(damaged):
    with pytest.raises(PayloadError):
        read_line(damaged)


@pytest.mark.parametrize("timestamp", ["yesterday", "2026-01-01T00:00:00"])
def test_a_time_without_zone_is_none_of_ours(timestamp):
    with pytest.raises(PayloadError, match="zone"):
        received_ns(TickLine(game_id="g", timestamp=timestamp))


def test_keys_of_later_versions_are_passed_over():
    assert read_line(b'{"type":"gap","reason":"r","unheard":1}') == GapLine(reason="r")
    assert read_line(write_line(SessionLine(format=FORMAT))).format == "rugs_lab/1"
