"""The aggressive strategy of the older desktop program."""

from rugs_lab.trading.account.actions import Decision, buy, hold, sell
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import strategy


@strategy(presale=False)
def aggressive(
    o: Observation, below: float = 3.0, take: float = 0.50, stop: float = 0.30, size: float = 0.02
) -> Decision:
    """Enter almost anywhere, and wait for a large gain or a large loss.

    Buys `size` SOL whenever it holds nothing and the price is below `below`; sells everything at `take` above
    or `stop` below the average cost (shares of it).

    Source: the documents of the older desktop program: below 3.0, +50 %, -30 %; the size is chosen here. It
    holds most of the time, so most of its loss is that of the rug.
    """
    if o.units > 0.0:
        if o.price >= o.average_cost * (1.0 + take) or o.price <= o.average_cost * (1.0 - stop):
            return sell()
        return hold()
    if o.price < below:
        return buy(size)
    return hold()
