"""The compiled engine: strategy and ledger as one loop of machine code, over chunks of games on threads.

What comes out is that of the tick-by-tick engine, exactly, whatever the chunks and threads.
Where games are independent of each other (`Options.carry` False), threads make and play batches side by
side; in a session, whose cash goes from game to game, threads make the games while one plays them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import numpy as np
from numba.core.errors import NumbaError
from numpy.typing import NDArray

from rugs_lab.game.money import lamports
from rugs_lab.progress import progress, result_of
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine import compiled_account as machine
from rugs_lab.trading.engine.batches import BATCH, Batch, batch_of, read_only, spans
from rugs_lab.trading.engine.compilable import NotCompilable, arguments_of, decide_of, fingerprint, words_of
from rugs_lab.trading.engine.compiled_loop import kernel_of
from rugs_lab.trading.engine.game_results import FIELDS, GameResults
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.kept_code import keep
from rugs_lab.trading.strategy.observation import HISTORY
from rugs_lab.trading.strategy.strategy import Strategy

_NEVER: Final = 2**62
_KEPT: Final = 64

_made: dict[tuple[Any, ...], Any] = {}
_not_compilable: dict[tuple[Any, ...], str] = {}
_making = Lock()


class Fallback(Exception):  # noqa: N818 (a reason; it never reaches the user)
    """The tick-by-tick engine must play this; with a reason that is worth a warning, or none."""


@dataclass(slots=True)
class _Past:
    """Peaks and lengths of the games before a batch, newest last."""

    peaks: NDArray[np.float64]
    lengths: NDArray[np.int64]


def compile_strategy(strategy: Strategy) -> Any:
    """Return the compiled loop for a strategy; the same one for a function of the same text."""
    function = strategy.function
    key = fingerprint(function)
    arguments = arguments_of(function, strategy.parameters)
    kinds = tuple(type(each).__name__ for each in arguments)
    with _making:
        if (reason := _not_compilable.get((key, kinds))) is not None:
            raise NotCompilable(reason)
        kernel = _made.get(key)
        if kernel is None:
            kernel = keep(kernel_of(decide_of(function)), key)
        try:
            _run(kernel, arguments, _EMPTY, _Past(np.empty(0), np.empty(0, np.int64)), _blank(1, 1))
        except Exception as error:
            _not_compilable[key, kinds] = reason = words_of(error.__cause__ or error, function)
            raise NotCompilable(reason) from error
        _made.pop(key, None)
        _made[key] = kernel
        while len(_made) > _KEPT:
            del _made[next(iter(_made))]
    return kernel


def play_compiled(
    strategy: Strategy, games: Games, options: Options, threads: int | None = None
) -> GameResults:
    """Play a strategy over games by machine code; the `GameResults` holds figures per game and no account."""
    if options.shorts is not None:
        raise NotCompilable("shorts under an assumption are only played tick by tick")
    settings = _settings(strategy, options)
    kernel = compile_strategy(strategy)
    arguments = arguments_of(strategy.function, strategy.parameters)
    count = len(games) if options.max_games is None else min(options.max_games, len(games))
    workers = max(1, threads or os.cpu_count() or 1)
    loader = _Loader(games, count, workers)
    try:
        if options.carry:
            parts, ended = _session(kernel, arguments, loader, settings)
        else:
            parts = loader.each(lambda batch, past: _run(kernel, arguments, batch, past, settings)[1])
            ended = ""
    finally:
        loader.close()
    values = np.concatenate(parts) if parts else np.zeros((0, len(FIELDS)), np.int64)
    stopped = ended if len(values) < len(games) else ""
    if not stopped and count < len(games):
        stopped = "max_games"
    return GameResults(games.ids[: len(values)], values, options, "compiled", stopped)


def _session(
    kernel: Any, arguments: tuple[Any, ...], loader: _Loader, settings: NDArray[np.int64]
) -> tuple[list[NDArray[np.int64]], str]:
    state = state_of(settings)
    parts = []
    for batch, past in loader:
        played, out = _run(kernel, arguments, batch, past, settings, state)
        parts.append(out[:played])
        if played < len(batch) or state[machine.STATUS]:
            return parts, {machine.TAKEN: "take", machine.LOST: "loss"}[int(state[machine.STATUS])]
    return parts, ""


def state_of(settings: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the account of `compiled_account` at the beginning of a session."""
    state = np.zeros(machine.STATE_SIZE, np.int64)
    state[machine.CASH] = settings[machine.START]
    return state


