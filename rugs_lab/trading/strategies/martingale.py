"""Martingale side bets: the stake grows until a bet wins, or the cash ends."""

from rugs_lab.trading.account.actions import Decision, hold, sidebet
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import strategy


@strategy(presale=False)
def martingale(
    o: Observation, stake: float = 0.001, factor: float = 1.25, most: float = 1.0, bet_from: int = 0
) -> Decision:
    """Place one side bet after the other, each loss making the next stake `factor` times larger.

    Starts with `stake` SOL, goes back to it after a win, and stakes never more than `most` SOL nor more than
    there is. From tick `bet_from` on it always has a bet open. A win gains four stakes (it pays five in
    total), so a factor of 1.25 compensates for what was lost before.

    Source: folklore. Every stake loses 9.16 % on average whatever its size; the strategy trades many small
    gains for a rare loss of everything, which a win rate hides and a ruin probability shows.
    """
    if o.bet_open or o.tick < bet_from:
        return hold()
    amount = stake
    for _ in range(min(o.bet_loss_streak, 200)):
        amount = min(amount * factor, most)
    if amount > o.cash:
        return hold()
    return sidebet(amount)
