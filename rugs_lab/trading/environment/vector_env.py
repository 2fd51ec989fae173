"""`RugsVectorEnv`: thousands of environments stepped together in machine code.

``gymnasium.make_vec("rugs_lab/Rugs-v0", num_envs=4096, vectorization_mode="vector_entry_point", games=...)``
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Final

import numpy as np
from gymnasium.spaces import Box, Discrete
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.game.money import BET_MAX_SOL, BET_MIN_SOL, lamports
from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.engine import compiled_account as machine
from rugs_lab.trading.engine.batches import Batch, GamesLike, batch_of
from rugs_lab.trading.engine.game_results import FIELDS
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.environment import vector_loop as vector_kernel
from rugs_lab.trading.environment.gym_env import checked_session, default_games
from rugs_lab.trading.environment.vector_loop import Fleet, Rules
from rugs_lab.trading.features.feature_set import Features
from rugs_lab.trading.features.feature_vector import BUILT_IN, FEATURES, HIGH, LOW, RECENT
from rugs_lab.trading.models.action_space import ActionSpace, Means

WORTH_A_THREAD: Final = 1024
"""Environments from which on a thread of its own is worth it."""


class RugsVectorEnv(VectorEnv["NDArray[np.float32]", "NDArray[np.int64]", "NDArray[Any]"]):
    """Many environments as one; each is a `rugs_lab.trading.environment.gym_env.RugsEnv`.

    Each remembers its own games, and comes out as one that is stepped by itself, exactly; so the profit of
    all is that of `rugs_lab.backtest` with ``carry=False``.

    After an episode the next step begins the next one: its action is not looked at and its reward is 0
    (``AutoresetMode.NEXT_STEP``). ``reset(options={"reset_mask": mask})`` begins it at once in some.

    Parameters
    ----------
    num_envs, session, actions, cash, latency, min_sol, max_sol
        Environments; the others as in `RugsEnv`.
    games
        As there, without feeds; their prices are held in memory, 8 bytes per tick.
    shuffle
        Deal the games out in a random order, drawn again each time all were dealt; `reset` with a seed
        repeats it. False, to evaluate: environment ``i`` plays the games at ``i``, ``i + num_envs``, ... and
        the first ones again after the last, after each `reset`.
    features
        The built-in ones only: others are made in Python.
    threads
        Threads that share a step; by default one per core, if there are enough environments.

    Raises
    ------
    ArgumentError
        As in `RugsEnv`; also for a price that is not a number above 0, and for other features.

    Notes
    -----
    ``info`` holds int64 arrays of shape (num_envs,): ``game`` (its position), ``equity_lamports`` and
    ``rejected`` (orders rejected in the step). Arrays that a step returned are not written to by later ones.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> envs = RugsVectorEnv(num_envs=4, games=rl.sample()[:8])
    >>> seen, info = envs.reset(seed=1)
    >>> seen.shape
    (4, 18)
    >>> seen, rewards, terminated, truncated, info = envs.step(np.array([0, 1, 1, 0]))
    >>> rewards.tolist()
    [0.0, 0.0, 0.0, 0.0]
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (gymnasium declares it so)
        "autoreset_mode": AutoresetMode.NEXT_STEP,
        "render_modes": [],
    }

    def __init__(
        self,
        num_envs: int = 1,
        games: GamesLike | None = None,
        *,
        session: int = 1,
        actions: Iterable[Decision] | None = None,
        cash: float = 1.0,
        latency: int = 1,
        min_sol: float = BET_MIN_SOL,
        max_sol: float = BET_MAX_SOL,
        shuffle: bool = True,
        features: Features = BUILT_IN,
        threads: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        if isinstance(num_envs, bool) or not isinstance(num_envs, int) or num_envs < 1:
            raise ArgumentError(f"num_envs must be an integer >= 1; got {num_envs!r}")
        if features != BUILT_IN:
            raise ArgumentError(
                f"compiled environments have the built-in features only; got {features!r}. In Python: "
                'gymnasium.make_vec(..., vectorization_mode="sync"), or for Stable-Baselines3 '
                'make_vec_env("rugs_lab/Rugs-v0", env_kwargs={"features": ..., "games": ...})'
            )
        self.num_envs, self.features = num_envs, features
        self.session = checked_session(session)
        self.actions = ActionSpace(actions)
        self.options = Options(cash_sol=cash, latency=latency, min_sol=min_sol, max_sol=max_sol)
        self.render_mode = render_mode
        self.single_observation_space = Box(LOW, HIGH, dtype=np.float32)
        self.single_action_space = Discrete(len(self.actions))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._shuffle = bool(shuffle)
        self._batch = _held(default_games(games))
        limits = (lamports(each) for each in (cash, min_sol, max_sol))
        settings = np.array([*limits, latency, 0, 0, 0, 0], np.int64)
        self._rules = Rules(*_table(self.actions), settings, self.session)
        self._deck = np.empty(0, np.int64)
        self._fleet = _fleet(num_envs, 2 * latency + 2)
        self._meta = self._fleet.meta
        self._begun = False
        count = max(1, threads or min(os.cpu_count() or 1, num_envs // WORTH_A_THREAD))
        cuts = np.linspace(0, num_envs, min(count, num_envs) + 1).astype(int).tolist()
        self._parts = list(pairwise(cuts))
        self._pool = ThreadPoolExecutor(len(self._parts) - 1) if len(self._parts) > 1 else None

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode in every environment without memory of games before, or in those of a mask."""
        mask = (options or {}).get("reset_mask")
        if mask is not None:
            if not self._begun or np.shape(mask) != (self.num_envs,):
                raise ArgumentError(f"a mask has shape ({self.num_envs},), after a reset() without one")
            return self._begin(np.flatnonzero(mask), self._seen.copy(), forget=False)
        first = seed[0] if isinstance(seed, list) else seed
        super().reset(seed=first, options=options)
        every = np.arange(self.num_envs)
        if not self._shuffle or first is not None or not self._begun:
            self._meta[:, vector_kernel.GAME], self._meta[:, vector_kernel.NEXT] = every - self.num_envs, -1
            self._deck = self._deck[:0]
            self._deal()
        self._begun = True
        return self._begin(every, np.empty((self.num_envs, len(FEATURES)), np.float32), forget=True)

    def _begin(
        self, places: NDArray[np.int64], out: NDArray[np.float32], *, forget: bool
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        vector_kernel.begin(places, forget, self._batch, self._fleet, self._rules.settings, out)
        self._deal()
        self._seen = out
        return out, self._info()

    def _deal(self) -> None:
        """Choose the next game of each environment that has none."""
        places = np.flatnonzero(self._meta[:, vector_kernel.NEXT] < 0)
        if self._shuffle:
            while len(self._deck) < len(places):
                self._deck = np.append(self._deck, self.np_random.permutation(len(self._batch)))
            dealt, self._deck = self._deck[: len(places)], self._deck[len(places) :]
        else:
            dealt = (self._meta[places, vector_kernel.GAME] + self.num_envs) % len(self._batch)
        self._meta[places, vector_kernel.NEXT] = dealt

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[
        NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]
    ]:
        """Take one step in each environment."""
        chosen = np.asarray(actions, np.int64)
        if chosen.shape != (self.num_envs,):
            raise ArgumentError(f"step takes {self.num_envs} actions, one each; got shape {chosen.shape}")
        if not self._begun:
            raise ArgumentError("call reset() before step()")
        count = self.num_envs
        out, rewards = np.empty((count, len(FEATURES)), np.float32), np.empty(count)
        terminated, truncated = np.empty(count, np.bool_), np.empty(count, np.bool_)
        arguments = (chosen, self._batch, self._fleet, self._rules, out, rewards, terminated, truncated)
        step: Any = vector_kernel.step_all
        tasks = [self._pool.submit(step, *part, *arguments) for part in self._parts[1:] if self._pool]
        failed = step(*self._parts[0], *arguments)
        for task in tasks:
            failed = failed or task.result()
        if failed:
            self._fail(failed - 1, chosen)
        self._deal()
        self._seen = out
        return out, rewards, terminated, truncated, self._info()

    def action_masks(self) -> NDArray[np.bool_]:
        """Tell which actions are possible now, shape (num_envs, actions)."""
        state = self._fleet.state
        left = state[:, machine.BET_START] + SIDEBET_TICKS - self._meta[:, vector_kernel.TICK]
        open_bet = np.where(state[:, machine.STAKE] != 0, left, 0)
        cash, units = state[:, machine.CASH] / 1e9, state[:, machine.UNITS] / 1e9
        return self.actions.possible(Means(cash, units, open_bet))

    def close_extras(self, **kwargs: Any) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown()

    def _info(self) -> dict[str, Any]:
        columns = (vector_kernel.GAME, vector_kernel.EQUITY, vector_kernel.REJECTED)
        names = ("game", "equity_lamports", "rejected")
        return dict(zip(names, self._meta[:, columns].T.copy(), strict=True))

    def _fail(self, place: int, actions: NDArray[np.int64]) -> None:
        self._begun = False
        if self._fleet.state[place, machine.STATUS] == vector_kernel.BAD_ACTION:
            raise ArgumentError(
                f"an action is a number from 0 to {len(self.actions) - 1}; "
                f"got {actions[place]} for environment {place}"
            )
        raise ArgumentError(f"environment {place} has amounts beyond what 64 bits hold exactly")


def _held(games: Games) -> Batch:
    if not len(games):
        raise ArgumentError("an environment needs games; got none")
    batch = batch_of(games, 0, len(games))
    inside = np.ones(len(batch.flat), bool)
    stops = np.append(batch.offsets[:-1] + batch.ends, len(batch.flat))
    for begin, end in zip(stops[:-1].tolist(), batch.offsets[1:].tolist(), strict=True):
        inside[begin:end] = False
    prices = batch.flat[inside]
    if not (np.isnan(prices) | ((prices > 0) & (prices < np.inf))).all():
        raise ArgumentError("every price must be a finite number above 0, or missing")
    return batch


def _fleet(count: int, room: int) -> Fleet:
    return Fleet(
        np.zeros((count, machine.STATE_SIZE), np.int64),
        np.zeros((count, vector_kernel.META_SIZE), np.int64),
        np.full((count, 2), np.nan),
        np.zeros((count, RECENT), np.int64),
        np.zeros((count, room, 3), np.int64),
        np.zeros((count, room)),
        np.zeros((count, len(FIELDS)), np.int64),
    )


def _table(actions: ActionSpace) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return kinds and sizes of what each action orders, shape (actions, 2)."""
    kinds, sizes = np.zeros((len(actions), 2), np.int64), np.zeros((len(actions), 2))
    for number, orders in enumerate(actions.orders):
        for place, action in enumerate(orders):
            kinds[number, place], sizes[number, place] = action
    return kinds, sizes
