"""Steps per second with Stable-Baselines3: a single environment, its DummyVecEnv, the compiled VecEnv.

``python -m tests.benchmarks.stable_baselines3 [--envs N] [--steps N]``, where installed. Each is stepped by
itself with random actions, and then PPO learns in each with the same settings. All are measured in turn in
each round, so that what else the machine does falls on all of them alike; the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import time
import warnings
from statistics import median

import numpy as np
import stable_baselines3
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import DummyVecEnv

import rugs_lab as rl
from rugs_lab.trading.environment.gym_env import RugsEnv

ROUNDS = 5


def stepped(envs, steps: int) -> float:
    """Return steps per second of all environments, with random actions."""
    count = envs.num_envs
    rows = np.random.default_rng(1).choice(4, (steps // count + 1, count), p=[0.94, 0.02, 0.02, 0.02])
    envs.reset()
    begun = time.perf_counter()
    for row in rows:
        envs.step(row)
    return rows.size / (time.perf_counter() - begun)


def learnt(envs, steps: int) -> float:
    """Return steps per second of PPO, from its first step to its last."""
    model = PPO(
        "MlpPolicy", envs, n_steps=max(2, 2048 // envs.num_envs), batch_size=256, seed=1, device="cpu"
    )
    begun = time.perf_counter()
    model.learn(steps)
    return model.num_timesteps / (time.perf_counter() - begun)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--envs", type=int, default=64)
    options.add_argument("--steps", type=int, default=8_192)
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    games = rl.synthetic(2_000, seed=1)
    count = chosen.envs

    def single():
        return RugsEnv(games)

    cases = {
        "single (DummyVecEnv of 1)": DummyVecEnv([single]),
        f"DummyVecEnv of {count}": make_vec_env(single, count),
        f"compiled VecEnv of {count}": rl.models.sb3_vec_env(count, games),
        f"compiled VecEnv of {16 * count}": rl.models.sb3_vec_env(16 * count, games),
    }
    found = {(name, measure): [] for name in cases for measure in (stepped, learnt)}
    for envs in cases.values():
        stepped(envs, 2_000)
    for _ in range(ROUNDS):
        for (name, measure), rates in found.items():
            long = 20 * chosen.steps if measure is stepped and name.startswith("compiled") else chosen.steps
            rates.append(measure(cases[name], long))
    first = next(iter(cases))
    print(f"Stable-Baselines3 {stable_baselines3.__version__}, torch {torch.__version__}, {ROUNDS} rounds")
    print(f"{'':<28}{'steps alone':>14}{'ratio':>8}{'PPO learns':>14}{'ratio':>8}   (steps/s, medians)")
    for name in cases:
        alone, learning = (median(found[name, measure]) for measure in (stepped, learnt))
        ratios = (
            value / median(found[first, measure]) for value, measure in ((alone, stepped), (learning, learnt))
        )
        one, two = ratios
        print(f"{name:<28}{alone:>14,.0f}{one:>7.1f}x{learning:>14,.0f}{two:>7.1f}x")


if __name__ == "__main__":
    main()
