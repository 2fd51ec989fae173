"""Statistics of games: games in, frames with n, a 95 % interval and a baseline out.

``rl.analysis.hazard(games)`` and its neighbours take any `rugs_lab.Games` (loaded, sampled, simulated) and
return a tidy pandas frame; ``rugs_lab.views.analysis_figures`` has a figure for each. A frame's column names
say the unit; ``n``, ``low``, ``high`` (95 %) and ``baseline`` (the published law of the game) stand beside
every value. Absent is absent: with nothing to go by, n is 0 and the value is missing.

``watching``    which ticks of a game were under observation; late starts, holes and missed ends done right
``intervals``   exact, from a standard error, by bootstrap over games; the row that every table is made of
``law``         baselines: closed form where there is one, else the same statistic of simulated games
``lifetimes``   hazard per tick, survival, durations
``heights``     peaks, drawdowns: how many games ever get there
``moves``       returns per tick, with and without the rug tick; volatility before the rug
``windows``     does the rug come within so many ticks: side bets by entry tick
``rugs``        the rule that gives the rug price
``crowd``       players and trades that were recorded
``hours``       time of day
``given``       the check of what every statistic is given
``condition``   how whole the recordings are
``entries``     what became of an entry by a simple rule; what came after a high game
``summary``     the key figures of all of these in one table (``rugs-lab report``)

How damaged games are treated decides whether an estimate is biased. Leaving them out is not neutral: long
games break more often, so "complete games only" shows too high a hazard. Here every game counts for as long
as it was under observation, whatever came of it.
"""

from rugs_lab.analysis.condition import quality
from rugs_lab.analysis.crowd import players, trades_by_tick
from rugs_lab.analysis.entries import after_peak, entry_outcomes
from rugs_lab.analysis.heights import drawdowns, peaks
from rugs_lab.analysis.hours import by_hour, hour_tests
from rugs_lab.analysis.lifetimes import durations, hazard, hazard_by_tick, survival
from rugs_lab.analysis.moves import return_histogram, returns, volatility_before_rug
from rugs_lab.analysis.rugs import rug_price_exceptions, rug_price_rule, rug_prices
from rugs_lab.analysis.summary import summary
from rugs_lab.analysis.windows import sidebets, sidebets_pooled

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
