"""`StrategyDriver`: a strategy that trades paper money on a feed, on the same ticks as in a backtest.

After each new tick that the account has taken, the strategy is asked with what can be seen at that tick, and
its order is filled at the next one. In a replay, which waits for its synchronous subscribers, that gives the
fills of a backtest. A live feed waits for nobody: there the order is filled after whatever the feed had shown
by the time the strategy had decided, so that a slow strategy gets the prices it would have got.

One that takes longer than a tick is asked about the newest tick next, and the ticks left out are counted.

The strategy is not asked at ticks that were back-filled afterwards, while the data are stale, or while an
earlier game waits for its settlement. It runs on a thread of its own and has a limited time. One that raises,
or takes longer, is paused, with its reason, until `resume`; what it answers later is ignored. The third time
it is stopped, and at once where it cannot begin.
"""

import time
from collections import deque
from collections.abc import Callable
from copy import copy
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from rugs_lab.errors import ArgumentError, FeedError
from rugs_lab.game.limits import START_PRICE
from rugs_lab.game.phase import Phase
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.actions import Action
from rugs_lab.trading.paper.decision_trace import KEPT, Answer
from rugs_lab.trading.paper.demonstrations import Demonstration, account_at
from rugs_lab.trading.paper.feed_account import FeedAccount
from rugs_lab.trading.strategy.error_messages import error_text, hint_of
from rugs_lab.trading.strategy.observation import Observation, Observer
from rugs_lab.trading.strategy.strategy import Strategy, actions_of, reaches_back

_T = TypeVar("_T")

LIMIT_S: Final = 1.0
"""Time for a decision, in seconds: four ticks of the live game."""

SLOW_S: Final = 0.05
"""A decision that took longer leaves out the ticks that came meanwhile: the newest is asked about next."""

MOST_FAULTS: Final = 3
"""Exceptions and late answers, of which the last one stops a strategy."""

FIRST_LIMIT_S: Final = 10.0
"""Time for the first one, in which a model may load and a function be compiled."""


class Timing(NamedTuple):
    """How often a strategy was called and answered, and how long it took (ms; 0.0 before the first).

    `left_out` ticks were not asked about, because newer ones were there when it had decided; `lag_ticks` had
    come when its last decision was made; at `undecided` ones its model answered with NaN or infinity.
    """

    decisions: int = 0
    mean_ms: float = 0.0
    max_ms: float = 0.0
    left_out: int = 0
    lag_ticks: int = 0
    undecided: int = 0


