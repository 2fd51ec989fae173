"""The random strategy: the baseline of equal exposure."""

from rugs_lab.trading.account.actions import Decision, buy, hold, sell, sidebet
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import strategy


@strategy(presale=False, name="random")
def at_random(
    o: Observation,
    enter: float = 0.01,
    leave: float = 0.02,
    bet: float = 0.0,
    size: float = 0.01,
    stake: float = 0.001,
    seed: int = 0,
) -> Decision:
    """Buy, sell and bet by chance.

    At each tick it buys `size` SOL with the chance `enter` when it holds nothing, sells everything with the
    chance `leave` when it holds, and places a side bet of `stake` SOL with the chance `bet` when none is
    open.

    Source: none, on purpose. A strategy has to be a pure function, so chance is taken from the digits of the
    price (its ninth decimal and above), mixed with tick and `seed`: the same game gives the same decisions,
    another seed gives others. It begins at tick 1, for before it all games look alike.
    """
    if o.tick < 1:
        return hold(), hold()
    # Park and Miller's generator three times over, with a shift between: whole numbers below 2**62 only, so
    # that interpreted and compiled it gives the same.
    word = (int(o.price * 1e9) + o.tick * 7919 + seed * 104729 + 12345) % 2147483647
    word = (word * 48271 + seed) % 2147483647
    word = ((word ^ (word >> 13)) * 69621 + o.tick) % 2147483647
    word = ((word ^ (word >> 15)) * 48271 + 1) % 2147483647
    move = word / 2147483647.0
    word = ((word ^ (word >> 11)) * 69621 + 7) % 2147483647
    word = ((word ^ (word >> 14)) * 48271 + 3) % 2147483647
    chance = word / 2147483647.0
    trade = hold()
    if o.units > 0.0:
        if move < leave:
            trade = sell()
    elif move < enter:
        trade = buy(size)
    if chance < bet and not o.bet_open:
        return trade, sidebet(stake)
    return trade, hold()
