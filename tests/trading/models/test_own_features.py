"""Features of one's own: the same numbers in frames, environments, backtest, replay, live and files."""

import re
import subprocess
import sys
import textwrap

import gymnasium
import numpy as np
import onnx
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.features.feature_set import Features
from rugs_lab.trading.features.feature_vector import PATH
from rugs_lab.trading.models.model_signature import METADATA_KEY

pytestmark = pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")

ACTIONS = (rl.hold(), rl.buy(0.05), rl.sell(), rl.sidebet(0.01))


def numbers(o):
    return {
        "rise": o.price / o.prices[-10:][0] - 1,
        "age": o.tick / 200,
        "mine": o.units,
        "old": len(o.peaks),
    }


@pytest.fixture
def pace():
    return rl.features(version=2, name="pace")(numbers)


@pytest.fixture
def policy(tmp_path, pace):
    """A file that decides by them."""
    weights = np.random.default_rng(3).normal(size=(4, len(ACTIONS)))
    return rl.models.save_network(
        tmp_path / "p.onnx", [weights], [np.zeros(4)], actions=ACTIONS, features=pace
    )


def test_a_definition_has_a_name_a_version_and_columns(pace):
    assert (pace.name, pace.version, pace.columns) == ("pace", 2, ("rise", "age", "mine", "old"))

    @rl.features
    def plain(o):
        return {"price": o.price}

    assert repr(plain) == "<Features 'plain', version 1: price>"


def test_built_in_features_by_another_definition_make_the_same_frame():
    def again(o):
        return dict(zip(PATH, rl.models.BUILT_IN(o)[: len(PATH)].tolist(), strict=True))

    games = rl.sample()[:30]
    own, built_in = rl.models.feature_frame(games, rl.features(again)), rl.models.feature_frame(games)
    assert own.equals(built_in)


def test_frame_backtest_and_both_environments_show_the_same_numbers_and_ledger(pace, policy):
    games, seen = rl.sample()[:4], {}
    strategy = rl.models.load(policy, features=pace)

    def watching(o):
        if o.tick >= 0:
            seen[len(o.peaks), o.tick] = pace(o).tolist()

    play(watching, games, engine="tick")
    frame = rl.models.feature_frame(games, pace)
    place = {game.id: n for n, game in enumerate(games)}
    rows = frame[list(pace.columns)].to_numpy().tolist()
    assert rows == [seen[place[game_id], tick] for game_id, tick in frame.index]
    options = {"games": games, "features": pace, "actions": ACTIONS, "shuffle": False}
    env = gymnasium.make("rugs_lab/Rugs-v0", **options)
    several = gymnasium.make_vec("rugs_lab/Rugs-v0", num_envs=1, vectorization_mode="sync", **options)
    profits, over = [], False
    shown, info = env.reset()
    others, _ = several.reset()
    while len(profits) < len(games):
        assert shown.tolist() == others[0].tolist()
        assert env.observation_space.contains(shown)
        action = int(strategy.function.model.answer(shown[None, :]).argmax())
        shown, _, over, truncated, info = env.step(action)
        others = several.step(np.array([action]))[0]
        if over or truncated:
            profits.append(info["profit_lamports"])
            shown, _ = env.reset()
            others = several.step(np.array([0]))[0]
    assert profits == rl.backtest(strategy, games, carry=False).results.profit.tolist()
    assert rl.check(strategy, games)["replay"].ok


def test_features_are_the_same_on_a_live_feed(pace, policy):
    report = rl.check(rl.models.load(policy, features=pace), rl.sample()[:4], live=True)
    assert report["replay"].ok
    assert report["live"].ok is not False, report["live"].words


def test_a_file_names_its_features_and_refuses_others(tmp_path, pace, policy):
    made = rl.models.signature(policy)
    assert (made.made_by, made.version, made.features) == ("pace", 2, pace.columns)
    trained = r"trained with features 'pace' of version 2 \(rise, age, mine, old\), and is given "
    for given, words in (
        (None, "<Features 'rugs_lab', version 1"),
        (["tick", "price"], "<Features 'rugs_lab', version 1"),
        (rl.features(numbers), "<Features 'numbers', version 1"),
        (rl.features(numbers, version=3, name="pace"), "<Features 'pace', version 3"),
    ):
        with pytest.raises(ArgumentError, match=trained + words):
            rl.models.load(policy, features=given)
    with pytest.raises(ArgumentError, match=r"no feature 'mine', 'old'. Features are rise, age"):
        rl.models.load(
            policy, features=rl.features(lambda o: {"rise": 0.0, "age": 1.0}, version=2, name="pace")
        )
    plain = rl.models.save_network(tmp_path / "plain.onnx", [np.zeros((18, 4))], [np.zeros(4)])
    with pytest.raises(ArgumentError, match=r"features 'rugs_lab' of version 1 .* given <Features 'pace'"):
        rl.models.load(plain, features=pace)


