"""Policies that Stable-Baselines3 itself trained: is what was trained what trades?

``pip install -e ".[test,sb3]" && python -m tests.support.real_policies [--steps 20000] [--only DQN]``
trains one of each kind, saves and loads it, and prints a table: on how many of 4,000 observations the file
decides otherwise than the model's own ``predict``, and whether the ledger is the same to the lamport in the
environment (where the model itself acts), in the backtest, on a replay, and on a live feed over a socket.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import sb3_contrib
import stable_baselines3
import torch
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import VecNormalize

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.trading.environment.gym_env import RugsEnv
from rugs_lab.trading.models.model_trial import observations

ACTIONS = (rl.hold(), rl.buy(0.05), rl.sell(), rl.sidebet(0.02), (rl.sell(0.5), rl.sidebet(0.01)))
GAMES = rl.synthetic(200, seed=3)
PLAYED = 12


class Extractor(BaseFeaturesExtractor):
    """Looks at the first two features only."""

    def __init__(self, space):
        super().__init__(space, 2)

    def forward(self, shown):
        return shown[:, :2]


def environments(count=2, *, compiled=False, normalized=False, wrapper=None, **options):
    given = {"actions": ACTIONS, **options}
    if compiled:
        envs = rl.models.sb3_vec_env(count, GAMES, **given)
    else:
        envs = make_vec_env(lambda: RugsEnv(GAMES, **given), n_envs=count, seed=1, wrapper_class=wrapper)
    return VecNormalize(envs, clip_obs=1.5) if normalized else envs


def trained(kind, envs, steps, **options):
    algorithm = getattr(stable_baselines3, kind, None) or getattr(sb3_contrib, kind)
    small = {"n_steps": 256} if kind in ("PPO", "MaskablePPO") else {}
    small |= {"learning_starts": 200} if kind == "DQN" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library
        return algorithm("MlpPolicy", envs, seed=0, device="cpu", **small, **options).learn(steps)


def _kwargs(**options):
    return {"policy_kwargs": options}


CASES = {
    "PPO": ("PPO", {}, {}),
    "PPO net_arch": ("PPO", {}, _kwargs(net_arch={"pi": [32, 16, 8], "vf": [8]})),
    "PPO without layers": ("PPO", {}, _kwargs(net_arch=[])),
    "PPO ELU, VecNormalize": (
        "PPO",
        {"normalized": True},
        _kwargs(activation_fn=torch.nn.ELU, net_arch=[16]),
    ),
    "PPO VecNormalize": ("PPO", {"normalized": True}, {}),
    "PPO compiled, VecNormalize": ("PPO", {"compiled": True, "normalized": True}, {}),
    "A2C": ("A2C", {}, {}),
    "A2C VecNormalize": ("A2C", {"normalized": True}, {}),
    "DQN": ("DQN", {}, {}),
    "DQN compiled": ("DQN", {"compiled": True}, {}),
    "DQN VecNormalize": ("DQN", {"normalized": True}, _kwargs(net_arch=[24, 24])),
    "MaskablePPO": ("MaskablePPO", {}, {}),
    "MaskablePPO compiled": ("MaskablePPO", {"compiled": True}, {}),
    "MaskablePPO VecNormalize": ("MaskablePPO", {"normalized": True}, {}),
}
"""Algorithm, what it is trained in, and its own options."""

REFUSED = {
    "PPO own extractor": ("PPO", {}, _kwargs(features_extractor_class=Extractor)),
    "DQN own extractor": ("DQN", {}, _kwargs(features_extractor_class=Extractor)),
}


def made(case, steps):
    kind, surroundings, options = (CASES | REFUSED)[case]
    return trained(kind, environments(**surroundings), steps, **options)


def differences(model, strategy):
    """Return on how many observations were compared, and on how many the file decides otherwise."""
    normalize, rows = model.get_vec_normalize_env(), observations()
    shown = rows if normalize is None else normalize.normalize_obs(rows)
    expected = model.predict(shown, deterministic=True)[0]
    scores = np.concatenate([strategy.function.model.answer(row[None, :]) for row in rows])
    return len(rows), int((scores.argmax(axis=1) != expected).sum())


def played(model, games):
    """Return the profit of each game in lamports when the model itself acts in the environment."""
    env = RugsEnv(games, actions=ACTIONS, shuffle=False)
    normalize, profits = model.get_vec_normalize_env(), []
    masked = isinstance(model, sb3_contrib.MaskablePPO)
    for _ in range(len(games)):
        shown, _ = env.reset()
        over = False
        while not over:
            given = shown if normalize is None else normalize.normalize_obs(shown)
            masks = {"action_masks": env.action_masks()} if masked else {}
            action, _ = model.predict(given, deterministic=True, **masks)
            shown, _, terminated, truncated, info = env.step(int(action))
            over = terminated or truncated
        profits.append(info["profit_lamports"])
    return profits


def on_replay(strategy, games):
    """Return how many games have the same result in a backtest and on a replay, tick by tick."""
    replay = rl.ReplayFeed(games, speed=float("inf"))
    paper = replay.paper(strategy)
    with replay:
        replay.wait(games=len(games))
        replay.dispatcher.end(30)
    both = rl.compare(rl.backtest(strategy, games), paper)
    assert len(both.common) == len(games)
    return both.same


def main() -> None:
    """Train, save, load, play everywhere, and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--steps", type=int, default=2_000)
    options.add_argument("--only", default="", help="cases whose name begins so: DQN")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    games = rl.sample()[:PLAYED]
    print(
        f"Stable-Baselines3 {stable_baselines3.__version__}, torch {torch.__version__}, "
        f"{chosen.steps:,} steps"
    )
    print(f"{'algorithm':<28}{'compared':>9}{'differ':>7}{'environment':>12}{'replay':>8}  live")
    failed = []
    with TemporaryDirectory() as folder:
        for case in (name for name in CASES if name.startswith(chosen.only)):
            model = made(case, chosen.steps)
            path = rl.models.save(model, Path(folder) / "policy.onnx")
            strategy = rl.models.load(path)
            compared, differ = differences(model, strategy)
            profits = rl.backtest(strategy, games, carry=False).results.profit.tolist()
            same = sum(a == b for a, b in zip(played(model, games), profits, strict=True))
            good = shown(f"{case:<28}{compared:>9,}{differ:>7}{same:>9}/{len(games)}", strategy, games)
            if not good or differ > 2 or same < len(games):
                failed.append(case)
            if "DQN" not in case:
                drawn = rl.models.load(path, stochastic=True).with_(seed=7)
                if not shown(f"{'  drawn, seed 7':<28}{'':>28}", drawn, games):
                    failed.append(f"{case}, drawn")
        for case in REFUSED:
            try:
                rl.models.save(made(case, 512), Path(folder) / "policy.onnx")
                failed.append(case)
            except ArgumentError as error:
                print(f"{case:<28}refused: {error}")
    if failed:
        raise SystemExit(f"FAILED: {', '.join(failed)}")


def shown(words, strategy, games):
    """Print a row; return whether backtest, replay and live feed agree."""
    again = on_replay(strategy, games)
    for _ in range(3):  # on a busy machine ticks are missed, or a decision is late: nothing to compare then
        live = rl.check(strategy, rl.sample()[:40], live=True)["live"]
        if live.ok is not None and "did not answer" not in live.words:
            break
    print(f"{words}{again:>5}/{len(games)}  {_VERDICTS[live.ok]}: {live.words}", flush=True)
    return again == len(games) and live.ok is True


_VERDICTS = {True: "same", False: "DIFFERS", None: "not compared"}


if __name__ == "__main__":
    main()
