import pytest

from rugs_lab.errors import PayloadError
from rugs_lab.game.trade import parse_trade

BUY = {
    "id": "e0",
    "gameId": "20260101-a",
    "playerId": "p1",
    "price": 1.5,
    "type": "buy",
    "qty": 0.2,
    "tickIndex": 4,
    "coin": "solana",
    "amount": 0.3,
    "username": None,
}


def test_a_trade_is_read_with_its_units():
    trade = parse_trade(BUY)
    assert (trade.type, trade.tick, trade.price, trade.amount_sol, trade.units) == ("buy", 4, 1.5, 0.3, 0.2)
    assert (trade.username, trade.practice) == (None, False)


def test_practice_money_is_flagged():
    assert parse_trade({**BUY, "coin": "0xPractice"}).practice
    assert parse_trade({**BUY, "coinAddress": "0xPractice"}).practice


def test_shorts_are_read():
    assert parse_trade({**BUY, "type": "short_open", "qty": 0}).units == 0.0


@pytest.mark.parametrize(
    "change", [{"gameId": None}, {"type": ""}, {"type": 7}, {"tickIndex": -1}, {"tickIndex": True}]
)
def test_a_trade_without_game_type_or_tick_is_refused(change):
    with pytest.raises(PayloadError, match="the trade is rejected"):
        parse_trade({**BUY, **change})


def test_a_trace_in_place_of_the_data_is_refused():
    with pytest.raises(PayloadError):
        parse_trade({"__trace": True, "traceparent": "00-ab-cd-01"})
    with pytest.raises(PayloadError):
        parse_trade([])


@pytest.mark.parametrize("value", ["x", float("nan"), 1e300, True, None])
def test_an_impossible_amount_is_absent(value):
    assert parse_trade({**BUY, "amount": value}).amount_sol is None
