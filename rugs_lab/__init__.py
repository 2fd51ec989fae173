"""Watch, record, explore and simulate the game rugs.fun in Jupyter.

``import rugs_lab as rl`` is the public face: every name in ``__all__`` is loaded from its home when it is
first used. Importing the package therefore loads none of pandas, Bokeh, Socket.IO, aiohttp or ipywidgets,
opens nothing and starts nothing.

The rooms behind it, each with a page of its own in its ``__init__``: ``game`` (the rules of the game),
``recordings`` (games at rest), ``feed`` (games in motion), ``strategy`` (rules and paper money), ``analysis``
(statistics, as ``rl.analysis``), ``views`` (figures and widgets). Imports go down only, in that order.

Read-only is a rule of this package: it listens to the game's public feed and never sends anything to it.
"""

from difflib import get_close_matches
from importlib import import_module
from sys import modules
from typing import TYPE_CHECKING

from rugs_lab.registration import register

__version__ = "0.1.0"

__all__ = [
    "RUGS_FUN_URL",
    "Game",
    "GameServer",
    "GameSignal",
    "Games",
    "LiveFeed",
    "Phase",
    "ReplayFeed",
    "__version__",
    "analysis",
    "backtest",
    "buy",
    "check",
    "compare",
    "cover",
    "demo",
    "hold",
    "lab",
    "load",
    "models",
    "replay",
    "replay_prices",
    "rules",
    "sample",
    "seal",
    "sell",
    "short",
    "sidebet",
    "signals",
    "strategy",
    "sweep",
    "synthetic",
    "verify",
    "watch",
]

if TYPE_CHECKING:
    from rugs_lab import analysis
    from rugs_lab.feed.demo import demo
    from rugs_lab.feed.live import RUGS_FUN_URL, LiveFeed
    from rugs_lab.feed.replay import ReplayFeed
    from rugs_lab.feed.server import GameServer
    from rugs_lab.game.fair import replay_prices
    from rugs_lab.game.phase import Phase
    from rugs_lab.game.signal import GameSignal
    from rugs_lab.recordings.fairness import verify
    from rugs_lab.recordings.game import Game
    from rugs_lab.recordings.games import Games
    from rugs_lab.recordings.load import load
    from rugs_lab.recordings.sample import sample
    from rugs_lab.recordings.seal import seal
    from rugs_lab.recordings.synthetic import synthetic
    from rugs_lab.strategy import models
    from rugs_lab.strategy.actions import buy, cover, hold, sell, short, sidebet
    from rugs_lab.strategy.backtest import backtest
    from rugs_lab.strategy.check import check
    from rugs_lab.strategy.comparison import compare
    from rugs_lab.strategy.registry import rules
    from rugs_lab.strategy.rule import strategy
    from rugs_lab.strategy.signals import signals
    from rugs_lab.strategy.sweep import sweep
    from rugs_lab.views import lab, replay, watch
else:
    # Name -> module that defines it. Type checkers read the imports above instead: to them a misspelt name
    # is an error, which it would not be if they saw __getattr__.
    _HOMES = {
        "RUGS_FUN_URL": "rugs_lab.feed.live",
        "Game": "rugs_lab.recordings.game",
        "GameServer": "rugs_lab.feed.server",
        "GameSignal": "rugs_lab.game.signal",
        "Games": "rugs_lab.recordings.games",
        "LiveFeed": "rugs_lab.feed.live",
        "Phase": "rugs_lab.game.phase",
        "ReplayFeed": "rugs_lab.feed.replay",
        "analysis": "rugs_lab",
        "backtest": "rugs_lab.strategy.backtest",
        "buy": "rugs_lab.strategy.actions",
        "check": "rugs_lab.strategy.check",
        "compare": "rugs_lab.strategy.comparison",
        "cover": "rugs_lab.strategy.actions",
        "demo": "rugs_lab.feed.demo",
        "hold": "rugs_lab.strategy.actions",
        "lab": "rugs_lab.views",
        "load": "rugs_lab.recordings.load",
        "models": "rugs_lab.strategy",
        "replay": "rugs_lab.views",
        "replay_prices": "rugs_lab.game.fair",
        "rules": "rugs_lab.strategy.registry",
        "sample": "rugs_lab.recordings.sample",
        "seal": "rugs_lab.recordings.seal",
        "sell": "rugs_lab.strategy.actions",
        "short": "rugs_lab.strategy.actions",
        "sidebet": "rugs_lab.strategy.actions",
        "signals": "rugs_lab.strategy.signals",
        "strategy": "rugs_lab.strategy.rule",
        "sweep": "rugs_lab.strategy.sweep",
        "synthetic": "rugs_lab.recordings.synthetic",
        "verify": "rugs_lab.recordings.fairness",
        "watch": "rugs_lab.views",
    }

    def __getattr__(name):
        """Load a public name from its home on first use and keep it."""
        register()
        home = _HOMES.get(name)
        if home is None:
            close = get_close_matches(name, __all__, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "dir(rugs_lab) lists what it offers."
            raise AttributeError(f"module 'rugs_lab' has no attribute {name!r}: {hint}")
        if home == __name__:
            return import_module(f"{home}.{name}")  # a room is itself the value
        module = import_module(home)
        # A room of the same name can be called itself (see rugs_lab.strategy), and stays what the name means.
        value = modules.get(f"rugs_lab.{name}") or getattr(module, name, None)
        value = globals()[name] = value or import_module(f"{home}.{name}")  # or a module there
        return value

    def __dir__():
        """List the public names, whether they were loaded yet or not."""
        return sorted(__all__)


register()
