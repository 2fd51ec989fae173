"""The foundational strategy of the older desktop program: the sweet spot that is hardly ever there."""

from rugs_lab.trading.account.actions import Decision, buy, hold, sell
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import strategy


@strategy(presale=False)
def foundational(
    o: Observation,
    least: float = 25.0,
    most: float = 50.0,
    before: int = 69,
    take: float = 0.20,
    stop: float = 0.15,
    size: float = 0.01,
) -> Decision:
    """Enter at 25x to 50x, but only early in a game.

    Buys `size` SOL when the price is between `least` and `most` and the tick is below `before`; sells
    everything at `take` above or `stop` below the average cost (shares of it).

    Source: the documents of the older desktop program (25x to 50x, tick below 69, where they promise the
    best odds); what it takes and where it stops is chosen here. Games do not get there that early: in
    recorded games it never trades, and a backtest says so.
    """
    if o.units > 0.0:
        if o.price >= o.average_cost * (1.0 + take) or o.price <= o.average_cost * (1.0 - stop):
            return sell()
        return hold()
    if o.tick < before and least <= o.price <= most:
        return buy(size)
    return hold()
