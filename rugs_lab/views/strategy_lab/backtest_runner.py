"""`Tries`: plays a strategy with the values one wishes for, on a thread of its own; the newest wish wins.

A wish is played in stages, each of which can be seen as soon as it is there:

``first look``  some games tick by tick, while nobody knows yet whether the strategy can be compiled
``compiling``   the strategy becomes machine code, which takes seconds and happens once
``sample``      the first games, some thousand, so that one sees something while a slider moves
``all games``   all of them
``baselines``   the random strategy of equal exposure on the same games

A newer wish, or `stop`, ends whatever runs within a fraction of a second. The thread ends when there is
nothing more to do.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.errors import ArgumentError, RugsLabError
from rugs_lab.progress import reporting
from rugs_lab.trading.backtest.hindsight import outcome_test
from rugs_lab.trading.backtest.run import Run
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.error_messages import error_text
from rugs_lab.trading.sweep.sweep_tasks import made
from rugs_lab.views.strategy_lab.interruptible import Interrupted, play_watched, why_not_compiled

if TYPE_CHECKING:
    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.strategy.strategy import Strategy

SAMPLE_GAMES: Final = 2000
"""Games played first, where the strategy is compiled."""
TICK_SAMPLE_GAMES: Final = 200
"""Games played first, tick by tick."""
QUIET_S: Final = 0.3
HELD_GAMES: Final = 20_000
"""Up to so many games are held in memory, so that they need not be made again for each wish."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be played: values of the strategy's parameters, cash and stop conditions."""

    parameters: dict[str, Any]
    session: dict[str, Any]
    number: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """How far the newest wish is.

    Attributes
    ----------
    stage
        One of those above, ``done``, ``stopped`` or ``failed``; empty before the first wish.
    done, total
        Games of this stage.
    number
        Of the wish.
    engine, reason
        ``compiled`` or ``tick``, and why not compiled; of the newest run.
    seconds
        How long the newest run took, without the compiling.
    error
        What the strategy raised, with its line; or why the values cannot be played.
    notes
        What must be known of the result: games selected by their outcome, a strategy that never acts.
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


class Tries:
    """Plays a strategy over games as one wishes.

    Parameters
    ----------
    strategy, games
        What is played.
    on_run
        Called with each new `Run` and the stage it is of, on the thread that played it.

    Attributes
    ----------
    run
        The newest one; of a sample until all games were played.
    state
        How far it is; replaced, never changed.
    """

    def __init__(
        self, strategy: Strategy, games: Games, on_run: Callable[[Run, str], None] = lambda run, stage: None
    ) -> None:
        self.strategy, self.games = strategy, games
        self.run: Run | None = None
        self.state = State()
        self._on_run = on_run
        self._changed = threading.Condition()
        self._wish: Wish | None = None
        self._working = self._stopping = self._closed = False
        self._compilable: dict[tuple[str, ...], str] = {}
        self._held_against = False
        self._held: dict[int, Games] = {}

    def wish(self, parameters: Mapping[str, Any], session: Mapping[str, Any], number: int = 0) -> None:
        """Wish for values; returns at once, from any thread."""
        with self._changed:
            if self._closed or sys.is_finalizing() or not threading.main_thread().is_alive():
                return
            self._wish = Wish(dict(parameters), dict(session), number)
            self._stopping = False
            self._changed.notify_all()
            self.state = replace(self.state, stage="waiting", done=0, total=0, number=number, error="")
            if self._working:
                return
            self._working = True
        threading.Thread(target=self._work, name="rugs_lab lab", daemon=True).start()

    def stop(self) -> None:
        """End what is played; what was seen of it stays."""
        with self._changed:
            self._wish = None
            self._stopping = self._working
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the newest wish was played, failed or was stopped; return whether it is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._working, timeout)

    def close(self) -> None:
        """End what is played, and take no more wishes; again does nothing."""
        with self._changed:
            self._closed = True
        self.stop()

    def _work(self) -> None:
        while True:
            with self._changed:
                wish, self._wish = self._wish, None
                if wish is None or self._closed:
                    self._working = self._stopping = False
                    self._changed.notify_all()
                    return
                self._stopping = False
            stage, error = "done", ""
            try:
                self._play(wish)
            except Interrupted:
                stage = "stopped"
            except RugsLabError as refused:
                stage, error = "failed", self._where(refused)
            except Exception as failed:
                _log.debug("a strategy raised in the strategy cell", exc_info=True)
                stage, error = "failed", self._where(failed)
            with self._changed:
                if self._wish is None:
                    self.state = replace(self.state, stage=stage, error=error)

    def _where(self, error: Exception) -> str:
        notes = getattr(error, "__notes__", [])
        if isinstance(error, ArgumentError) and not notes:
            return str(error)
        if notes:
            return ", ".join([f"{type(error).__name__}: {error}", *notes])
        return error_text(error, self.strategy)

    def _play(self, wish: Wish) -> None:
        strategy = self.strategy.with_(**wish.parameters).ready()
        options = options_of(wish.session)
        key = tuple(type(value).__name__ for value in wish.parameters.values())
        count = len(self.games)
        if key not in self._compilable:
            self._stage("first look", min(TICK_SAMPLE_GAMES, count))
            self._publish(strategy, TICK_SAMPLE_GAMES, options, compiled=False, whole=False)
            self._stage("compiling", 0)
            self._compilable[key] = why_not_compiled(strategy)
        reason = self._compilable[key]
        self._set(reason=reason)
        sample = TICK_SAMPLE_GAMES if reason else SAMPLE_GAMES
        if count > sample:
            self._stage("sample", sample)
            self._publish(strategy, sample, options, compiled=not reason, whole=False)
        self._stage("all games", count)
        run = self._publish(strategy, count, options, compiled=not reason, whole=True)
        self._stage("baselines", count)
        self._quiet()
        with reporting(lambda done, total: self._look()):
            _ = run.stats
        self._on_run(run, "baselines")

    def _quiet(self) -> None:
        """Before the random strategy is compiled, which nothing interrupts, await a moment without wishes."""
        if not self._held_against:
            with self._changed:
                self._changed.wait_for(lambda: self._wish is not None or self._stopping, QUIET_S)
            self._look()
        self._held_against = True

    def _publish(
        self, strategy: Strategy, count: int, options: Options, *, compiled: bool, whole: bool
    ) -> Run:
        games = self._first(count)
        begun = time.perf_counter()
        results, reason = play_watched(strategy, games, options, self._tell, compiled)
        seconds = time.perf_counter() - begun
        run = Run(strategy, games[: len(results)] if len(results) < len(games) else games, results)
        if whole:
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
            notes.append("these games were selected by their outcome, so every figure has hindsight")
        results = run.results
        if len(results) and not results.buys.any() and not results.bets.any():
            refused = int(results.rejected.sum())
            turned = f"all of its {refused:,} orders were rejected"
            why = turned if refused else "its conditions were never met"
            notes.append(f"the strategy never acted in {len(results):,} games: {why}")
        acted = results.buys + results.bets > 0
        in_vain = int(((results.rejected > 0) & ~acted).sum())
        if in_vain and acted.any():
            why = "the rug came first, or cash was short"
            notes.append(f"in {in_vain:,} games no order was carried out: {why}")
        if results.stopped:
            words = {"take": "the target was reached", "loss": "the greatest loss was reached"}
            end = words.get(results.stopped, "that was the number of games")
            notes.append(f"the session ended after {len(results):,} games: {end}")
        return tuple(notes)

    def _stage(self, stage: str, total: int) -> None:
        self._look()
        self._set(stage=stage, done=0, total=total)

    def _tell(self, done: int, total: int) -> None:
        self._look()
        self._set(done=done, total=total)

    def _set(self, **changes: Any) -> None:
        with self._changed:
            self.state = replace(self.state, **changes)

    def _look(self) -> None:
        """Go away when something else is wanted."""
        if self._wish is not None or self._stopping or self._closed:
            raise Interrupted


def options_of(session: Mapping[str, Any]) -> Options:
    """Return the options for the session fields of the form.

    >>> options_of({"cash": 2.0, "target": 1.5}).take_at
    3000000000
    """
    return Options(
        cash_sol=session.get("cash", 1.0),
        take=session.get("target"),
        loss=session.get("max_loss"),
        max_games=session.get("max_games"),
    )
