"""Rules and paper money: what decides, and what its decisions are worth.

``rule``         a function that decides, with its parameters: `strategy`, `Rule`, `as_rule`
``observation``  what it sees at a tick, and nothing beyond
``actions``      what it can decide: buy, sell, side bet, hold
``options``      cash, latency, limits, stop conditions of a session
``engine``       `play`: a rule over games, by one of two engines that agree to the last lamport:
``ticks``        tick by tick, the definition; keeps the ledger
``compiled``     compiled, over a million games; figures per game. ``kernel`` is its loop, ``machine`` its
                 ledger; ``translate`` and ``rewrite`` make it of a rule, with ``exact`` and ``borrowed``
``outcome``      what came of each game
``check``        whether a rule looks ahead, and whether engines, replay and paper agree (``leaks``)
``signals``      a rule made of two boolean columns
``backtest``     a rule over games: `Run` (``run``), statistics (``run_stats``, ``statistics``) and baselines
                 (``baselines``); ``selected`` notices games that were picked by their outcome
``sweep``        a grid of parameters: ``grid`` (cells), ``chunks`` (units of work), ``swept`` (results)
``rules``        the built-in rules, one page each; ``registry``: every rule by name, other packages' too
``orders``       an action on its way, and why one is turned away
``account``      the one ledger: it follows games and carries orders out; by hand, in a backtest, replay, live
``holdings``     what it holds, cash, position, short and side bet, and the entries of the ledger
``paper``        an account that follows a feed, by hand or by a rule (``live_rule``), its ``paper_stats``;
                 ``trace`` has every decision, ``humans`` each game beside the people who played, ``bots``
                 several accounts in a table
``demonstrations``  what was done by hand, with what was seen
``comparison``   a backtest beside a paper account, game by game, and why they differ (``differences``)
``features``     what a model is shown, as numbers; ``feature_frame`` over games, ``choices`` the decisions
``models``       trained models as rules: ONNX, scikit-learn
``environment``  for gymnasium: a step is a tick, from a ``seat`` in games or at a feed (``feed_seat``);
                 ``vector_environment`` thousands at once, by ``vector_kernel``
``tables``       the ledger, the closed trades, the orders and the equity as pandas frames

A decision made on tick t is carried out at tick t + 1 (presale: at tick 0); if the rug comes first it ends
with the game. Money is counted in whole lamports (`rugs_lab.game.money`), so a ledger balances to the last
bit.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from rugs_lab.strategy.account import Account
from rugs_lab.strategy.actions import Action, buy, cover, hold, sell, short, sidebet
from rugs_lab.strategy.engine import play
from rugs_lab.strategy.observation import Observation
from rugs_lab.strategy.options import Options
from rugs_lab.strategy.orders import Order, Rejection
from rugs_lab.strategy.outcome import Outcome
from rugs_lab.strategy.paper import Paper
from rugs_lab.strategy.rule import Rule, as_rule, strategy

__all__ = [
    "Account",
    "Action",
    "Observation",
    "Options",
    "Order",
    "Outcome",
    "Paper",
    "Rejection",
    "Rule",
    "as_rule",
    "buy",
    "cover",
    "hold",
    "play",
    "sell",
    "short",
    "sidebet",
    "strategy",
]


class _Room(ModuleType):
    """The module itself, which can be called as the decorator `strategy`.

    ``rugs_lab.strategy`` is the name of a room and of the decorator ``rl.strategy``, and the import system
    puts the room under that name whenever it is first imported. So both are this one object: it has the
    modules of the room as attributes, and calling it makes a rule.
    """

    def __call__(
        self, function: Callable[..., Any] | None = None, /, *, presale: bool = True, name: str | None = None
    ) -> Any:
        """Make a rule; see `rugs_lab.strategy.rule.strategy`."""
        if function is None:
            return strategy(presale=presale, name=name)
        return strategy(function)


sys.modules[__name__].__class__ = _Room
