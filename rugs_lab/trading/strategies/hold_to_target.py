"""Buy and hold to a target."""

from rugs_lab.trading.account.actions import Decision, buy, hold, sell
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import strategy


@strategy
def hold_to_target(o: Observation, multiple: float = 2.0, size: float = 0.01) -> Decision:
    """Buy in presale, sell at a multiple, or lose nearly everything at the rug.

    Buys `size` SOL before every game, which is filled at 1.0, and sells everything as soon as the price has
    reached `multiple` times the average cost; filled one tick later.

    Source: what most players do. The simplest strategy with a stopping time, and so the plainest test that no
    target beats the drift of the price (see docs/the_game.md).
    """
    if o.tick < 0:
        return buy(size)
    if o.units > 0.0 and o.price >= multiple * o.average_cost:
        return sell()
    return hold()
