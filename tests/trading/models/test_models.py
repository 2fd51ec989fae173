"""Models as strategies: files that fit, files that do not, and models that cheat."""

import pickle

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.features.feature_vector import FEATURES, NAMES, PATH

# A model may well order to sell what it does not hold.
pytestmark = pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")

COUNT = len(FEATURES)


@pytest.fixture(scope="module")
def watched():
    """Features of some games, and whether a bet would have won."""
    frame = rl.models.feature_frame(rl.sample()[:60])
    return frame[frame["rug_within_40"].notna()]


@pytest.fixture(scope="module")
def sidebet_model(watched):
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return model.fit(watched[list(PATH)], watched["rug_within_40"].astype(bool))


def layers(width=COUNT, outputs=4, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(width, 5)), rng.normal(size=(5, outputs))], [
        np.zeros(5),
        rng.normal(size=outputs),
    ]


def forward(shown, weights, biases, activation):
    for place, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        shown = shown @ weight + bias
        shown = activation(shown) if place < len(weights) - 1 else shown
    return shown


def test_features_of_a_frame_are_those_that_a_strategy_is_shown(watched):
    shown = {}

    def look(o):
        if o.tick >= 0:
            shown[o.tick] = rl.models.BUILT_IN(o)[: len(PATH)]

    game = rl.sample()[7]
    play(look, rl.sample()[[7]], engine="tick")
    rows = rl.models.feature_frame(rl.sample()[[7]]).loc[game.id]
    assert len(rows) == game.rug_tick - 1
    for tick, row in zip(rows.index, rows[list(PATH)].to_numpy(), strict=True):
        assert row.tolist() == shown[tick].tolist()
    assert rows.index[rows["rug_within_40"]].min() == game.rug_tick - 41


def test_a_frame_of_features_is_the_same_game_by_game_and_batch_by_batch_with_gaps_and_unknown_ends():
    paths = [
        [1.0, np.nan, 1.2, np.nan, 1.1],
        [np.nan, 1.0, np.nan, 0.02],
        [1.0, 1.1, 0.9, 0.01],
        [np.nan] * 3,
    ]
    odd = [
        Game(name, path, rug_tick=end)
        for name, path, end in zip("badc", paths, (None, 3, 3, None), strict=True)
    ]
    games = Games(odd)
    frame = rl.models.feature_frame(games)
    assert [(name, tick) for name, tick in frame.index] == [
        ("b", 0),
        ("b", 2),
        ("b", 4),
        ("a", 1),
        ("d", 0),
        ("d", 1),
    ]
    assert frame["rug_within_40"].isna().tolist() == [True] * 3 + [False] * 3
    assert frame["rug_within_40"][3:].all()
    many = rl.synthetic(4096 + 50, seed=2)
    whole = rl.models.feature_frame(many)
    assert whole.index.is_unique
    alone = pd.concat([rl.models.feature_frame(many[[place]]) for place in (0, 4095, 4096, 4145)])
    ids = alone.index.get_level_values("game_id").unique()
    pd.testing.assert_frame_equal(whole.loc[ids], alone.loc[ids])


def test_the_label_has_the_base_rate_of_a_side_bet():
    frame = rl.models.feature_frame(rl.synthetic(3000, seed=11))
    wins = frame["rug_within_40"].astype(bool).groupby(level="game_id").agg(["sum", "count"])
    rate = wins["sum"].sum() / wins["count"].sum()
    error = (wins["sum"] - rate * wins["count"]).std() * len(wins) ** 0.5 / wins["count"].sum()
    assert abs(rate - (1 - 0.995**40)) < 4 * error


def test_a_network_of_onnx_decides_as_its_layers_do_and_keeps_its_actions(tmp_path):
    weights, biases = layers()
    actions = [rl.hold(), rl.buy(0.02), rl.sell(0.5), (rl.sell(), rl.sidebet(0.01))]
    path = rl.models.save_network(tmp_path / "net.onnx", weights, biases, activation="tanh", actions=actions)
    games = rl.sample()[:30]
    loaded = rl.backtest(rl.models.load(path), games)
    same = rl.models.strategy_of(lambda shown: forward(shown, weights, biases, np.tanh), actions)
    assert loaded.results.values.tolist() == rl.backtest(same, games).results.values.tolist()
    assert rl.models.signature(path).actions == rl.models.ActionSpace(actions)
    assert repr(rl.models.load(path)) == "<Strategy net()>"


