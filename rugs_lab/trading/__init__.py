"""Strategies and paper money: what decides, and what its decisions are worth.

``strategy``     the decorator `strategy`, what a strategy sees (`Observation`), the registry
``strategies``   the built-in strategies, one module each
``account``      the one ledger: orders, fills, position, side bet; by hand, in a backtest, replay and live
``engine``       `play`: a strategy over games, tick by tick or compiled, with identical `GameResults`
``backtest``     `backtest` → `Run`: statistics, baselines, comparison
``sweep``        `sweep` → `Sweep`: a grid of parameters, the best combination tested on held-out games
``check``        `check`: look-ahead bias, and whether engines, replay and live agree
``paper``        `Paper`: an account on a feed, traded by hand or by a strategy (a bot)
``features``     what a model is shown, as numbers
``models``       trained models as strategies: ONNX, scikit-learn
``environment``  the same games for reinforcement learning (gymnasium)

One word for each kind of result: `GameResults` is what an engine returns, one row per game; a `Run` is a
strategy over games with its statistics; a `Sweep` is many runs, one per parameter combination.
"""
