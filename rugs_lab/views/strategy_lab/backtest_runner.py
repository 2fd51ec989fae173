"""`BacktestRunner`: plays a strategy with the values of a form, on a thread; the newest request wins.

A request is played in stages, each of which can be seen as soon as it is there:

``first look``  some games tick by tick, while nobody knows yet whether the strategy can be compiled
``compiling``   the strategy becomes machine code, which takes seconds and happens once
``sample``      the first games, some thousand, so that one sees something while a slider moves
``all games``   all of them
``baselines``   the random strategy of equal exposure on the same games

A newer request, or `stop`, ends whatever runs within a fraction of a second.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from rugs_lab.errors import ArgumentError, raised
from rugs_lab.progress import reporting
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.backtest.hindsight import outcome_test
from rugs_lab.trading.backtest.run import Run
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.play import why_not_compiled
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.error_messages import error_text
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import Strategy, Wrapper
from rugs_lab.trading.sweep.sweep_tasks import made
from rugs_lab.views.page.background_worker import Worker

SAMPLE_GAMES: Final = 2000
"""Games played first, where the strategy is compiled."""
TICK_SAMPLE_GAMES: Final = 200
"""Games played first, tick by tick."""
QUIET_S: Final = 0.3
HELD_GAMES: Final = 20_000
"""Up to so many games are held in memory, so that they need not be made again for each request."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be played: values of the strategy's parameters, cash and stop conditions."""

    parameters: dict[str, Any]
    session: Options
    number: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """How far the newest request, `number`, is.

    `stage` is one of those above, ``done``, ``stopped`` or ``failed``, empty before the first request; `done`
    and `total` count its games. Of the newest run: `engine`, ``compiled`` or ``tick``, the `reason` why not
    compiled, and `seconds` without compiling. `error` is what the strategy raised, `notes` what must be known
    of the result.
    """

    stage: str = ""
    done: int = 0
    total: int = 0
    number: int = 0
    engine: str = ""
    reason: str = ""
    seconds: float = 0.0
    error: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def working(self) -> bool:
        """Whether something is played."""
        return self.stage not in ("", "done", "stopped", "failed")


