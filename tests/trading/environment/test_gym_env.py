"""The environment: what gymnasium asks of it, and that an episode is worth what a backtest says."""

import subprocess
import sys
import warnings
from threading import Thread

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import rugs_lab as rl
import rugs_lab.trading.environment.gym_env as environment
from rugs_lab.errors import ArgumentError, FeedError, FeedTimeoutError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.environment.registration import ENTRY_POINT, ID
from rugs_lab.trading.features.feature_vector import FEATURES, HIGH, LOW, features
from rugs_lab.trading.models import strategy_of
from rugs_lab.trading.models.action_space import ActionSpace

# A model may well order to sell what it does not hold.
pytestmark = pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")

WEIGHTS = np.random.default_rng(5).normal(size=len(FEATURES))
ACTIONS = (rl.hold(), rl.buy(0.05), (rl.sell(0.5), rl.sidebet(0.01)), rl.sidebet(0.002))


def policy(shown):
    """One that does everything now and then."""
    number = int(1e6 * abs(float(shown.astype(float) @ WEIGHTS))) % 40
    return number if number < len(ACTIONS) else 0


def make(games, shuffle=False, **options):
    return gymnasium.make(ID, games=games, shuffle=shuffle, **options)


def episodes(env, count, choose=policy):
    """Play episodes; yield what came in each: sum of rewards, last info, how it ended."""
    for number in range(count):
        shown, info = env.reset(seed=1 if number == 0 else None)
        total, terminated, truncated = 0.0, False, False
        while not terminated and not truncated:
            shown, reward, terminated, truncated, info = env.step(choose(shown))
            total += reward
        yield total, info, terminated, truncated


