"""`backtest`: a strategy over games, and what the result is worth.

``backtest``        `backtest`
``run``             `Run`: trades, equity, statistics, figure
``run_stats``       the statistics of a run, with their labels
``baselines``       what risk costs, and random strategies of equal risk
``by_process``      the strategy on simulated games: intervals, ruin, bankroll
``looks``           what was tried on the same games before
``tear_sheet``      a run on one page
``game_replay``     one game of a run tick by tick
``hindsight``       whether games were selected by their outcome
``comparison``      `compare`: two runs, or a run and a paper account, game by game
``differences``     why two sides made different money in the same game
"""