class StrategyDriver:
    """Asks a strategy on behalf of a `FeedAccount`, which passes on every event after taking it.

    `state` is ``none``, ``running``, ``paused`` or ``stopped``; `error` why it is paused or stopped. Where
    there is none, `watched` has the newest ticks at which one would have been asked.
    """

    def __init__(self, paper: FeedAccount, strategy: Strategy | None, *, limit_s: float = LIMIT_S) -> None:
        self.strategy = self._given = strategy
        self.state = "none" if strategy is None else "running"
        self.error = ""
        self.limit_s = limit_s
        self._paper = paper
        self._asked = 0
        self._seconds = self._longest = 0.0
        self._left_out = self._lag = 0
        self._worker: _Worker | None = None
        self._late: _Worker | None = None
        self._faults = 0
        self._ended = False
        self.reset()

    @property
    def timing(self) -> Timing:
        """How often the strategy was called, and how long it took."""
        mean = self._seconds / self._asked if self._asked else 0.0
        undecided = getattr(self.strategy and self.strategy.function, "undecided", 0)
        return Timing(self._asked, 1e3 * mean, 1e3 * self._longest, self._left_out, self._lag, undecided)

    def reset(self) -> None:
        """Begin a new session in the account's game, between two ticks; one paused or stopped stays so."""
        self._observer = Observer(self._paper.account)
        self._game: str | None = None
        self._begun: str | None = None
        self._shown: tuple[str | None, int] = (None, -1)
        self._presale_asked = False
        self.watched = deque[Demonstration](maxlen=KEPT)
        self._paper.account.idle_from = 0 if self.error else None
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()
        if self._given is not None:
            self.strategy = self._given.fresh()
            self._guard(self.strategy.begin_run, self._paper.feed.source_games or Games([]), last=True)
        self._follow_account()

    def resume(self) -> None:
        """Continue with a strategy that was paused, from the next tick; called between two ticks."""
        if self.state == "running":
            return
        if self.strategy is None or self._ended or self.state == "stopped":
            why = "the account is closed" if self._ended else self.error or "no strategy trades here"
            raise ArgumentError(f"no strategy is paused ({why}); start one with feed.paper(strategy)")
        if self._late is not None and self._late.thread.is_alive():
            raise FeedError(f"strategy {self.strategy.name} still decides: {self.error}; try again later")
        self.state, self.error, self._late = "running", "", None
        self._paper.account.end_idle()  # its games count again, the running one included
        self._paper.version += 1
        self._begin_game()

    def close(self) -> None:
        """Ask no more; the strategy's thread ends when it has answered."""
        self._ended = True
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def follow(self, name: str, what: tuple[Any, ...]) -> None:
        """Take an event of the feed that the account has taken before."""
        self._paper.decide(lambda: self._observe(self._take(name, what)), self._ask)

    def seen(self, tick: int) -> Observation:
        """Return what was seen of the account's game at a tick, with the account as it was then."""
        account, then = self._paper.account, copy(self._observer)
        game = self._paper.feed.book.get(account.game_id or "")
        tick = tick if game is not None else -1  # the account has entered no game yet
        prices = np.array([START_PRICE] if game is None or tick < 0 else game.prices[: tick + 1])
        then.account = account_at(account, tick)
        then.begin()
        if tick >= 0:
            then.see(tick, [np.nan, *prices[~np.isnan(prices)].tolist()][-1])
        return then.observation()._replace(prices=prices)

    def presale(self) -> None:
        """Ask at once where the account is in a presale that began before it followed the feed."""
        if self.strategy is not None:
            self._paper.decide(
                lambda: self._observe(self._paper.feed.phase is Phase.PRESALE and self._presale_open()),
                self._ask,
            )

    def _observe(self, wanted: bool) -> Observation | None:
        if wanted and self.state == "none":
            self.watched.append(Demonstration.of(self._game, self._observer.observation()))
        return self._observer.observation() if wanted and self.state == "running" else None

    def _take(self, name: str, what: tuple[Any, ...]) -> bool:
        """Follow the account; return whether the strategy is to be asked."""
        account = self._paper.account
        if name != "tick":
            self._follow_account()
            return name == "phase" and what[0].after is Phase.PRESALE and self._presale_open()
        tick = what[0]
        begun = self._game
        if tick.game_id == account.game_id == begun and not tick.rug:
            self._observer.see(tick.tick, tick.price)
        self._follow_account()
        if tick.rug or tick.backfilled or tick.game_id != account.game_id or tick.tick != account.now:
            return False
        if self._shown[0] == tick.game_id and tick.tick < self._shown[1]:
            self._left_out += 1
            return False
        return account.tradeable and self._paper.rejection(of_strategy=True) is None

    def _presale_open(self) -> bool:
        account = self._paper.account
        closed = not account.tradeable or account.now >= 0 or self._presale_asked
        if closed or self._paper.rejection(of_strategy=True):
            return False
        self._presale_asked = True
        return self.strategy is None or self.strategy.presale

    def _follow_account(self) -> None:
        """Begin and end games as the account has done."""
        account, observer, book = self._paper.account, self._observer, self._paper.feed.book
        if self._game is not None and (account.game_id != self._game or not account.tradeable):
            game = book.get(self._game)
            observer.end(None if game is None else game.rug_tick)
            self._game = None
        if self._game is None and account.tradeable and account.game_id is not None:
            self._game = account.game_id
            self._presale_asked = False
            observer.begin()
            game = book.get(account.game_id)
            for tick, price in enumerate([] if game is None else game.prices[: account.now + 1].tolist()):
                if price == price:
                    observer.see(tick, price)
            self._begin_game()

    def _begin_game(self) -> None:
        """Tell the strategy of the game that runs, once, unless it is paused."""
        if self.strategy is not None and self.state == "running" and self._game not in (None, self._begun):
            self._begun = self._game
            self._guard(self.strategy.begin_game, self._game)

    def _ask(self, o: Observation) -> Answer | None:
        """Return what the strategy decides, and None where it gives no answer; ticks may come meanwhile."""
        strategy = self.strategy
        if strategy is None:
            return None
        worker = self._worker
        if worker is None:
            worker = self._worker = _Worker(strategy)
        if self._ended:  # it was closed meanwhile, on another thread
            worker.end()
            return None
        limit = self.limit_s if self._asked else max(FIRST_LIMIT_S, self.limit_s)
        answer = worker.ask(o, limit)
        if self._ended:
            return None
        if answer is None:
            worker.end()
            self._late, self._worker = worker, None
            self._fault(f"it did not answer within {limit:g} s at tick {o.tick}", o.tick)
            return None
        if isinstance(answer, BaseException):
            self._fault(_words(answer, strategy, o.tick), o.tick)
            return None
        self._asked += 1
        self._seconds += answer.seconds
        self._longest = max(self._longest, answer.seconds)
        shown = o.tick if self._paper.replayed else self._paper.shown
        self._lag = max(0, shown - o.tick)
        if answer.seconds >= SLOW_S:
            self._shown = self._paper.account.game_id, shown
        return answer

    def _guard(self, function: Callable[[_T], None], what: _T, *, last: bool = False) -> None:
        try:
            function(what)
        except Exception as error:
            self._begun = None
            self._fault(_words(error, self.strategy, -1), -1, last=last)

    def _fault(self, reason: str, tick: int, *, last: bool = False) -> None:
        """Pause the strategy at a tick, or stop it; a game in which it saw no tick before does not count."""
        self._faults += 1
        self._paper.sit_out(this_game=tick < 0)
        self.error = reason if last else f"{reason}; fault {self._faults} of {MOST_FAULTS}"
        self.state = "stopped" if last or self._faults >= MOST_FAULTS else "paused"


