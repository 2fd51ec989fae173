"""Two engines that play a strategy over games with identical results.

``play``               `play`: chooses the engine
``session_options``    `Options`: cash, latency, limits and stop conditions of a session
``game_results``       `GameResults`: the result of each game; the same from either engine
``tick_engine``        tick by tick, the definition; keeps the ledger
``compiled_engine``    compiled to machine code, over millions of games; keeps figures per game
``compilable``         which strategies can be compiled, and why one cannot
``allowed``            the list of what may be compiled, and whole numbers checked
``compiled_strategy``  how a strategy's source is rewritten before it is compiled
``compiled_loop``      its loop over games and ticks
``compiled_account``   its account, in whole numbers
``compiled_ledger``    the orders of a compiled run, given again to accounts that keep the ledger
``compiled_math``      what takes the place of functions whose compiled form differs in the last bit
``compiled_arrays``    arrays without copies; numpy's own loops, sums, spreads and quantiles
``sessions``           `play_sessions`: many sessions of drawn games
``whole_numbers``      whole numbers that raise where they do not fit
``batches``            games in batches, on threads
"""