class BacktestRunner:
    """Plays a strategy over games as it is asked to; calls ``on_run(run, stage)`` on the thread that played.

    `run` is the newest one, of a sample until all games were played; `state` is replaced, never changed.
    """

    def __init__(
        self, strategy: Strategy, games: Games, on_run: Callable[[Run, str], None] = lambda run, stage: None
    ) -> None:
        self.strategy, self.games = strategy, games
        self.run: Run | None = None
        self.state = State()
        self._on_run = on_run
        self._worker = Worker(self._carry_out, "lab")
        self._lock = threading.Lock()
        self._newest: Request | None = None
        self._compilable: dict[tuple[str, ...], str] = {}
        self._baselines_played = False
        self._held: dict[int, Games] = {}

    def request(self, parameters: Mapping[str, Any], session: Options, number: int = 0) -> None:
        """Ask for values to be played; returns at once, from any thread."""
        request = Request(dict(parameters), session, number)
        with self._lock:
            if self._worker.put(request):
                self._newest = request
                self.state = replace(self.state, stage="waiting", done=0, total=0, number=number, error="")

    def stop(self) -> None:
        """Cancel the run; partial results are kept."""
        self._worker.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the newest request was played, failed or was stopped; return whether it is so."""
        return self._worker.wait(timeout)

    def close(self) -> None:
        """End what is played, and take no more requests; again does nothing."""
        self._worker.close()

    def _carry_out(self, request: Request) -> None:
        stage, error = "done", ""
        try:
            self._play(request)
        except Interrupted:
            stage = "stopped"
        except BaseException as failed:  # sys.exit() in a strategy, too
            _log.debug("a strategy raised in the strategy widget", exc_info=True)
            stage, error = "failed", self._where(failed)
        with self._lock:
            if self._newest is request:
                self.state = replace(self.state, stage=stage, error=error)

    def _where(self, error: BaseException) -> str:
        if notes := getattr(error, "__notes__", []):
            return ", ".join([raised(error), *notes])
        return str(error) if isinstance(error, ArgumentError) else error_text(error, self.strategy)

    def _play(self, request: Request) -> None:
        strategy = self.strategy.with_(**request.parameters).ready()
        options = request.session
        key = tuple(type(value).__name__ for value in request.parameters.values())
        count = len(self.games)
        if key not in self._compilable:
            self._stage("first look", min(TICK_SAMPLE_GAMES, count))
            self._publish(strategy, TICK_SAMPLE_GAMES, options, compiled=False, complete=False)
            self._stage("compiling", 0)
            self._compilable[key] = why_not_compiled(strategy)
        reason = self._compilable[key]
        self._set(reason=reason)
        sample = TICK_SAMPLE_GAMES if reason else SAMPLE_GAMES
        if count > sample:
            self._stage("sample", sample)
            self._publish(strategy, sample, options, compiled=not reason, complete=False)
        self._stage("all games", count)
        run = self._publish(strategy, count, options, compiled=not reason, complete=True)
        self._stage("baselines", count)
        self._quiet()
        with reporting(lambda done, total: self._look()):
            _ = run.stats
        self._on_run(run, "baselines")

    def _quiet(self) -> None:
        """Await a quiet moment before the random strategy is compiled, which nothing interrupts."""
        if not self._baselines_played and self._worker.outdated(within_s=QUIET_S):
            raise Interrupted
        self._baselines_played = True

    def _publish(
        self, strategy: Strategy, count: int, options: Options, *, compiled: bool, complete: bool
    ) -> Run:
        games = self._first(count)
        begun = time.perf_counter()
        results, reason = play_interruptible(strategy, games, options, self._report, compiled)
        seconds = time.perf_counter() - begun
        run = Run(strategy, games[: len(results)] if len(results) < len(games) else games, results)
        if complete:
            with reporting(lambda done, total: self._look()):
                _ = run.figures
        self._look()
        self.run = run
        why = reason or self.state.reason
        self._set(engine=results.engine, reason=why, seconds=seconds, notes=self._notes(run))
        self._on_run(run, self.state.stage)
        return run

    def _first(self, count: int) -> Games:
        """Return the first games, in memory where that is not too much."""
        if count > HELD_GAMES:
            return self.games
        if count not in self._held:
            self._held[count] = made(self.games, 0, min(count, len(self.games)))
        return self._held[count]

    @cached_property
    def _selected(self) -> bool:
        found = outcome_test(self.games)
        return found is not None and found.selected

    def _notes(self, run: Run) -> tuple[str, ...]:
        notes = []
        if self._selected:
            notes.append("these games were selected by their outcome, so every figure has look-ahead bias")
        results = run.results
        acted, failed = results.buys + results.bets > 0, results.rejected + results.expired
        unfilled, in_vain = int(failed.sum()), int(((failed > 0) & ~acted).sum())
        if len(results) and not acted.any():
            rejected = f"all of its {unfilled:,} orders were rejected or expired"
            why = rejected if unfilled else "its conditions were never met"
            notes.append(f"the strategy never acted in {len(results):,} games: {why}")
        elif in_vain:
            why = "the rug came first, or cash was short"
            notes.append(f"in {in_vain:,} games no order was filled: {why}")
        if results.stopped:
            words = {"take": "the target was reached", "loss": "the greatest loss was reached"}
            end = words.get(results.stopped, "that was the number of games")
            notes.append(f"the session ended after {len(results):,} games: {end}")
        return tuple(notes)

    def _stage(self, stage: str, total: int) -> None:
        self._look()
        self._set(stage=stage, done=0, total=total)

    def _report(self, done: int, total: int) -> None:
        self._look()
        self._set(done=done, total=total)

    def _set(self, **changes: Any) -> None:
        with self._lock:
            self.state = replace(self.state, **changes)

    def _look(self) -> None:
        """Go away when something else is wanted."""
        if self._worker.outdated():
            raise Interrupted


Report = Callable[[int, int], None]

EACH: Final = 64
"""Decisions between two looks whether to continue."""


class Interrupted(BaseException):
    """What is played is no longer wanted. No `Exception`, so that no strategy keeps it from its way."""


def play_interruptible(
    strategy: Strategy, games: Games, options: Options, report: Report, compiled: bool
) -> tuple[GameResults, str]:
    """Play as `rugs_lab.trading.engine.play.play` does; return the results, and why not compiled.

    ``report(done, total)`` is called now and then; what it raises ends the play.
    """
    reason = ""
    if compiled:
        from rugs_lab.trading.engine.compilable import NotCompilable
        from rugs_lab.trading.engine.compiled_engine import Fallback, play_compiled

        try:
            with reporting(lambda done, total: report(len(games) * done // max(total or 1, 1), len(games))):
                return play_compiled(strategy, games, options), ""
        except NotCompilable as why:
            reason = str(why)
        except Fallback:
            reason = "amounts beyond 64 bits, or it raised or decided something that is not an action"
    interruptible = copy(strategy)
    interruptible.function = _Interruptible(strategy, len(games), report)
    with reporting(lambda *_: None):  # no bar
        return play_ticks(interruptible, games, options), reason


class _Interruptible(Wrapper):
    """A strategy's function, with a look now and then whether to continue."""

    def __init__(self, strategy: Strategy, count: int, report: Report) -> None:
        super().__init__(strategy)
        self._count, self._report = count, report
        self._games = self._asked = 0

    def begin_game(self, game_id: str) -> None:
        self._report(self._games, self._count)
        self._games += 1
        super().begin_game(game_id)

    def __call__(self, o: Observation, **parameters: Any) -> Any:
        self._asked += 1
        if self._asked % EACH == 0:
            self._report(self._games, self._count)
        return self.strategy.function(o, **parameters)