def test_a_function_that_was_changed_without_a_new_version_is_refused(pace, policy):
    changed = rl.features(lambda o: numbers(o) | {"age": o.tick / 100}, version=2, name="pace")
    with pytest.raises(ArgumentError, match=r"'pace', version 2, are not those of the file: .* age is"):
        rl.models.load(policy, features=changed)


def test_a_file_is_loaded_in_another_process_by_the_same_function(policy):
    code = f"""
        import rugs_lab as rl
        @rl.features(version=2, name="pace")
        def again(o):
            rise = o.price / o.prices[-10:][0] - 1
            return {{"rise": rise, "age": o.tick / 200, "mine": o.units, "old": len(o.peaks)}}
        print(rl.models.load({str(policy)!r}, features=again))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True)
    assert done.stdout.strip() == "<Strategy p()>", done.stderr


def test_a_model_of_scikit_learn_takes_some_columns_in_an_order_of_its_own(tmp_path, pace):
    frame = rl.models.feature_frame(rl.synthetic(6, seed=4), pace)
    label = frame["rug_within_40"].astype(bool)
    model = LogisticRegression().fit(frame[["age", "rise"]], label)
    path = rl.models.save(model, tmp_path / "m.onnx", use="sidebet", features=pace)
    skops.io.dump(model, tmp_path / "m.skops")
    strategies = [rl.models.load(each, use="sidebet", features=pace) for each in (path, tmp_path / "m.skops")]
    wanted = model.predict_proba(frame[["age", "rise"]])[:, 1]
    seen = {}

    def watching(o):
        if o.tick >= 0:
            seen[len(o.peaks), o.tick] = [each.function.probability(o) for each in strategies]

    games = rl.synthetic(6, seed=4)
    play(watching, games, engine="tick")
    place = {game.id: n for n, game in enumerate(games)}
    found = np.array([seen[place[game_id], tick] for game_id, tick in frame.index])
    assert np.abs(found - wanted[:, None]).max() < 1e-5
    with pytest.raises(ArgumentError, match="there is no feature 'age', 'rise'"):
        rl.models.load(tmp_path / "m.skops", use="sidebet")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda o: [o.price], "returns a dict, name to number; in presale AttributeError"),
        (lambda o: {"far": o.prices[-20]}, "in presale IndexError"),
        (lambda o: {"text": "high"}, "in presale ValueError"),
        (lambda o: {}, "returns a dict, name to number, and a version is a whole number"),
    ],
)
def test_what_is_no_definition_is_told(function, words):
    with pytest.raises(ArgumentError, match=re.escape(words)):
        rl.features(function)


@pytest.mark.parametrize(
    "later",
    [{"b": 1.0}, None, 2.5, [3.0], [3.0, 4.0], np.ones(2), {"a": "high", "b": 1.0}, {"a": [1.0], "b": [2.0]}],
)
def test_what_is_no_row_any_more_after_the_definition_is_refused(later):
    shifting = rl.features(lambda o: {"a": o.price, "b": 1.0} if o.tick < 5 else later, name="shifting")
    words = r"'shifting' are a, b, the same at every tick.* returns a dict.*; at tick 5 it returned "
    with pytest.raises(ArgumentError, match=words + re.escape(repr(later))):
        rl.models.feature_frame(rl.sample()[:1], shifting)


@pytest.mark.parametrize(
    "name", [0, None, "game_id", "seen_tick", "rug_within_40", "action", "amount_sol", "player_id"]
)
def test_names_are_texts_and_not_those_of_other_columns(name):
    words = f"names are texts, and not game_id, seen_tick, rug_within_40, .*; got [{name!r}]"
    with pytest.raises(ArgumentError, match=re.escape(words).replace(re.escape(".*"), ".*")):
        rl.features(lambda o: {"x": 1.0, name: 2.0, str(name) + "1": 3.0}, name="mine")


def test_reserved_names_are_the_other_columns_of_both_frames():
    own = rl.features(lambda o: {"x": 1.0}, name="mine")
    for name in set(rl.models.people_frame(rl.sample()[:30], own).reset_index().columns) - {"x"}:
        with pytest.raises(ArgumentError, match=f"got \\['{name}'\\]"):
            rl.features(lambda o, name=name: {name: 1.0})


def test_the_name_of_the_built_in_features_is_reserved():
    with pytest.raises(ArgumentError, match=r"'rugs_lab' is the name of the built-in features"):
        rl.features(numbers, name="rugs_lab")


def test_a_file_whose_features_only_claim_to_be_the_built_in_ones_is_refused(tmp_path):
    """Version 1 of rugs_lab has a price and a tick, too, which are something else."""
    claims = Features(
        "rugs_lab", 1, ("price", "tick"), lambda o: np.array([o.price * 100 - 100, o.tick], np.float32)
    )
    path = rl.models.save_network(
        tmp_path / "m.onnx", [np.ones((2, len(ACTIONS)))], [np.zeros(4)], actions=ACTIONS, features=claims
    )
    with pytest.raises(ArgumentError, match=r"'rugs_lab', version 1, are not those of the file: .* \[2\]"):
        rl.models.load(path)


def test_compiled_environments_say_that_they_have_the_built_in_ones(pace):
    with pytest.raises(ArgumentError, match=r"built-in features only; got <Features 'pace'.*\"sync\""):
        gymnasium.make_vec("rugs_lab/Rugs-v0", num_envs=2, games=rl.sample()[:4], features=pace)


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        ('[["a"]]', "metadata of the model cannot be read"),
        ("[[1" + "0" * 400 + "]]", "metadata of the model cannot be read"),
        ("[[1, 2], [3]]", r"are not those of the file: it has rows of \[1, 2\] numbers, not 4"),
        ("[[1, 2, 3, 4, 5]]", r"are not those of the file: it has rows of \[5\] numbers, not 4"),
        (f"{[[0, 0, 0, 0]] * 4001}", "are not those of the file: of the same observations"),
    ],
)
def test_examples_in_a_file_that_are_no_rows_of_its_features_are_refused(policy, pace, examples, words):
    model = onnx.load(policy)
    (entry,) = model.metadata_props
    assert entry.key == METADATA_KEY
    entry.value = re.sub(r'"examples": .*', f'"examples": {examples}}}', entry.value)
    onnx.save(model, policy)
    with pytest.raises(ArgumentError, match=words):
        rl.models.load(policy, features=pace)


def test_what_people_did_stands_at_the_tick_on_which_it_was_decided(pace):
    games = rl.sample()
    frame = rl.models.people_frame(games, pace)
    trades = games.trades
    real = trades[(trades["practice"] == False) & (trades["tick"] > 0)]  # noqa: E712
    played = {game.id: game for game in games}

    def seen(row):  # a price at the tick before, and a fill before the rug
        game = played[row.game_id]
        return row.tick < game.rug_tick and not np.isnan(game.prices[row.tick - 1])

    expected = [
        (row.game_id, row.tick - 1, row.type, row.amount_sol) for row in real.itertuples() if seen(row)
    ]
    made = frame[frame["action"] != "hold"].reset_index()
    columns = ["game_id", "seen_tick", "action", "amount_sol"]
    rows = made[columns].to_records(index=False).tolist()
    assert sorted(rows) == sorted(expected)
    watched = rl.models.feature_frame(games[np.isin(games.ids, real["game_id"].unique())], pace)
    once = frame[~frame.index.duplicated()]
    assert once[[*pace.columns, "rug_within_40"]].equals(watched)
    assert frame["player_id"].isna().equals(frame["action"] == "hold")
    assert rl.models.people_frame(rl.synthetic(3, seed=1)).empty


def test_a_game_that_is_given_twice_has_its_trades_once_each_time(pace):
    games = rl.sample()
    traded = np.flatnonzero(np.isin(games.ids, games.trades["game_id"].unique()))[:2]
    order = traded[[0, 0, 1, 0]]
    alone = {place: rl.models.people_frame(games[[place]], pace) for place in traded}
    several = rl.models.people_frame(games[order], pace).drop(columns="old")  # which counts the games before
    wanted = pd.concat([alone[place] for place in order]).drop(columns="old")
    assert (wanted["action"] != "hold").sum() > 100
    pd.testing.assert_frame_equal(several, wanted)


@pytest.mark.parametrize("of", [rl.models.feature_frame, rl.models.people_frame])
def test_the_index_of_a_frame_can_become_columns(of):
    """The built-in features have a tick of their own, between 0 and 1."""
    frame = of(rl.sample()[:30])
    flat = frame.reset_index()
    assert flat.columns.tolist() == ["game_id", "seen_tick", *frame.columns]
    assert (abs(flat["tick"] - flat["seen_tick"] / (flat["seen_tick"] + 200)) < 1e-6).all()


def test_a_function_without_the_decorator_is_told_so_everywhere(policy, tmp_path):
    games = rl.sample()[:5]
    for use in (
        lambda: rl.models.feature_frame(games, numbers),
        lambda: rl.models.people_frame(games, numbers),
        lambda: rl.models.save_network(tmp_path / "n.onnx", [[[1.0]]], [[0.0]], features=numbers),
        lambda: rl.models.load(policy, features=numbers),
        lambda: gymnasium.make("rugs_lab/Rugs-v0", games=games, features=numbers),
    ):
        with pytest.raises(ArgumentError, match=r"write @rl\.features above the function"):
            use()