@pytest.mark.parametrize("options", [{}, {"session": 3, "actions": ACTIONS}, {"shuffle": True, "latency": 3}])
def test_gymnasium_finds_nothing_wrong(options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(make(rl.sample()[:20], **options).unwrapped)


def test_without_games_it_plays_synthetic_ones():
    env = gymnasium.make(ID, shuffle=False)
    _, info = env.reset(seed=1)
    assert info["game_id"] == rl.synthetic(1, seed=1).ids[0]


@pytest.mark.parametrize("latency", [1, 3])
def test_each_episode_is_worth_what_the_backtest_says_to_the_last_lamport(latency):
    games = rl.sample()
    env = make(games, actions=ACTIONS, latency=latency)
    run = rl.backtest(strategy_of(policy, ACTIONS), games, carry=False, latency=latency)
    assert run.results.buys.sum() > 20
    assert run.results.bets.sum() > 20
    found = list(episodes(env, len(games)))
    assert [info["profit_lamports"] for _, info, _, _ in found] == run.results.profit.tolist()
    assert [round(total * 1e9) for total, _, _, _ in found] == run.results.profit.tolist()
    assert [info["ended"] == "void" for _, info, _, _ in found] == (run.results.voided == 1).tolist()


def test_a_session_is_worth_what_the_backtest_says_and_has_its_ledger():
    games = rl.sample()[:60]
    env = make(games, actions=ACTIONS, session=60)
    run = rl.backtest(strategy_of(policy, ACTIONS), games)
    ((total, info, terminated, truncated),) = episodes(env, 1)
    assert info["profit_lamports"] == run.results.profit.sum() == round(total * 1e9)
    assert env.unwrapped.account.entries == run.results.account.entries
    assert (terminated, truncated) == (False, True)


def test_ticks_that_are_missing_are_passed_over_and_a_game_without_end_is_given_back():
    paths = [np.array([1.0, np.nan, 1.2, np.nan, 1.1]), np.array([np.nan, 1.0, np.nan, 0.02])]
    games = Games([Game("a", paths[0]), Game("b", paths[1], rug_tick=3)])
    run = rl.backtest(strategy_of(lambda _: 1), games, carry=False)
    env = make(games)
    (first, one, *ends), (second, two, *others) = episodes(env, 2, lambda _: 1)
    assert (one["ended"], ends, two["ended"], others) == ("void", [False, True], "rug", [True, False])
    assert [one["profit_lamports"], two["profit_lamports"]] == run.results.profit.tolist()
    assert (round(first * 1e9), round(second * 1e9)) == tuple(run.results.profit.tolist())


def test_observations_stay_within_their_bounds_and_are_those_of_strategies():
    env = make(rl.sample()[:5], actions=ACTIONS)
    shown, _ = env.reset(seed=2)
    rng = np.random.default_rng(1)
    for _ in range(800):
        assert (shown >= LOW).all()
        assert (shown <= HIGH).all()
        assert shown.tolist() == features(env.unwrapped.observation).tolist()
        shown, _, terminated, truncated, _ = env.step(int(rng.integers(len(ACTIONS))))
        if terminated or truncated:
            shown, _ = env.reset()


def test_shaping_is_named_and_told_apart():
    env = make(rl.sample()[:1], shaping={"rejected": -0.5, "held": 0.25, "drawdown": -1.0})
    env.reset(seed=1)
    _, reward, *_, info = env.step(2)  # nothing to sell
    assert info["shaping"] == {"rejected": -0.5, "held": 0.0, "drawdown": 0.0}
    assert reward == -0.5
    env.step(1)
    _, reward, *_, info = env.step(0)
    assert info["shaping"]["held"] == 0.25
    assert round(1e9 * (reward - sum(info["shaping"].values()))) != 0
    with pytest.raises(
        ArgumentError, match="no shaping is called 'luck'; there are rejected, held, drawdown"
    ):
        make(rl.sample()[:1], shaping={"luck": 1.0})


def test_a_certain_game_can_be_asked_for_and_a_seed_begins_anew():
    games = rl.sample()[:9]
    env = make(games, shuffle=True)
    first = [env.reset(seed=3)[1]["game_id"]] + [env.reset()[1]["game_id"] for _ in range(8)]
    next_epoch = [env.reset()[1]["game_id"] for _ in range(9)]
    again = [env.reset(seed=3)[1]["game_id"]] + [env.reset()[1]["game_id"] for _ in range(8)]
    assert sorted(next_epoch) == sorted(first)
    assert next_epoch != first
    assert first == again != games.ids.tolist()
    assert sorted(first) == sorted(games.ids.tolist())
    assert env.reset(options={"game": 4})[1]["game_id"] == games.ids[4]
    assert env.reset(options={"game": games.ids[7]})[1]["game_id"] == games.ids[7]
    with pytest.raises(ArgumentError, match="position, 0 to 8, or by its id; got 'no'"):
        env.reset(options={"game": "no"})


def test_environments_side_by_side_play_different_games_unless_they_are_to_evaluate():
    games = rl.sample()[:60]
    envs = gymnasium.make_vec(ID, num_envs=4, vectorization_mode="sync", games=games)
    assert len(set(envs.reset()[1]["game_id"])) > 1
    assert len(set(envs.reset(seed=1)[1]["game_id"])) > 1
    alone = make(games)
    assert [alone.reset()[1]["game_id"] for _ in range(3)] == [games.ids[0]] * 3
    alone.step(0)
    assert alone.reset()[1]["game_id"] == games.ids[1]


def test_masked_actions_are_those_that_would_be_rejected():
    env = make(rl.sample()[:20], actions=ACTIONS, cash=0.06).unwrapped
    env.reset(seed=1)
    rng = np.random.default_rng(3)
    masked = 0
    for _ in range(1500):
        possible, number = env.action_masks(), int(rng.integers(len(ACTIONS)))
        _, _, terminated, truncated, info = env.step(number)
        if not (terminated or truncated):
            assert (info["rejected"] == 0) == possible[number]
            masked += not possible[number]
        else:
            env.reset()
    assert masked > 100


def test_what_cannot_be_done_is_said():
    env = make(rl.sample()[:1]).unwrapped
    with pytest.raises(ArgumentError, match=r"call reset\(\) first"):
        env.step(0)
    env.reset()
    with pytest.raises(ArgumentError, match="from 0 to 3; got 4"):
        env.step(4)
    with pytest.raises(ArgumentError, match="at least 1; got 0"):
        make(rl.sample()[:1], session=0)
    with pytest.raises(ArgumentError, match="got none"):
        make(rl.sample()[:0])


def test_on_a_replay_an_episode_is_the_same_as_on_the_recordings():
    games = rl.sample()[:6]
    feed = rl.ReplayFeed(games, speed=float("inf"))
    env = make(feed, actions=ACTIONS, session=2)
    found = [(total, info["profit_lamports"]) for total, info, _, _ in _without_seed(env, 3)]
    with pytest.raises(FeedError, match="at its end"):
        env.reset()
    env.close()
    feed.stop()
    recorded = make(games, actions=ACTIONS, session=2)
    assert found == [(total, info["profit_lamports"]) for total, info, _, _ in _without_seed(recorded, 3)]


def _without_seed(env, count):
    for _ in range(count):
        shown, info = env.reset()
        total, over = 0.0, False
        while not over:
            shown, reward, terminated, truncated, info = env.step(policy(shown))
            total, over = total + reward, terminated or truncated
        yield total, info, terminated, truncated


def test_a_tick_that_was_seen_gives_no_reward_again_when_a_replay_is_taken_back():
    game = rl.sample()[3]
    feed = rl.ReplayFeed([game], speed=float("inf"))
    env = make(feed, timeout_s=20.0).unwrapped
    env.reset()
    env_ticks, total = [], 0.0
    for step in range(10_000):
        _, reward, terminated, truncated, info = env.step(1 if step == 0 else 0)
        env_ticks.append(info["tick"])
        total += reward
        if step in (5, 9):
            Thread(target=feed.seek, args=(2,)).start()  # it waits for the agent, as every move does
        if terminated or truncated:
            break
    env.close()
    feed.stop()
    assert env_ticks == list(range(game.rug_tick + 1))
    assert round(total * 1e9) == info["profit_lamports"]


def test_an_agent_that_leaves_a_game_early_gets_the_next_one_with_fresh_cash():
    games = rl.sample()[:4]
    feed = rl.ReplayFeed(games, speed=float("inf"))
    env = make(feed)
    _, info = env.reset()
    assert info["game_id"] == games.ids[0]
    env.step(1)
    env.step(0)
    _, info = env.reset()
    assert (info["game_id"], info["tick"], info["equity_lamports"]) == (games.ids[1], -1, 10**9)
    env.close()
    feed.stop()


def test_a_feed_that_brings_nothing_is_not_waited_for_without_end():
    feed = rl.ReplayFeed(rl.sample()[:1], playing=False)
    env = make(feed, timeout_s=0.5).unwrapped
    env.reset()  # its presale
    with pytest.raises(FeedTimeoutError, match=r"waited 0.5 s for the next tick"):
        env.step(0)
    feed.stop()
    with pytest.raises(FeedError, match="no data will arrive"):
        env.reset()
    env.close()


def test_it_plays_the_live_games_of_the_built_in_server():
    with rl.demo(speed=50, seed=4) as feed:
        env = make(feed)
        for total, info, terminated, _ in _without_seed(env, 2):
            assert terminated
            assert round(total * 1e9) == info["profit_lamports"]
        env.close()


def vector(games, count, shuffle=False, **options):
    return gymnasium.make_vec(
        ID,
        num_envs=count,
        vectorization_mode="vector_entry_point",
        games=games,
        shuffle=shuffle,
        **options,
    )


@pytest.mark.parametrize("options", [{}, {"session": 3}, {"latency": 3, "cash": 0.2}])
def test_the_vectorised_form_gives_the_same_bits_as_environments_by_themselves(options):
    games = rl.sample()[:14]
    count = 4
    envs = vector(games, count, actions=ACTIONS, threads=2, **options)
    alone = [
        make(
            games[list(range(n, 14, 4)) + list(range((n + 16) % 14, 14, 4))], actions=ACTIONS, **options
        ).unwrapped
        for n in range(count)
    ]
    rng = np.random.default_rng(2)
    shown, info = envs.reset(seed=1)
    assert shown.tolist() == [env.reset(seed=1)[0].tolist() for env in alone]
    over = [False] * count
    for _ in range(300):
        actions = rng.integers(0, len(ACTIONS), count)
        shown, rewards, terminated, truncated, info = envs.step(actions)
        for n, env in enumerate(alone):
            if over[n]:
                seen, about = env.reset()
                reward, ends = 0.0, (False, False)
            else:
                seen, reward, *ends, about = env.step(actions[n])
            assert (shown[n].tolist(), rewards[n]) == (seen.tolist(), reward)
            assert (terminated[n], truncated[n]) == tuple(ends)
            assert (about["equity_lamports"], about["rejected"]) == (
                info["equity_lamports"][n],
                info["rejected"][n],
            )
            over[n] = any(ends)
    envs.close()


def test_the_profit_of_all_vectorised_environments_is_that_of_the_backtest():
    games, count = rl.sample(), 40
    whole = len(games) // count
    envs = vector(games, count, actions=ACTIONS)
    found = np.zeros((count, 0)).tolist()
    shown, _ = envs.reset(seed=1)
    while min(map(len, found)) < whole:
        actions = np.array([policy(each) for each in shown])
        shown, _, terminated, truncated, info = envs.step(actions)
        for n in np.flatnonzero(terminated | truncated):
            found[n].append(int(info["equity_lamports"][n]) - 10**9)
    for n in range(count):
        mine = games[list(range(n, whole * count, count))]
        run = rl.backtest(strategy_of(policy, ACTIONS), mine, carry=False)
        assert found[n][:whole] == run.results.profit.tolist()


def test_vectorised_environments_are_dealt_every_game_once_in_an_epoch_in_another_order_each_time():
    games, count = rl.sample()[:30], 6
    envs = vector(games, count, shuffle=True)
    _, info = envs.reset(seed=3)
    begun = info["game"].tolist()
    assert len(set(begun)) == count  # side by side they play different games
    over = np.zeros(count, bool)
    while len(begun) < 120:
        _, _, terminated, truncated, info = envs.step(np.zeros(count, int))
        begun += info["game"][over].tolist()
        over = terminated | truncated
    times = np.bincount(begun[:114], minlength=30)  # up to six of an epoch wait for an environment to be free
    assert times.min() >= 3
    assert times.max() <= 4
    assert begun[:24] != begun[30:54]
    assert envs.reset(seed=3)[1]["game"].tolist() == begun[:count]
    assert envs.reset()[1]["game"].tolist() != begun[:count]  # goes on dealing
    for _ in range(2):  # to evaluate: the same ones each time
        assert vector(games, count).reset()[1]["game"].tolist() == list(range(count))


def test_an_episode_can_begin_at_once_in_those_of_a_mask():
    games, count = rl.sample()[:12], 3
    now, later = vector(games, count), vector(games, count)
    with pytest.raises(ArgumentError, match=r"a mask has shape \(3,\), after a reset"):
        now.reset(options={"reset_mask": np.ones(count, bool)})
    shown, _ = now.reset(seed=1)
    later.reset(seed=1)
    over = np.zeros(count, bool)
    while not over.any():
        actions = np.array([policy(each) for each in shown])
        shown, _, *ends, _ = now.step(actions)
        later.step(actions)
        over = ends[0] | ends[1]
    kept = shown.copy()
    again, _ = now.reset(options={"reset_mask": over})
    also, *_ = later.step(actions)  # begins the same episodes, while the others play on
    assert shown.tolist() == kept.tolist()
    assert again[~over].tolist() == kept[~over].tolist()
    assert again[over].tolist() == also[over].tolist()
    assert (again[over, 0] == 1).all()


def test_masks_of_the_vectorised_form_are_those_of_environments_by_themselves():
    games, actions = rl.sample()[:8], (*ACTIONS, rl.cover(), (rl.buy(0.03), rl.sidebet(0.04)))
    envs = vector(games, 2, actions=actions, cash=0.06)
    alone = [make(games[list(range(n, 8, 2))], actions=actions, cash=0.06).unwrapped for n in range(2)]
    envs.reset(seed=1)
    for env in alone:
        env.reset(seed=1)
    rng, over, seen = np.random.default_rng(1), [False, False], set()
    for _ in range(800):
        masks = envs.action_masks()
        chosen = rng.integers(0, len(ACTIONS), 2)
        for n, env in enumerate(alone):
            if over[n]:
                env.reset()
                continue
            mask = env.action_masks()
            assert masks[n].tolist() == mask.tolist() == [bool(each) for each in mask]
            seen.add(tuple(mask.tolist()))
            _, _, *ends, _ = env.step(chosen[n])
            over[n] = any(ends)
        _, _, terminated, truncated, _ = envs.step(chosen)
        over = (terminated | truncated).tolist()
    assert len(seen) > 5


def test_the_vectorised_form_says_what_is_wrong():
    envs = vector(rl.sample()[:4], 2)
    envs.reset(seed=1)
    with pytest.raises(ArgumentError, match="from 0 to 3; got 9 for environment 1"):
        envs.step(np.array([0, 9]))
    with pytest.raises(ArgumentError, match=r"2 actions, one each; got shape \(3,\)"):
        envs.step(np.zeros(3, int))
    with pytest.raises(ArgumentError, match="finite number above 0"):
        vector(Games([Game("a", [1.0, -1.0, 0.02], rug_tick=2)]), 1)


@pytest.mark.parametrize(
    "imports",
    [
        "import gymnasium, rugs_lab",
        "import rugs_lab, gymnasium",
        "import rugs_lab.trading.environment.gym_env, gymnasium",
        "import rugs_lab; games = rugs_lab.sample(); import gymnasium",
        "import rugs_lab, importlib; importlib.reload(rugs_lab); import gymnasium",
        "import rugs_lab, importlib; from rugs_lab.trading.environment import registration; "
        "importlib.reload(registration); importlib.reload(rugs_lab); import gymnasium",
        "import rugs_lab, importlib.util as u; u.find_spec('gymnasium'); import gymnasium.spaces",
        "import gymnasium; gymnasium.make('rugs_lab:rugs_lab/Rugs-v0')",
    ],
)
def test_gymnasium_knows_it_in_any_order_of_imports(imports):
    script = f"""
import sys
{imports}
env = gymnasium.make("rugs_lab/Rugs-v0")
print(env.reset(seed=1)[1]["tick"], env.spec.id)
"""
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=100
    )
    assert (found.stdout.split(), found.stderr) == (["-1", ID], "")


def test_registering_loads_neither_gymnasium_nor_the_environment():
    script = """
import sys, rugs_lab
assert not {"gymnasium", "numpy", "rugs_lab.trading.environment.gym_env"} & set(sys.modules)
import gymnasium
assert "rugs_lab.trading.environment.gym_env" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True, timeout=100)


def test_the_registered_class_is_the_environment():
    assert f"{environment.RugsEnv.__module__}:{environment.RugsEnv.__name__}" == ENTRY_POINT
    assert isinstance(gymnasium.make(ID, games=rl.sample()[:1]).unwrapped, environment.RugsEnv)


def test_an_action_space_survives_being_written_down():
    actions = ActionSpace(ACTIONS)
    assert ActionSpace.from_text(actions.text) == actions
    with pytest.raises(ArgumentError, match="decisions are written as"):
        ActionSpace.from_text('[["buy"]]')