def test_a_model_is_a_strategy_like_any_other(tmp_path):
    strategy = rl.models.load(rl.models.save_network(tmp_path / "net.onnx", *layers(seed=3)))
    games = rl.sample()[:20]
    report = rl.check(strategy, games)
    assert report.ok, report
    assert report["replay"].ok
    restored = pickle.loads(pickle.dumps(strategy.function))
    assert (
        rl.backtest(restored, games).results.profit.tolist()
        == rl.backtest(strategy, games).results.profit.tolist()
    )


def test_a_model_of_scikit_learn_is_the_same_by_skops_and_as_onnx(tmp_path, sidebet_model, watched):
    skops.io.dump(sidebet_model, tmp_path / "bets.skops")
    path = rl.models.save(sidebet_model, tmp_path / "bets.onnx", use="sidebet")
    one = rl.models.load(tmp_path / "bets.skops", use="sidebet").with_(threshold=0.17)
    two = rl.models.load(path).with_(threshold=0.17)
    assert one.parameters == two.parameters == {"threshold": 0.17, "size": 0.01}
    assert one.function.signature.features == two.function.signature.features == PATH
    rows = watched[list(PATH)].to_numpy()[:200]
    expected = sidebet_model.predict_proba(watched[list(PATH)][:200])[:, 1]
    found = [float(two.function.model.answer(row[None, :]).ravel()[-1]) for row in rows]
    assert np.allclose(found, expected, atol=1e-6)
    games = rl.sample()[60:64]
    bets = [rl.backtest(strategy, games).results.bets.tolist() for strategy in (one, two)]
    assert bets[0] == bets[1] != [0] * 4


@pytest.mark.parametrize("outputs", [2, 4])
def test_a_perceptron_of_scikit_learn_is_a_policy(tmp_path, outputs):
    rng = np.random.default_rng(0)
    shown = rng.random((400, COUNT)).astype(np.float32)
    wanted = np.minimum((shown[:, 1] * outputs).astype(int), outputs - 1)
    model = MLPClassifier((8,), max_iter=3000, random_state=0, tol=3e-3).fit(shown, wanted)
    actions = [rl.hold(), rl.sidebet(0.01), rl.buy(0.01), rl.sell()][:outputs]
    strategy = rl.models.load(rl.models.save(model, tmp_path / "p.onnx", actions=actions))
    numbers = [int(np.argmax(strategy.function.model.answer(row[None, :]))) for row in shown]
    assert np.mean(np.array(numbers) == model.predict(shown)) > 0.995
    skops.io.dump(model, tmp_path / "p.skops")
    direct = rl.models.load(tmp_path / "p.skops", actions=actions, trust=True)
    games = rl.sample()[:2]
    values = [rl.backtest(each, games).results.values.tolist() for each in (strategy, direct)]
    assert values[0] == values[1]


def test_a_pickle_is_read_only_when_it_is_trusted(tmp_path, sidebet_model):
    path = tmp_path / "bets.pkl"
    path.write_bytes(pickle.dumps(sidebet_model))
    with pytest.raises(ArgumentError, match=r"bets.pkl is a pickle: .* trust=True"):
        rl.models.load(path, use="sidebet")
    assert rl.models.load(path, use="sidebet", trust=True).name == "bets"


def test_types_that_skops_does_not_know_are_named(tmp_path):
    skops.io.dump(Own(), tmp_path / "own.skops")
    with pytest.raises(ArgumentError, match=r"types that skops does not know: .*Own"):
        rl.models.load(tmp_path / "own.skops")


class Own:
    """A classifier that only this file knows."""

    n_features_in_ = COUNT

    def predict(self, rows):
        return np.zeros(len(rows), int)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, r"takes 5 numbers, and is shown 18; with these names it would miss change_5, change_20"),
        ({"features": ["tick", "prices"]}, r"there is no feature 'prices' \(did you mean 'price'\?\)"),
        ({"features": ["tick", "tick"]}, "names tick twice"),
        (
            {"features": ["tick", "price"]},
            r"takes 5 numbers, and is shown 2; the names given are tick, price",
        ),
        ({"features": NAMES[:5], "use": "trade"}, "one of policy, sidebet; got 'trade'"),
    ],
)
def test_a_model_that_does_not_fit_is_told_the_difference(tmp_path, options, words):
    path = rl.models.save_network(tmp_path / "small.onnx", *layers(5), features=NAMES[:5])
    without(path)
    with pytest.raises(ArgumentError, match=words):
        rl.models.load(path, **options)


