"""The conservative strategy of the older desktop program."""

from rugs_lab.trading.account.actions import Decision, buy, hold, sell, sidebet
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import strategy


@strategy(presale=False)
def conservative(
    o: Observation,
    below: float = 1.5,
    take: float = 0.20,
    stop: float = 0.15,
    bet_from: int = 100,
    size: float = 0.01,
    stake: float = 0.002,
) -> Decision:
    """Buy low, take a small gain or a small loss, and late in a game bet on its end.

    Buys `size` SOL whenever it holds nothing and the price is below `below`; sells everything at `take` above
    or `stop` below the average cost (shares of it). After tick `bet_from` it also keeps a side bet of `stake`
    SOL open.

    Source: the documents of the older desktop program: below 1.5, +20 %, -15 %, side bets after tick 100;
    the sizes are chosen here. The idea that a late rug is "due" is wrong: the hazard is 0.5 % at every tick.
    """
    trade = hold()
    if o.units > 0.0:
        if o.price >= o.average_cost * (1.0 + take) or o.price <= o.average_cost * (1.0 - stop):
            trade = sell()
    elif o.price < below:
        trade = buy(size)
    if o.tick > bet_from and not o.bet_open:
        return trade, sidebet(stake)
    return trade, hold()
