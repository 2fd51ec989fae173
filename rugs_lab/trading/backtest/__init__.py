"""`backtest`: a strategy over games, and what the result is worth.

``backtest``        `backtest`
``run``             `Run`: trades, equity, statistics, figure
``run_stats``       the statistics of a run, with their labels
``baselines``       no trading, and a random strategy
``hindsight``       whether games were selected by their outcome
``comparison``      `compare`: two runs, or a run and a paper account, game by game
``differences``     why two sides made different money in the same game
"""
