"""The built-in strategies, one module each: examples to copy, and baselines to compare with.

``conservative``     buys low, takes +20 % or -15 %, bets on the rug after tick 100
``aggressive``       buys up to 3x, takes +50 % or -30 %
``sidebet_mix``      a position, and a side bet as its insurance
``foundational``     enters at 25x to 50x before tick 69, which games do not do
``hold_to_target``   buys in presale and waits for a multiple
``martingale``       side bets whose stake grows with every loss
``at_random``        random decisions, with any exposure: the baseline

None of them makes money, and none can: the expected price one tick ahead is below the price,
and a side bet returns 91 % of its stake (see docs/the_game.md). They are found by name
in ``rugs_lab.strategies``; other packages add theirs (`rugs_lab.trading.strategy.strategy_registry`). Each of
them compiles.
"""
