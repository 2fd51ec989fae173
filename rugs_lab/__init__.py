"""Watch, record, analyse and backtest the game rugs.fun in JupyterLab.

``import rugs_lab as rl`` has the public names: each of ``__all__`` is loaded from its home when it is
first used. Importing the package therefore loads none of pandas, Bokeh, Socket.IO, aiohttp or ipywidgets,
opens nothing and starts nothing.

The packages behind it, each described in its ``__init__``: ``game`` (rules of the game), ``estimates``,
``figures``, ``recordings`` (games at rest), ``feed`` (games in motion), ``analysis`` (statistics),
``trading`` (strategies and paper money), ``views`` (widgets), ``commands``. Listed from the lowest layer up:
each may import only those before it; ``feed`` and ``analysis`` do not import each other.

Read-only is a rule of this package: it listens to the game's public feed and never sends an event.
"""

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from rugs_lab.trading.environment.registration import register

__version__ = "0.2.0"

if TYPE_CHECKING:
    from rugs_lab import analysis as analysis
    from rugs_lab.feed.core.feed import Feed as Feed
    from rugs_lab.feed.live.demo import demo as demo
    from rugs_lab.feed.live.live_feed import RUGS_FUN_URL as RUGS_FUN_URL
    from rugs_lab.feed.live.live_feed import LiveFeed as LiveFeed
    from rugs_lab.feed.replay.replay_feed import ReplayFeed as ReplayFeed
    from rugs_lab.feed.server.game_server import GameServer as GameServer
    from rugs_lab.figures.figure import Figure as Figure
    from rugs_lab.game.phase import Phase as Phase
    from rugs_lab.game.provably_fair import replay_prices as replay_prices
    from rugs_lab.game.signal import GameSignal as GameSignal
    from rugs_lab.recordings.catalogue.seal import seal as seal
    from rugs_lab.recordings.games.game import Game as Game
    from rugs_lab.recordings.games.games import Games as Games
    from rugs_lab.recordings.games.synthetic import synthetic as synthetic
    from rugs_lab.recordings.games.verification import verify as verify
    from rugs_lab.recordings.read.formats.known_formats import formats as formats
    from rugs_lab.recordings.read.load import load as load
    from rugs_lab.recordings.read.load import sample as sample
    from rugs_lab.trading import models as models
    from rugs_lab.trading.account.actions import Action as Action
    from rugs_lab.trading.account.actions import buy as buy
    from rugs_lab.trading.account.actions import cover as cover
    from rugs_lab.trading.account.actions import hold as hold
    from rugs_lab.trading.account.actions import sell as sell
    from rugs_lab.trading.account.actions import short as short
    from rugs_lab.trading.account.actions import sidebet as sidebet
    from rugs_lab.trading.backtest.backtest import backtest as backtest
    from rugs_lab.trading.backtest.comparison import compare as compare
    from rugs_lab.trading.backtest.run import Run as Run
    from rugs_lab.trading.check.check import check as check
    from rugs_lab.trading.features.feature_set import features as features
    from rugs_lab.trading.paper.paper_account import Paper as Paper
    from rugs_lab.trading.strategy.observation import Observation as Observation
    from rugs_lab.trading.strategy.signals import signals as signals
    from rugs_lab.trading.strategy.strategy import Strategy as Strategy
    from rugs_lab.trading.strategy.strategy import strategy as strategy
    from rugs_lab.trading.strategy.strategy_registry import strategies as strategies
    from rugs_lab.trading.sweep.sweep import sweep as sweep
    from rugs_lab.trading.sweep.sweep_result import Sweep as Sweep
    from rugs_lab.views.cells.open_views import watch as watch
    from rugs_lab.views.cells.replay_view import replay as replay
    from rugs_lab.views.strategy_lab.lab_view import lab as lab
else:
    # Name -> module that defines it. Type checkers read the imports above instead: to them a misspelt name
    # is an error, which it would not be if they saw __getattr__.
    _HOMES = {
        "RUGS_FUN_URL": "rugs_lab.feed.live.live_feed",
        "Action": "rugs_lab.trading.account.actions",
        "Feed": "rugs_lab.feed.core.feed",
        "Figure": "rugs_lab.figures.figure",
        "Game": "rugs_lab.recordings.games.game",
        "GameServer": "rugs_lab.feed.server.game_server",
        "GameSignal": "rugs_lab.game.signal",
        "Games": "rugs_lab.recordings.games.games",
        "LiveFeed": "rugs_lab.feed.live.live_feed",
        "Observation": "rugs_lab.trading.strategy.observation",
        "Paper": "rugs_lab.trading.paper.paper_account",
        "Phase": "rugs_lab.game.phase",
        "ReplayFeed": "rugs_lab.feed.replay.replay_feed",
        "Run": "rugs_lab.trading.backtest.run",
        "Strategy": "rugs_lab.trading.strategy.strategy",
        "Sweep": "rugs_lab.trading.sweep.sweep_result",
        "analysis": "rugs_lab.analysis",
        "backtest": "rugs_lab.trading.backtest.backtest",
        "buy": "rugs_lab.trading.account.actions",
        "check": "rugs_lab.trading.check.check",
        "compare": "rugs_lab.trading.backtest.comparison",
        "cover": "rugs_lab.trading.account.actions",
        "demo": "rugs_lab.feed.live.demo",
        "features": "rugs_lab.trading.features.feature_set",
        "formats": "rugs_lab.recordings.read.formats.known_formats",
        "hold": "rugs_lab.trading.account.actions",
        "lab": "rugs_lab.views.strategy_lab.lab_view",
        "load": "rugs_lab.recordings.read.load",
        "models": "rugs_lab.trading.models",
        "replay": "rugs_lab.views.cells.replay_view",
        "replay_prices": "rugs_lab.game.provably_fair",
        "sample": "rugs_lab.recordings.read.load",
        "seal": "rugs_lab.recordings.catalogue.seal",
        "sell": "rugs_lab.trading.account.actions",
        "short": "rugs_lab.trading.account.actions",
        "sidebet": "rugs_lab.trading.account.actions",
        "signals": "rugs_lab.trading.strategy.signals",
        "strategies": "rugs_lab.trading.strategy.strategy_registry",
        "strategy": "rugs_lab.trading.strategy.strategy",
        "sweep": "rugs_lab.trading.sweep.sweep",
        "synthetic": "rugs_lab.recordings.games.synthetic",
        "verify": "rugs_lab.recordings.games.verification",
        "watch": "rugs_lab.views.cells.open_views",
    }
    __all__ = [*_HOMES, "__version__"]

    def __getattr__(name):
        """Load a public name from its home on first use and keep it."""
        home = _HOMES.get(name)
        if home is None:
            close = get_close_matches(name, __all__, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "dir(rugs_lab) lists what it offers."
            raise AttributeError(f"module 'rugs_lab' has no attribute {name!r}: {hint}")
        module = import_module(home)
        value = globals()[name] = getattr(module, name, module)  # `analysis` and `models` are packages
        return value

    def __dir__():
        """List the public names, whether they were loaded yet or not."""
        return sorted(__all__)


register()
