"""A strategy that trades paper money in a live widget: which there are, and the one that trades.

Its marks on the chart, which change seldom, are a part of their own (`StrategyMarksPart`): its figures change
with every tick.
"""

from collections.abc import Callable, Hashable
from typing import Any, Final

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.fill_marks import entries_here
from rugs_lab.trading.paper.accounts import accounts_of
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.trading.strategy.strategy_registry import strategies
from rugs_lab.views.page.part_base import Part, Throttle
from rugs_lab.views.parts.trade_panel import drawn

BUILT_IN: Final = "built-in"
NOTEBOOK: Final = "notebook"
LOOK_EVERY_S: Final = 1.0
SHOWN_MARKS: Final = 300
"""Newest lines of the ledger of the running game that are drawn."""


class StrategiesPart(Part):
    """Which strategies there are, by where they come from."""

    name = "strategies"

    def __init__(self) -> None:
        self._listed = Throttle(_list, LOOK_EVERY_S)

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        return self._listed.now()

    def status(self) -> dict[str, Any]:
        """Return place, name and parameters of each strategy."""
        return {"strategies": [list(each) for each in self._listed.now() or ()]}


class StrategyPart(Part):
    """Starts and stops a strategy on a feed, with its own parameters and 1 SOL of paper money."""

    name = "strategy"
    lasting = frozenset({"stop"})

    def __init__(self, feed: Feed) -> None:
        self._accounts = accounts_of(feed)
        self.actions = {
            "start": lambda place, strategy: self._accounts.start_strategy(_found(place, strategy)),
            "stop": lambda: self._started(Paper.close),
            "resume": lambda: self._started(Paper.resume),
        }

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        paper = self._accounts.by_strategy
        if paper is None:
            return None
        return id(paper), paper.version, paper.decisions.decisions, _state(paper)

    def status(self) -> dict[str, Any]:
        """Return the strategy, how it is, and the figures of its account: SOL, numbers, ms."""
        paper = self._accounts.by_strategy
        if paper is None or paper.strategy is None:
            return {"state": "none"}
        timing = paper.decisions
        late = f"{timing.left_out:,} ticks left out, {timing.lag_ticks} behind" if timing.left_out else ""
        late += f" NaN or infinity at {timing.undecided:,} ticks: held" if timing.undecided else ""
        return {
            "strategy": paper.strategy.name,
            "parameters": parameters_of(paper.strategy),
            "state": _state(paper),
            "error": paper.strategy_error or late,
            "decisions": timing.decisions,
            "mean_ms": timing.mean_ms,
            "figures": paper.between_ticks(figures_of),
        }

    def _started(self, action: Callable[[Paper], None]) -> None:
        paper = self._accounts.by_strategy
        if paper is not None:
            action(paper)


class StrategyMarksPart(Part):
    """What the strategy's account did in its game, for marks on the chart."""

    name = "strategy_marks"

    def __init__(self, feed: Feed) -> None:
        self._accounts = accounts_of(feed)

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        paper = self._accounts.by_strategy
        if paper is None:
            return None
        return id(paper), paper.account.game_id, len(paper.account.entries)

    def status(self) -> dict[str, Any]:
        """Return game, fills and side bets; see `rugs_lab.figures.marks`."""
        paper = self._accounts.by_strategy
        if paper is None:
            return {"game": None, "marks": [], "bets": []}
        game, lines = paper.between_ticks(lambda its: (its.game_id, entries_here(its, SHOWN_MARKS)))
        return {"game": game, **drawn(lines)}


def _state(paper: Paper) -> str:
    """Return ``running``, ``paused`` or ``stopped`` (by an error), or ``ended`` (by the reader)."""
    return "ended" if paper.closed and paper.strategy_state != "stopped" else paper.strategy_state


def figures_of(account: Account) -> dict[str, Any]:
    """Return what a strategy's account has come to: SOL, numbers."""
    return {
        **{name: getattr(account, f"{name}_sol") for name in ("start", "equity", "realised")},
        "units": account.position.units,
        "bet": account.bet is not None,
        "games": len(account.games),
        "lines": len(account.entries),
    }


def _found(place: str, name: str) -> Strategy:
    if place != NOTEBOOK:
        return strategies[name]
    strategy = _defined().get(name)
    if strategy is None:
        raise ArgumentError(f"the notebook has no strategy {name[:60]!r} now: run the cell that defines it")
    return strategy


def _list() -> tuple[tuple[str, str, str], ...]:
    built_in = [(BUILT_IN, name, strategy) for name, strategy in strategies.items()]
    defined = [(NOTEBOOK, name, strategy) for name, strategy in _defined().items()]
    return tuple((place, name, parameters_of(strategy)) for place, name, strategy in [*built_in, *defined])


def _defined() -> dict[str, Strategy]:
    """Return the strategies of the notebook's namespace by the name of their variable, each strategy once."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return {}
    found: dict[str, Strategy] = {}
    theirs = {id(strategy) for strategy in strategies.values()}
    for name, value in shell.user_ns.copy().items():
        if isinstance(value, Strategy) and not name.startswith("_") and id(value) not in theirs:
            theirs.add(id(value))
            found[name] = value
    return found


def parameters_of(strategy: Strategy) -> str:
    """Return a strategy's parameters and their values."""
    return ", ".join(f"{name}={value!r:.40}" for name, value in strategy.parameters.items())[:300]
