"""The door under everything that JSON, or no JSON, can hold; `twin_feeds` says what must hold."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rugs_lab.game.fast_signal import KNOWN_KEYS
from tests.support.twin_feeds import Twins

A, B = "20260101-000000000000000a", "20260101-000000000000000b"
LONG = "9" * 5000
DEEP = "[" * 100_000 + "]" * 100_000

numbers = st.one_of(
    st.integers(-5, 12),
    st.integers(),
    st.floats(),
    st.sampled_from([0, -0.0, 5.0, 1e15, 1e308, 5e-324, 2**31, 2**53 + 1, 10**400, 1_000_000, 39600]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=8), st.sampled_from([A, B, "\ud800"]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=8,
)
prices = st.lists(st.one_of(st.floats(0.01, 9), numbers), max_size=6)
window = st.fixed_dictionaries(
    {
        "values": st.dictionaries(
            st.one_of(st.integers(-1, 12).map(str), st.text(max_size=4)), numbers, max_size=6
        )
    }
)
record = st.fixed_dictionaries(
    {},
    optional={
        "id": st.one_of(st.sampled_from([A, B]), values),
        "prices": st.one_of(prices, values),
        "rugged": values,
        "gameVersion": st.one_of(st.just("v3"), values),
        "provablyFair": st.fixed_dictionaries(
            {"serverSeed": values, "serverSeedHash": values, "version": values}
        ),
        "globalSidebets": values,
    },
)
USUAL = {
    "active": st.booleans(),
    "rugged": st.booleans(),
    "tickCount": st.integers(0, 12),
    "price": st.floats(0.01, 9),
    "cooldownTimer": st.integers(0, 15000),
    "allowPreRoundBuys": st.booleans(),
    "tradeCount": st.integers(0, 99),
    "partialPrices": window,
    "prices": prices,
    "gameHistory": st.lists(record, max_size=3),
}
frames = st.builds(
    lambda usual, odd: {**usual, **odd},
    st.fixed_dictionaries({"gameId": st.sampled_from([A, B])}, optional=USUAL),
    st.one_of(
        st.just({}),
        st.dictionaries(st.sampled_from([*sorted(KNOWN_KEYS), "unheardOf"]), values, max_size=3),
    ),
)
trades = st.fixed_dictionaries(
    {"gameId": st.one_of(st.just(A), values), "type": st.one_of(st.just("buy"), values)},
    optional=dict.fromkeys(["tickIndex", "price", "amount", "qty", "id", "username", "coin"], values),
)
names = st.one_of(
    st.sampled_from(["gameStateUpdate", "standard/newTrade", "newChatMessage"]), st.text(max_size=9)
)
arguments = st.lists(st.one_of(st.just({"__trace": True}), values), max_size=2)
events = st.one_of(
    st.builds(lambda before, frame: ["gameStateUpdate", *before, frame], st.just([]), frames),
    st.builds(lambda before, frame: ["gameStateUpdate", *before, frame], arguments, frames),
    st.builds(lambda before, trade: ["standard/newTrade", *before, trade], arguments, trades),
    st.builds(lambda name, before: [name, *before], names, arguments),
    values,
)
compact = st.builds(lambda event: json.dumps(event, separators=(",", ":")), events)


def spoil(text, at, inserted, dropped):
    at = min(at, len(text))
    return text[:at] + inserted + text[at + dropped :]


texts = st.one_of(
    compact,
    compact.map(lambda text: text.replace(",", " , ")),
    st.builds(spoil, compact, st.integers(0, 400), st.text(max_size=3), st.integers(0, 3)),
    st.builds(lambda text, end: text[:-1] + end, compact, st.text(max_size=2)),
    st.text(),
)


@given(texts)
@settings(max_examples=400)
def test_one_message_of_any_text(text):
    assert Twins().tell(text) == []


@given(st.lists(compact, min_size=2, max_size=12), st.data())
@settings(max_examples=120)
def test_any_messages_one_after_the_other(messages, data):
    twins = Twins()
    for text in messages:
        if data.draw(st.integers(0, 9)) == 0:
            twins.connect()
        assert twins.tell(text) == []


@given(st.lists(st.one_of(compact, texts), max_size=8))
@settings(max_examples=50)
def test_what_is_kept_of_any_messages_can_be_shown_and_nothing_is_invented(messages):
    twins = Twins()
    for text in messages:
        twins.tell(text)
    assert twins.compare() == []


def update(fields):
    return f'["gameStateUpdate",{{"gameId":"{A}",{fields}}}]'


@pytest.mark.parametrize(
    "text",
    [
        update('"tickCount":1')[:-1] + "}",
        update('"tickCount":1')[:-1],
        update('"tickCount":-0,"price":-0.0'),
        update('"tickCount":5.0,"price":5'),
        update('"price":1e999'),
        update('"price":1e-400'),
        update('"price":NaN,"tickCount":Infinity,"tradeCount":-Infinity'),
        update('"price":9007199254740993'),
        update(f'"tickCount":{LONG}'),
        update(f'"averageMultiplier":{LONG},"leaderboard":{LONG}'),
        update('"averageMultiplier":1e999'),
        update('"averageMultiplier":"\\ud800","rugpool":"\\ud800"'),
        update('"leaderboard":[{"username":"\\ud800"}]'),
        update(f'"leaderboard":{DEEP}'),
        update('"gameHistory":[{"id":1e999}]'),
        update('"gameHistory":[{"id":"a","prices":["\\ud800"]}]'),
        update(f'"gameHistory":[{{"id":"a","prices":[{LONG}]}}]'),
        update(f'"gameHistory":[{{"id":"a","prices":{DEEP}}}]'),
        update('"gameHistory":[{"id":"a","provablyFair":{"serverSeed":"\\ud800"}}]'),
        update('"active":true,"rugged":true,"tickCount":900000,"price":1'),
        update('"active":true,"rugged":true,"tickCount":5'),
        update('"tickCount":1,"tickCount":"2"'),
        update('"tickCount":"1","tickCount":2'),
        f'["unknown",{DEEP}]',
        f'["unknown",{LONG}]',
        '["\\ud800",1]',
        '["standard/newTrade",{"gameId":"g","type":"buy","tickIndex":1,"username":"\\ud800","price":1e999}]',
        '["gameStateUpdate"]',
        "",
        "\0",
        "\ufeff[]",
        "\ud800",
    ],
    ids=lambda text: ascii(text[:60]),
)
def test_known_oddities(text):
    twins = Twins()
    assert twins.tell(text) == []
    assert twins.tell(update('"active":true,"rugged":false,"tickCount":3,"price":1.5')) == []
    assert twins.compare() == []
