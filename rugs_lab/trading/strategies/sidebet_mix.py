"""The sidebet strategy of the older desktop program: a position and a bet against it."""

from rugs_lab.trading.account.actions import Decision, buy, hold, sell, sidebet
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import strategy


@strategy(presale=False, name="sidebet")
def sidebet_mix(
    o: Observation,
    below: float = 1.5,
    take: float = 0.20,
    stop: float = 0.15,
    size: float = 0.01,
    stake: float = 0.002,
) -> Decision:
    """Hold a position and insure it with side bets.

    Buys `size` SOL below `below` and sells at `take` above or `stop` below the average cost (shares of it),
    as the conservative strategy does. While it holds, it keeps a side bet of `stake` SOL open: with `stake` a
    quarter of `size`, a rug within the window compensates what the position loses.

    Source: the older desktop program mixes positions and side bets, without thresholds in its documents;
    these are chosen here. Insurance does not change the sum of expected losses: it only lowers the spread.
    """
    trade = hold()
    if o.units > 0.0:
        if o.price >= o.average_cost * (1.0 + take) or o.price <= o.average_cost * (1.0 - stop):
            trade = sell()
        elif not o.bet_open:
            return trade, sidebet(stake)
    elif o.price < below:
        trade = buy(size)
    return trade, hold()