def _run(
    kernel: Any,
    arguments: tuple[Any, ...],
    batch: Batch,
    past: _Past,
    settings: NDArray[np.int64],
    state: NDArray[np.int64] | None = None,
    log: NDArray[np.float64] | None = None,
) -> tuple[int, NDArray[np.int64]]:
    """Play a batch; return how many games, and their rows; `log` as the loop has it."""
    if state is None:
        state = np.zeros(machine.STATE_SIZE, np.int64)
    room = 2 * int(settings[machine.LATENCY]) + 2
    out = np.zeros((len(batch), len(FIELDS)), np.int64)
    peaks = np.concatenate([past.peaks, np.empty(len(batch))])
    lengths = np.concatenate([past.lengths, np.empty(len(batch), np.int64)])
    queue, sizes = np.zeros((room, 3), np.int64), np.zeros(room)
    log = np.zeros((1, 4)) if log is None else log
    columns = (batch.flat, batch.offsets, batch.ends, batch.rug_prices, peaks, lengths)
    try:
        played = kernel(arguments, *columns, state, settings, queue, sizes, out, log)
    except NumbaError:
        raise
    except OverflowError as error:
        raise Fallback(f"it counts with {error}") from error
    except Exception as error:  # the strategy raised: the tick-by-tick engine reports what
        raise Fallback from error
    if state[machine.STATUS] not in (0, machine.TAKEN, machine.LOST):
        raise Fallback("amounts beyond 64 bits" if state[machine.STATUS] == machine.TOO_MUCH else "")
    return played, out


def _own(batch: Batch) -> _Past:
    """Return peaks and lengths of the newest games of a batch, before they are played."""
    last = max(0, len(batch) - HISTORY)
    past = _Past(np.empty(len(batch) - last), np.empty(len(batch) - last, np.int64))
    ends, rug_prices = batch.ends[last:], batch.rug_prices[last:]
    machine.peaks_of(batch.flat, batch.offsets[last:], ends, rug_prices, past.peaks, past.lengths)
    return past


class _Loader:
    """Makes batches on threads, a few ahead, each with the facts of the games before it."""

    def __init__(self, games: Games, count: int, workers: int) -> None:
        self._games = games
        self._spans = spans(count, BATCH)
        self._workers = workers
        self._reading: Any = nullcontext() if games.parallel else Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="rugs_lab games")

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[tuple[Batch, _Past]]:
        past = _Past(np.empty(0), np.empty(0, np.int64))
        for batch, own in self._ahead(self._load):
            yield batch, past
            past = _joined(past, own)

    def each(self, play: Callable[[Batch, _Past], NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        """Play every batch on the thread that made it."""
        tails: list[Future[_Past]] = [Future() for _ in range(len(self._spans) + 1)]
        tails[0].set_result(_Past(np.empty(0), np.empty(0, np.int64)))

        def work(place: int) -> NDArray[np.int64]:
            try:
                batch, own = self._load(place)
                # The pool works in order, so that the batch before this one is being made already.
                past = tails[place].result()
                tails[place + 1].set_result(_joined(past, own))
            except BaseException as error:
                tails[place + 1].set_exception(error)
                raise
            return play(batch, past)

        return list(self._ahead(work))

    def _load(self, place: int) -> tuple[Batch, _Past]:
        begin, end = self._spans[place]
        with self._reading:
            batch = batch_of(self._games, begin, end)
        return batch, _own(batch)

    def _ahead(self, work: Callable[[int], Any]) -> Iterator[Any]:
        waiting: deque[Future[Any]] = deque()
        places = iter(range(len(self._spans)))
        for _ in progress(range(len(self._spans)), "playing", "batches of games"):
            while len(waiting) <= self._workers and (place := next(places, None)) is not None:
                waiting.append(self._pool.submit(work, place))
            yield result_of(waiting.popleft())


def _joined(past: _Past, own: _Past) -> _Past:
    return _Past(
        np.concatenate([past.peaks, own.peaks])[-HISTORY:],
        np.concatenate([past.lengths, own.lengths])[-HISTORY:],
    )


def _settings(strategy: Strategy, options: Options) -> NDArray[np.int64]:
    least, most = lamports(options.min_sol), options.max_sol * 1e9
    start = lamports(options.cash_sol)
    if not least >= 1 or most >= 2**53 or start >= 2**60 or options.latency > 10_000:
        raise Fallback("amounts beyond 64 bits")
    settings = _blank(int(strategy.presale), options.latency)
    take, loss = options.take_at, options.loss_at
    settings[:4] = start, least, lamports(options.max_sol), options.latency
    settings[5:] = options.carry, _NEVER if take is None else take, -1 if loss is None else loss
    return settings


def _blank(presale: int, latency: int) -> NDArray[np.int64]:
    return np.array([0, 1, 1, latency, presale, 0, _NEVER, -1], np.int64)


_NO_OFFSETS: Final = read_only(np.zeros(1, np.int64))
_EMPTY: Final = Batch(0, read_only(np.empty(0)), _NO_OFFSETS, np.empty(0, np.int64), np.empty(0))
