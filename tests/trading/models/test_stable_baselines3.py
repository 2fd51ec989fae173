"""What Stable-Baselines3 trained is what trades; runs where it is installed.

``pip install -e ".[test,sb3]" && pytest tests/trading/models/test_stable_baselines3.py``; longer, and with a
table: ``python -m tests.support.real_policies --steps 20000``
"""

import gymnasium
import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.trading.environment.gym_env import RugsEnv
from rugs_lab.trading.models.model_trial import observations

NEEDS = 'pip install -e ".[sb3]" installs Stable-Baselines3, whose policies are tested here'
sb3 = pytest.importorskip("stable_baselines3", reason=NEEDS)
contrib = pytest.importorskip("sb3_contrib", reason=NEEDS)
torch = pytest.importorskip("torch", reason=NEEDS)
torch.set_num_threads(1)

from sb3_contrib.common.wrappers import ActionMasker  # noqa: E402
from stable_baselines3.common.callbacks import EvalCallback  # noqa: E402
from stable_baselines3.common.env_util import make_vec_env  # noqa: E402
from stable_baselines3.common.evaluation import evaluate_policy  # noqa: E402
from stable_baselines3.common.monitor import Monitor  # noqa: E402
from stable_baselines3.common.vec_env import (  # noqa: E402
    DummyVecEnv,
    SubprocVecEnv,
    VecNormalize,
)

from tests.support import real_policies  # noqa: E402
from tests.support.real_policies import (  # noqa: E402
    ACTIONS,
    CASES,
    GAMES,
    PLAYED,
    REFUSED,
    differences,
    environments,
    on_replay,
    played,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:strategy .* orders were rejected"),
    pytest.mark.filterwarnings("ignore:strategy .* never acted"),
]

LOW, HIGH = np.float32(-1.0), np.float32(1.0)
STEPS = 1_000


def trained(kind, envs, steps=STEPS, **options):
    return real_policies.trained(kind, envs, steps, **options)


@pytest.mark.parametrize("case", CASES)
def test_a_saved_policy_decides_and_earns_what_the_model_does(tmp_path, case):
    model = real_policies.made(case, STEPS)
    strategy = rl.models.load(rl.models.save(model, tmp_path / "policy.onnx"))
    assert strategy.function.signature.actions == rl.models.ActionSpace(ACTIONS)
    compared, differ = differences(model, strategy)
    assert compared == 4_000
    assert differ <= 2  # two scores that are equal to the last bits of float32
    games = rl.sample()[:PLAYED]
    run = rl.backtest(strategy, games, carry=False)
    assert played(model, games) == run.results.profit.tolist()
    assert on_replay(strategy, games) == len(games)


@pytest.mark.parametrize("kind", ["PPO", "A2C", "MaskablePPO", "DQN"])
def test_a_stochastic_policy_has_the_probabilities_of_the_library(tmp_path, kind):
    model = trained(kind, environments(normalized=kind == "PPO"), steps=600)
    path = rl.models.save(model, tmp_path / "p.onnx")
    if kind == "DQN":
        with pytest.raises(ArgumentError, match="does not state that its scores"):
            rl.models.load(path, stochastic=True)
        return
    policy = rl.models.load(path, stochastic=True)
    rows = observations()
    normalize = model.get_vec_normalize_env()
    shown = torch.as_tensor(rows if normalize is None else normalize.normalize_obs(rows))
    with torch.no_grad():
        expected = model.policy.get_distribution(shown).distribution.probs.numpy()
    scores = np.concatenate([policy.function.model.answer(row[None, :]) for row in rows])
    heights = np.exp(scores - scores.max(axis=1, keepdims=True))
    assert np.abs(heights / heights.sum(axis=1, keepdims=True) - expected).max() < 1e-5
    assert rl.check(policy, rl.sample()[:20]).ok


