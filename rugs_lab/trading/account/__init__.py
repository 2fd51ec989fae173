"""The ledger of paper money, and everything that changes it.

``account``         `Account`: takes orders, fills them at the next tick, settles at the rug
``actions``         what can be ordered: buy, sell, short, cover, side bet, hold
``orders``          an order on its way, and why one is rejected
``holdings``        cash, position, short, side bet; every change of cash is a ledger entry
``ledger``          one line of the ledger, and how each game of an account ended
``ledger_counts``   buys, trades and bets of a ledger, counted once for backtest, paper and bots
``fill_marks``      fills and side bets of a game, as figures and widgets draw them
``account_frames``  ledger, closed trades, orders and equity as DataFrames
"""
