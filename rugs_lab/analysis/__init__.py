"""Statistics of games: games in, DataFrames with n, 95 % intervals and baselines out.

``rl.analysis.hazard(games)`` and its neighbours take any `rugs_lab.Games` (loaded, sampled, simulated) and
return a tidy pandas frame; ``games.plot`` has a figure for each. A frame's column names say the unit; ``n``,
``low``, ``high`` (95 %) and ``baseline`` (the published price process) are given with every estimate.
Without observations n is 0 and the value is missing.

``observed``    which ticks of a game were under observation; late starts, gaps and missed ends done right
``baselines``   closed form where there is one, else the same statistic of simulated games
``survival``    hazard per tick, survival, durations
``peaks``       peaks, drawdowns: how many games ever get there
``returns``     returns per tick, with and without the rug tick; volatility before the rug
``sidebets``    does the rug come within so many ticks, by entry tick
``rug_price``   the relation between the rug price and the lowest price
``players``     players and trades that were recorded
``hours``       time of day
``quality``     how complete the recordings are
``entries``     results of simple entries; games after a high game
``plots``       ``games.plot``: a figure for each of these
``summary``     the key figures of all of these in one table (``rugs-lab report``)

Every game counts for as long as it was under observation, damaged ones too: leaving those out is not neutral,
as long games break more often.
"""

from rugs_lab.analysis._entries import after_peak, entry_outcomes
from rugs_lab.analysis._hours import by_hour, hour_tests
from rugs_lab.analysis._peaks import drawdowns, peaks
from rugs_lab.analysis._players import players, trades_by_tick
from rugs_lab.analysis._quality import quality
from rugs_lab.analysis._returns import return_histogram, returns, volatility_before_rug
from rugs_lab.analysis._rug_price import rug_price_exceptions, rug_price_rule, rug_prices
from rugs_lab.analysis._sidebets import sidebets, sidebets_pooled
from rugs_lab.analysis._summary import summary
from rugs_lab.analysis._survival import durations, hazard, hazard_by_tick, survival

__all__ = [
    "after_peak",
    "by_hour",
    "drawdowns",
    "durations",
    "entry_outcomes",
    "hazard",
    "hazard_by_tick",
    "hour_tests",
    "peaks",
    "players",
    "quality",
    "return_histogram",
    "returns",
    "rug_price_exceptions",
    "rug_price_rule",
    "rug_prices",
    "sidebets",
    "sidebets_pooled",
    "summary",
    "survival",
    "trades_by_tick",
    "volatility_before_rug",
]