class _Worker:
    """A thread on which a strategy decides."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        self._asked: SimpleQueue[Observation | None] = SimpleQueue()
        self._answered: SimpleQueue[Answer | BaseException] = SimpleQueue()
        self.thread = Thread(target=self._run, name=f"rugs_lab strategy {strategy.name}", daemon=True)
        self.thread.start()

    def ask(self, o: Observation, limit_s: float) -> Answer | BaseException | None:
        """Return the answer, or what the strategy raised; None when it took longer than `limit_s`."""
        self._asked.put(o)
        try:
            return self._answered.get(timeout=limit_s)
        except Empty:
            return None

    def end(self) -> None:
        """Let the thread end when it has answered."""
        self._asked.put(None)

    def _run(self) -> None:
        while (o := self._asked.get()) is not None:
            begun = time.perf_counter()
            actions: tuple[Action, ...] = ()
            try:
                actions = actions_of(self._strategy(o))
            except BaseException as error:  # also sys.exit() in a strategy
                held = isinstance(error, IndexError) and reaches_back(error, o)
                self._answered.put(Answer((), time.perf_counter() - begun) if held else error)
            else:
                self._answered.put(Answer(actions, time.perf_counter() - begun))
        self._answered.put(Answer((), 0.0))  # for whoever asks after the end


def _words(error: BaseException, strategy: Strategy | None, tick: int) -> str:
    hint = hint_of(error)
    return f"{error_text(error, strategy)}, at tick {tick}{hint and f'; {hint}'}"