def test_what_cannot_be_carried_is_refused_by_name(tmp_path):
    path = tmp_path / "no.onnx"
    for case in REFUSED:
        with pytest.raises(ArgumentError, match="features extractor Extractor is not saved"):
            rl.models.save(real_policies.made(case, 512), path)
    box = trained("PPO", make_vec_env("Pendulum-v1"), steps=512)
    with pytest.raises(ArgumentError, match=r"numbered decisions, Discrete\(n\); this one has Box"):
        rl.models.save(box, path)
    recurrent = contrib.RecurrentPPO("MlpLstmPolicy", environments(), n_steps=64)
    with pytest.raises(ArgumentError, match="can be saved; got RecurrentPPO"):
        rl.models.save(recurrent, path)
    model = trained("PPO", environments(), steps=512)
    model.save(tmp_path / "model.zip")
    with pytest.raises(ArgumentError, match=r"no environment, .*PPO.load\(path, env=...\)"):
        rl.models.save(sb3.PPO.load(tmp_path / "model.zip"), path)
    with pytest.raises(ArgumentError, match=r"trained with <ActionSpace .*buy\(0.05\).*; the actions given"):
        rl.models.save(model, path, actions=[rl.hold(), *[rl.buy(0.01)] * 4])
    seen = environments(wrapper=lambda env: gymnasium.wrappers.RescaleObservation(env, LOW, HIGH))
    with pytest.raises(ArgumentError, match="RescaleObservation may change what the model sees"):
        rl.models.save(trained("PPO", seen, steps=512), path)
    mine = environments(wrapper=lambda env: ActionMasker(env, lambda _: np.ones(5)))
    with pytest.raises(ArgumentError, match="ActionMasker may change"):
        rl.models.save(
            trained("MaskablePPO", mine, steps=512), path, features=rl.models.NAMES, actions=ACTIONS
        )
    assert not path.exists()


def test_a_network_that_the_model_does_not_use_is_found_by_comparison(tmp_path):
    model = trained("PPO", environments(), steps=512)
    usual = model.policy._predict
    model.policy._predict = lambda shown, deterministic=False: (
        (usual(shown, deterministic) + 1) % len(ACTIONS)
    )
    with pytest.raises(
        ArgumentError, match=r"On [34],[09]{3} of 4,000 observations they differ, first on \(presale="
    ):
        rl.models.save(model, tmp_path / "no.onnx")
    assert not (tmp_path / "no.onnx").exists()


def test_environments_in_other_processes_are_asked_too(tmp_path):
    envs = SubprocVecEnv([lambda: RugsEnv(GAMES, actions=ACTIONS)] * 2)
    path = rl.models.save(trained("A2C", envs, steps=64), tmp_path / "sub.onnx")
    envs.close()
    assert rl.models.signature(path).actions == rl.models.ActionSpace(ACTIONS)
    seen = SubprocVecEnv([lambda: gymnasium.wrappers.RescaleObservation(RugsEnv(GAMES), LOW, HIGH)])
    with pytest.raises(ArgumentError, match="ObservationWrapper may change"):
        rl.models.save(trained("A2C", seen, steps=64), path)
    seen.close()


def test_a_saved_policy_passes_the_checks(tmp_path):
    strategy = rl.models.load(rl.models.save(trained("DQN", environments()), tmp_path / "policy.onnx"))
    report = rl.check(strategy, rl.sample()[:40])
    assert report.ok, report


def test_an_eval_callback_plays_the_same_games_each_time():
    class Noted(gymnasium.Wrapper):
        def step(self, action):
            found = super().step(action)
            if found[2] or found[3]:
                ended.append(found[4]["game_id"])
            return found

    ended = []
    evaluation = DummyVecEnv([lambda: Noted(RugsEnv(GAMES[:5], actions=ACTIONS, shuffle=False))])
    callback = EvalCallback(evaluation, n_eval_episodes=5, eval_freq=256, verbose=0, warn=False)
    model = sb3.PPO("MlpPolicy", environments(1), n_steps=256, seed=0, device="cpu")
    model.learn(1024, callback=callback)
    assert len(ended) == 4 * 5
    assert [ended[n : n + 5] for n in range(0, 20, 5)] == [GAMES[:5].ids.tolist()] * 4


@pytest.mark.filterwarnings("ignore:.*render_mode")  # make_vec_env asks for pictures
def test_parallel_environments_play_different_games():
    envs = make_vec_env("rugs_lab/Rugs-v0", n_envs=6, env_kwargs={"games": GAMES})
    envs.reset()
    assert len({info["game_id"] for info in envs.reset_infos}) > 1


def one_by_one(count, **options):
    """Environments in Python that play what the compiled ones of `compiled` play."""
    parts = [GAMES[list(range(n, len(GAMES), count))] for n in range(count)]
    return DummyVecEnv(
        [
            lambda part=part: Monitor(RugsEnv(part, actions=ACTIONS, shuffle=False, **options))
            for part in parts
        ]
    )


def compiled(count, **options):
    return rl.models.sb3_vec_env(count, GAMES, actions=ACTIONS, **{"shuffle": False, **options})