def without(path):
    """Take the signature out of a file, as if another program had written it."""
    import onnx

    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path)


def test_a_model_with_more_inputs_than_there_are_features_is_told_so(tmp_path):
    skops.io.dump(LogisticRegression().fit(np.eye(25), np.arange(25) % 2), tmp_path / "wide.skops")
    with pytest.raises(ArgumentError, match=r"takes 25 numbers, and is shown 18; there are no others"):
        rl.models.load(tmp_path / "wide.skops")


def test_an_answer_that_is_no_decision_is_told(tmp_path):
    path = rl.models.save_network(tmp_path / "a.onnx", *layers())
    with pytest.raises(ArgumentError, match=r"score for each .* it answered with 4 of float32"):
        rl.backtest(rl.models.load(path, actions=[rl.hold(), rl.buy(0.1)]), rl.sample()[:1])
    with pytest.raises(ArgumentError, match="probability of a rug"):
        rl.backtest(rl.models.load(path, use="sidebet"), rl.sample()[:1])


def test_what_is_no_model_is_told(tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(ArgumentError, match=r"broken.onnx is not an ONNX model that can be run"):
        rl.models.load(tmp_path / "broken.onnx")
    (tmp_path / "broken.skops").write_bytes(b"no model")
    with pytest.raises(ArgumentError, match=r"broken.skops cannot be read by skops"):
        rl.models.load(tmp_path / "broken.skops")
    with pytest.raises(ArgumentError, match="no such model file"):
        rl.models.load(tmp_path / "none.onnx")
    with pytest.raises(ArgumentError, match=r"an .onnx or a .skops file; got 'model.h5'"):
        rl.models.load(tmp_path / "model.h5")
    with pytest.raises(ArgumentError, match="what can be saved is"):
        rl.models.save(StandardScaler().fit([[0.0], [1.0]]), tmp_path / "x.onnx")
    with pytest.raises(ArgumentError, match=r"not trained: call its fit\(\) first"):
        rl.models.save(LogisticRegression(), tmp_path / "x.onnx")
    two = LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    with pytest.raises(ArgumentError, match=r"takes 2 numbers, and is shown 18: say with features="):
        rl.models.save(two, tmp_path / "x.onnx", use="sidebet")


@pytest.fixture
def oracle(tmp_path):
    """A model that bets when the one number that it is shown is positive."""

    def made(function):
        shown = rl.features(function)
        path = rl.models.save_network(
            tmp_path / "oracle.onnx",
            [np.array([[20.0]])],
            [np.array([-10.0])],
            output="sigmoid",
            use="sidebet",
            features=shown,
        )
        return rl.models.load(path, features=shown)

    return made


def test_a_model_that_looks_the_future_up_through_its_features_is_caught(oracle):
    games = rl.sample()[:60]
    whole = {tuple(game.prices[:5]): game for game in games}

    def soon(o):
        game = whole.get(tuple(o.prices[:5])) if o.tick >= 5 else None
        return {"soon": float(game is not None and game.rug_tick <= o.tick + 41)}

    report = rl.check(oracle(soon), games)
    assert not report.ok
    assert not report["retained data"].ok
    assert not report["foresight"].ok


def test_a_model_whose_features_were_made_of_whole_games_is_caught(oracle):
    games = rl.sample()[:60]
    frame = rl.models.feature_frame(games)
    labels = frame["rug_within_40"].fillna(False).astype(float)
    table = dict(zip(frame["price"].tolist(), labels.tolist(), strict=True))

    def precomputed(o):
        return {"soon": table.get(float(rl.models.BUILT_IN(o)[2]), 0.0)}

    report = rl.check(oracle(precomputed), games)
    assert not report.ok
    assert not report["foresight"].ok


def test_an_honest_side_bet_model_passes(tmp_path, sidebet_model):
    strategy = rl.models.load(rl.models.save(sidebet_model, tmp_path / "bets.onnx", use="sidebet"))
    report = rl.check(strategy, rl.sample()[60:], threshold=0.0)
    assert report.ok, report
