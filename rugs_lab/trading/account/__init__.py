"""The ledger of paper money, and everything that changes it.

``account``         `Account`: takes or rejects orders, follows games, settles at the rug
``actions``         what can be ordered: buy, sell, short, cover, side bet, hold
``orders``          an order on its way, and why one is rejected
``holdings``        cash, position, short, side bet; every change of cash is a ledger entry
``ledger``          its lines and their counts, and how each game of an account ended
``fill_marks``      fills and side bets of a game, as figures and widgets draw them
``account_frames``  ledger, closed trades, orders and equity as DataFrames
"""
