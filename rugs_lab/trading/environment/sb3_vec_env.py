"""`sb3_vec_env`: the compiled environments as a ``VecEnv`` of Stable-Baselines3, loaded when one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.resources import of_extra
from rugs_lab.trading.engine.batches import GamesLike

if TYPE_CHECKING:
    from rugs_lab.trading.environment.vector_env import RugsVectorEnv


def sb3_vec_env(num_envs: int, games: GamesLike | None = None, **options: Any) -> Any:
    """Return many environments as one to train with Stable-Baselines3, stepped together in machine code.

    Parameters
    ----------
    num_envs
        Environments.
    games, options
        As in `rugs_lab.trading.environment.vector_env.RugsVectorEnv`; to evaluate, with ``shuffle=False``: an
        ``EvalCallback`` then plays the same games each time.

    Returns
    -------
    VecMonitor
        Around the ``VecEnv``, for the log of rewards and lengths. MaskablePPO asks it for `action_masks`. At
        the end of an episode ``info`` also holds ``game``, ``equity_lamports`` and ``rejected``.

    Raises
    ------
    ArgumentError
        As there, or Stable-Baselines3 is not installed: ``pip install stable-baselines3``.
    """
    library = of_extra("stable_baselines3.common.vec_env", "sb3", "sb3_vec_env")
    from rugs_lab.trading.environment.vector_env import RugsVectorEnv

    vector = RugsVectorEnv(num_envs, games, **options)
    kind: Any = type("RugsVecEnv", (_Together, library.VecEnv), {"vector": vector})
    return library.VecMonitor(kind(num_envs, vector.single_observation_space, vector.single_action_space))


class _Together:
    """What a ``VecEnv`` has to have; an episode that ends is followed by the next one in the same step."""

    vector: RugsVectorEnv
    _seeds: list[int | None]

    def reset(self) -> NDArray[np.float32]:
        seen, _ = self.vector.reset(seed=self._seeds[0])
        self._seeds = [None] * self.vector.num_envs
        return seen

    def step_async(self, actions: NDArray[np.int64]) -> None:
        self._actions = actions

    def step_wait(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[Any]]:
        seen, rewards, terminated, truncated, info = self.vector.step(self._actions)
        over = terminated | truncated
        infos: list[dict[str, Any]] = [{} for _ in over]
        if over.any():
            last = seen
            seen, _ = self.vector.reset(options={"reset_mask": over})
            for n in np.flatnonzero(over):
                infos[n] = {name: int(values[n]) for name, values in info.items()}
                infos[n] |= {"terminal_observation": last[n], "TimeLimit.truncated": bool(truncated[n])}
        return seen, rewards.astype(np.float32), over, infos

    def close(self) -> None:
        self.vector.close()

    def get_attr(self, name: str, indices: Any = None) -> list[Any]:
        return [getattr(self.vector, name)] * len(self._chosen(indices))

    def set_attr(self, name: str, value: object, indices: Any = None) -> None:
        raise ArgumentError(f"the environments are compiled, {name!r} cannot be set: make others")

    def env_method(self, name: str, *values: Any, indices: Any = None, **named: Any) -> list[Any]:
        """Return what a method of all gives for each of `indices`: ``action_masks``."""
        return list(getattr(self.vector, name)(*values, **named)[self._chosen(indices)])

    def env_is_wrapped(self, wrapper: object, indices: Any = None) -> list[bool]:
        return [False] * len(self._chosen(indices))

    def _chosen(self, indices: Any) -> NDArray[np.int64]:
        every = np.arange(self.vector.num_envs)
        return every if indices is None else np.atleast_1d(every[indices])