@pytest.mark.parametrize("options", [{}, {"session": 2, "latency": 2, "cash": 0.2}])
def test_the_compiled_vec_env_is_the_one_of_the_library_over_single_environments(options):
    count = 3
    some, others = compiled(count, **options), one_by_one(count, **options)
    assert some.observation_space == others.observation_space
    assert some.action_space == others.action_space
    rng = np.random.default_rng(1)
    assert some.reset().tolist() == others.reset().tolist()
    episodes = 0
    for _ in range(2_000):
        masks = [each.env_method("action_masks") for each in (some, others)]
        assert np.array(masks[0]).tolist() == np.array(masks[1]).tolist()
        actions = rng.integers(0, len(ACTIONS), count)
        found, expected = some.step(actions), others.step(actions)
        for one, two in zip(found[:3], expected[:3], strict=True):
            assert (one.dtype, one.tolist()) == (two.dtype, two.tolist())
        for n in np.flatnonzero(found[2]):
            one, two = found[3][n], expected[3][n]
            assert one["terminal_observation"].tolist() == two["terminal_observation"].tolist()
            assert one["TimeLimit.truncated"] == two["TimeLimit.truncated"]
            assert [one[name] for name in ("equity_lamports", "rejected")] == [
                two[name] for name in ("equity_lamports", "rejected")
            ]
            assert one["episode"]["l"] == two["episode"]["l"]
            assert one["episode"]["r"] == pytest.approx(two["episode"]["r"], abs=1e-6)
            episodes += 1
    assert episodes > 10


@pytest.mark.parametrize("kind", ["PPO", "A2C", "DQN", "MaskablePPO"])
def test_what_is_learnt_in_compiled_environments_is_the_same_to_the_last_bit_and_can_be_saved(tmp_path, kind):
    one, two = trained(kind, compiled(3)), trained(kind, one_by_one(3))
    weights = [each.policy.state_dict() for each in (one, two)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[1])
    paths = [rl.models.save(each, tmp_path / f"{n}.onnx") for n, each in enumerate((one, two))]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    normalized = VecNormalize(compiled(3), clip_obs=1.5)
    rl.models.save(trained(kind, normalized, steps=300), tmp_path / "normalized.onnx")


def test_compiled_environments_play_different_games_and_evaluation_the_same_ones():
    def games_of(envs, count):
        found = []

        def note(local, _):
            if local["done"]:
                found.append(local["info"]["game"])

        evaluate_policy(model, envs, n_eval_episodes=count, callback=note)
        return found

    model = trained("A2C", compiled(8, shuffle=True), steps=64)
    evaluation, training = compiled(4), compiled(4, shuffle=True)
    assert [sorted(games_of(evaluation, 12)) for _ in range(2)] == [list(range(12))] * 2
    first, second = games_of(training, 12), games_of(training, 12)
    assert not set(first) & set(second)  # goes on in its epoch
    callback = EvalCallback(evaluation, n_eval_episodes=8, eval_freq=64, verbose=0, warn=False)
    model.learn(2 * 8 * 64, callback=callback)
    assert callback.num_timesteps >= 1024


def test_what_compiled_environments_cannot_do_is_said():
    envs = compiled(2)
    with pytest.raises(ArgumentError, match="compiled, 'cash' cannot be set"):
        envs.set_attr("cash", 1)
    assert not envs.has_attr("nothing")
    assert envs.get_attr("actions", 1) == [rl.models.ActionSpace(ACTIONS)]
    assert len(envs.env_method("action_masks", indices=[0])) == 1
    envs.close()


@pytest.mark.filterwarnings("ignore:.*render_mode")
def test_features_of_ones_own_are_those_of_the_environment_and_the_file(tmp_path):
    @rl.features(version=3)
    def pace(o):
        return {"age": o.tick / 200, "rise": o.price / o.prices[-10:][0] - 1, "mine": o.units}

    envs = make_vec_env(lambda: RugsEnv(GAMES, actions=ACTIONS, features=pace), n_envs=2, seed=1)
    model = trained("PPO", envs)
    path = rl.models.save(model, tmp_path / "p.onnx")
    assert (rl.models.signature(path).made_by, rl.models.signature(path).version) == ("pace", 3)
    policy, games = rl.models.load(path, features=pace), rl.sample()[:PLAYED]
    env, profits = RugsEnv(games, actions=ACTIONS, features=pace, shuffle=False), []
    for _ in range(len(games)):
        (shown, _), over = env.reset(), False
        while not over:
            shown, _, terminated, truncated, info = env.step(int(model.predict(shown, deterministic=True)[0]))
            over = terminated or truncated
        profits.append(info["profit_lamports"])
    assert profits == rl.backtest(policy, games, carry=False).results.profit.tolist()
    assert on_replay(policy, games) == len(games)
    with pytest.raises(ArgumentError, match=r"with <Features 'pace'.*given are <Features 'rugs_lab'"):
        rl.models.save(model, path, features=rl.models.BUILT_IN)
    with pytest.raises(ArgumentError, match="built-in features only"):
        compiled(2, features=pace)
