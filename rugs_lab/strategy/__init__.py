"""Rules and paper money: what decides, and what its decisions are worth.

``actions``   what can be decided at a tick: buy, sell, side bet, hold
``orders``    an action on its way, and why one is turned away
``account``   the one ledger: it follows games and carries orders out; by hand, in a backtest, replay, live
``holdings``  what it holds, cash, position and side bet, and the entries of the ledger
``paper``     an account that follows a feed: by hand or by a rule, with what an outage does to it
``tables``    the ledger, the closed trades, the orders and the equity as pandas frames

A decision made on tick t is carried out at tick t + 1 (presale: at tick 0); if the rug comes first it ends
with the game. Money is counted in whole lamports (`rugs_lab.game.money`), so a ledger balances to the last
bit.
"""

from __future__ import annotations

from rugs_lab.strategy.account import Account
from rugs_lab.strategy.actions import Action, buy, hold, sell, sidebet
from rugs_lab.strategy.orders import Order, Rejection
from rugs_lab.strategy.paper import Paper

__all__ = ["Account", "Action", "Order", "Paper", "Rejection", "buy", "hold", "sell", "sidebet"]
