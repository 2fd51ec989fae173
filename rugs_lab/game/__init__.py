"""The rules of the game, its messages and its price process. Pure: no I/O, no clock, no threads.

``signal``             payload → `GameSignal` and `Update`: the one parser of ``gameStateUpdate``
``fast_signal``        the compiled form of that parser, for well-formed messages
``message_kinds``      which kind of ``gameStateUpdate`` a message is
``parse_values``       one usable value out of anything: price, count, amount, text, flag, game id
``event_text``         the text of an event → its name, its arguments, and which of them is the data
``phase``              `Phase`, and the one rule that says which phase a game is in
``phase_tracker``      follows the phase from message to message, most of which say only what changed
``trade``              ``standard/newTrade`` → `Trade`
``leaderboard``        rows of the leaderboard, side bets of the history
``session_stats``      the server's own statistics: last hundred games, records of the day, rug pool
``limits``             constants of the feed and of the price process, with units in their names
``money``              position and short, limits of an order; SOL in whole lamports
``sidebet``            the side bet: its window, its payout, the chance of a rug within it
``price_process``      the published price process
``provably_fair``      npm ``seedrandom``, `replay_prices`: a finished game from its seed, bit for bit
``compiled_process``   many games at once, compiled: from their seeds, or sampled; loads numba
"""
