"""Steps per second of the environment: beside gymnasium with nothing behind it, alone and vectorised.

``python tests/benchmarks/environment.py [--steps N]``. Everything is measured in turn in each round, and the
median of the rounds is printed, so that what else the machine does falls on all of them alike.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete

import rugs_lab as rl
from rugs_lab.trading.environment.registration import ID
from rugs_lab.trading.features.feature_vector import HIGH, LOW

ROUNDS = 7
GOAL = 5e6


class Nothing(gymnasium.Env):
    """The same spaces, and nothing behind them."""

    observation_space = Box(LOW, HIGH, dtype=np.float32)
    action_space = Discrete(4)

    def __init__(self) -> None:
        self.shown = np.zeros(len(LOW), np.float32)
        self.left = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = 200
        return self.shown.copy(), {}

    def step(self, action):
        self.left -= 1
        return self.shown.copy(), 0.0, self.left == 0, False, {}


def alone(env, actions) -> float:
    """Return steps per second of one environment."""
    env.reset()
    begun = time.perf_counter()
    for action in actions:
        *_, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            env.reset()
    return len(actions) / (time.perf_counter() - begun)


def together(envs, actions) -> float:
    """Return steps per second of all environments of a vectorised one."""
    envs.reset()
    envs.step(actions[0])
    begun = time.perf_counter()
    for row in actions:
        envs.step(row)
    return actions.size / (time.perf_counter() - begun)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--steps", type=int, default=30_000)
    options.add_argument("--envs", type=int, default=4096)
    chosen = options.parse_args()
    gymnasium.register("Nothing-v0", entry_point=Nothing)
    rng = np.random.default_rng(1)
    actions = rng.choice(4, chosen.steps, p=[0.94, 0.02, 0.02, 0.02]).tolist()
    rows = rng.choice(4, (60, chosen.envs), p=[0.94, 0.02, 0.02, 0.02])
    games = rl.synthetic(20_000, seed=1)

    def vector(threads):
        return gymnasium.make_vec(
            ID, num_envs=chosen.envs, vectorization_mode="vector_entry_point", games=games, threads=threads
        )

    cases = {
        "gymnasium, nothing behind it": (alone, gymnasium.make("Nothing-v0"), actions),
        "rugs_lab/Rugs-v0": (alone, gymnasium.make(ID, games=games), actions),
        f"vectorised, {chosen.envs} environments, 1 thread": (together, vector(1), rows),
        f"vectorised, {chosen.envs} environments, 2 threads": (together, vector(2), rows),
    }
    for measure, env, given in cases.values():
        measure(env, given[: max(len(given) // 10, 2)])
    rates = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, (measure, env, given) in cases.items():
            rates[name].append(measure(env, given))
    bare = median(rates["gymnasium, nothing behind it"])
    for name, found in rates.items():
        middle, best = median(found), max(found)
        print(f"{name:<46} {middle:>11,.0f} steps/s (best {best:>11,.0f}), {middle / bare:6.2f} of bare")
    own = 1e6 / median(rates["rugs_lab/Rugs-v0"]) - 1e6 / bare
    print(f"a step of the environment itself: {own:.1f} us; of gymnasium around it: {1e6 / bare:.1f} us")
    best = max(median(found) for name, found in rates.items() if name.startswith("vectorised"))
    met = "met" if best >= GOAL else "NOT met"
    print(f"vectorised: {best / 1e6:.2f} M steps/s, goal {GOAL / 1e6:g} M: {met}")


if __name__ == "__main__":
    main()
