"""Model files with weights elsewhere, classes turned round, answers that are no numbers."""

import pickle
import warnings

import numpy as np
import onnx
import pytest
import skops.io
from scipy.stats import chi2_contingency, chisquare
from sklearn.linear_model import LogisticRegression

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, RugsLabWarning
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.features.feature_vector import FEATURES, VERSION, features
from rugs_lab.trading.models.model_signature import METADATA_KEY
from rugs_lab.trading.models.model_strategy import PolicyModel
from rugs_lab.trading.models.model_trial import observations
from rugs_lab.trading.models.onnx_writer import Network, to_file, written

COUNT = len(FEATURES)


def constant(path, *scores, **options):
    """Write a model that answers with these scores whatever it is shown."""
    return rl.models.save_network(path, [np.zeros((COUNT, len(scores)))], [np.array(scores)], **options)


def kept_outside(path, weights):
    """Write the model in `path` once more, its weights in a file of their own."""
    model = onnx.load(path)
    onnx.save(model, path, save_as_external_data=True, location=weights, size_threshold=0)


def test_weights_in_another_file_are_those_beside_the_model(tmp_path, monkeypatch):
    mine, other = tmp_path / "mine", tmp_path / "other"
    for folder, scores in ((mine, [0.0, 1.0, 0.0, 0.0]), (other, [0.0, 0.0, 0.0, 1.0])):
        folder.mkdir()
        kept_outside(constant(folder / "m.onnx", *scores), "weights.bin")
    monkeypatch.chdir(other)
    strategy = rl.models.load(mine / "m.onnx")
    row = observations()[:1]
    assert strategy.function.model.answer(row).argmax() == 1
    assert pickle.loads(pickle.dumps(strategy.function)).model.answer(row).argmax() == 1
    (mine / "weights.bin").unlink()
    with pytest.raises(ArgumentError, match=r"keeps its weights in the file 'weights.bin', which must be"):
        rl.models.load(mine / "m.onnx")
    model = onnx.load(mine / "m.onnx", load_external_data=False)
    for tensor in model.graph.initializer:
        tensor.external_data[0].value = "../other/weights.bin"
    onnx.save(model, mine / "m.onnx")
    with pytest.raises(ArgumentError, match=r"'../other/weights.bin', which must be"):
        rl.models.load(mine / "m.onnx")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_model_that_answers_with_no_number_is_refused(tmp_path, number):
    with pytest.raises(ArgumentError, match="answers with NaN or infinity"):
        rl.models.load(constant(tmp_path / "m.onnx", 0.0, number, 0.0, 0.0))


class Broken:
    """Answers with NaN on what the trial does not show it."""

    takes = None

    def answer(self, shown):
        return np.full(4, np.nan) if shown[0, 1] > 0.1 else np.array([1.0, 0.0, 0.0, 0.0])


def test_nan_is_never_a_decision_and_is_counted():
    strategy = rl.Strategy(PolicyModel(Broken(), rl.models.Signature()), name="broken")
    games = rl.sample()[:5]
    with pytest.warns(RugsLabWarning, match=r"broken: its model answered with NaN or infinity at [\d,]+ of"):
        results = play(strategy, games)
    late = sum(max(0, game.rug_tick - 23) for game in games)
    assert strategy.function.undecided == pytest.approx(late, abs=5 * 2)
    assert results.buys.sum() == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RugsLabWarning)
        report = rl.check(strategy, games)
    assert not report["answers"].ok
    assert not report.ok


@pytest.mark.parametrize(("labels", "rug"), [(["a_rug", "none"], "a_rug"), ([True, False], None)])
def test_classes_of_a_sidebet_model_are_matched_by_name_or_asked_for(tmp_path, labels, rug):
    rows = observations()[:400]
    soon = rows[:, 1] > 0.5
    model = LogisticRegression().fit(rows, np.where(soon, *labels))
    skops.io.dump(model, tmp_path / "m.skops")
    if rug is not None:
        with pytest.raises(ArgumentError, match=r"state which class means a rug: load\("):
            rl.models.load(tmp_path / "m.skops", use="sidebet")
        with pytest.raises(ArgumentError, match="got 'arug'"):
            rl.models.load(tmp_path / "m.skops", use="sidebet", rug="arug")
        with pytest.raises(ArgumentError, match="True for a rug"):
            rl.models.save(model, tmp_path / "m.onnx", use="sidebet")
    strategy = rl.models.load(tmp_path / "m.skops", use="sidebet", rug=rug)
    found = [strategy.function.asked(row[None, :])[strategy.function.rug_column] > 0.5 for row in rows]
    assert np.mean(np.array(found) == soon) > 0.9


def test_an_answer_that_is_no_probability_is_refused(tmp_path):
    path = rl.models.save_network(
        tmp_path / "m.onnx", [np.zeros((COUNT, 1))], [np.array([7.0])], use="sidebet"
    )
    with pytest.raises(ArgumentError, match=r"answers with probabilities, 1 in sum; it answered \[7.0\]"):
        rl.models.load(path)
    with pytest.raises(ArgumentError, match="answers with probabilities"):
        rl.models.load(constant(tmp_path / "two.onnx", 0.4, 0.9, use="sidebet"))


def test_a_file_names_the_version_of_its_features(tmp_path):
    path = constant(tmp_path / "m.onnx", 1.0, 0.0, 0.0, 0.0)
    model = onnx.load(path)
    (entry,) = model.metadata_props
    assert entry.key == METADATA_KEY
    assert f'"features_version": {VERSION}' in entry.value
    entry.value = entry.value.replace(f'"features_version": {VERSION}', '"features_version": 99')
    onnx.save(model, path)
    with pytest.raises(
        ArgumentError,
        match=r"features 'rugs_lab' of version 99 .*given <Features 'rugs_lab', version 1",
    ):
        rl.models.load(path)


def test_a_new_meaning_of_a_feature_needs_a_new_version():
    assert VERSION == 1, "the figures below are those of version 1"
    assert observations().shape == (4_000, COUNT)
    seen = []
    game = Game("a", np.array([1.0, 1.1, 0.9, 1.3, 1.2, 1.25]), rug_tick=6)
    play(lambda o: seen.append(features(o)) or rl.buy(0.1), Games([game]), engine="tick")
    assert np.round(seen[-1].astype(float), 6).tolist() == WANTED


WANTED = [
    0.0,
    0.02439,
    0.555556,
    -0.038462,
    0.020408,
    0.111111,
    0.0,
    0.181818,
    0.285714,
    0.628889,
    0.06092,
    0.111111,
    0.0,
    0.0,
    0.0,
    0.0,
    0.0,
    0.0,
]


def of_chances(path, chances, **options):
    """Write a policy that was trained to draw its decisions with these probabilities."""
    made = rl.models.Signature(chances=True, **options)
    layer = Network([np.zeros((COUNT, len(chances)))], [np.log(chances)])
    return to_file(written(layer, made), path)


def test_a_stochastic_policy_draws_with_its_probabilities_and_the_same_of_the_same_seed(tmp_path):
    chances = np.array([0.4, 0.3, 0.2, 0.1])
    policy = rl.models.load(of_chances(tmp_path / "p.onnx", chances), stochastic=True)
    assert policy.parameters == {"seed": 0}
    assert rl.models.load(tmp_path / "p.onnx")(observed()[0]) == rl.hold()  # the most probable one
    seen = observed()
    drawn = {seed: [policy(o, seed=seed) for o in seen] for seed in (0, 1, 2)}
    assert drawn[0] == [policy.with_(seed=0)(o) for o in seen]
    space = list(rl.models.ActionSpace())
    for found in drawn.values():
        counts = [found.count(each) for each in space]
        assert chisquare(counts, chances * len(seen)).pvalue > 1e-4
    for one, two in ((0, 1), (1, 2)):  # independent of each other
        table = np.zeros((4, 4))
        for a, b in zip(drawn[one], drawn[two], strict=True):
            table[space.index(a), space.index(b)] += 1
        assert chi2_contingency(table).pvalue > 1e-4


def observed():
    """What a strategy sees in some games."""
    seen = []
    play(lambda o: seen.append(o) or rl.hold(), rl.sample()[:25], engine="tick")
    return seen


@pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")
def test_a_stochastic_policy_is_the_same_in_backtest_replay_and_check(tmp_path):
    policy = rl.models.load(of_chances(tmp_path / "p.onnx", [0.9, 0.04, 0.03, 0.03]), stochastic=True)
    games = rl.sample()[:20]
    runs = [rl.backtest(policy, games, seed=seed) for seed in (0, 0, 1)]
    profits = [run.results.profit.tolist() for run in runs]
    assert profits[0] == profits[1] != profits[2]
    assert rl.check(policy, games).ok
    replay = rl.ReplayFeed(games, speed=float("inf"))
    paper = replay.paper(policy, seed=1)
    with replay:
        replay.wait(games=len(games))
        replay.dispatcher.end(30)
    both = rl.compare(runs[2], paper)
    assert (len(both.common), both.same) == (len(games), len(games))


def test_a_masked_policy_draws_among_what_is_possible(tmp_path):
    path = of_chances(tmp_path / "p.onnx", [0.1, 0.2, 0.6, 0.1], masked=True)
    drawn = {rl.models.load(path, stochastic=True)(o) for o in observed()[:400]}
    assert drawn == {rl.hold(), rl.buy(0.01), rl.sidebet(0.01)}  # nothing to sell


def test_of_scores_that_are_no_chances_nothing_is_drawn(tmp_path):
    path = constant(tmp_path / "values.onnx", 3.0, 2.0, 1.0, 0.0)
    with pytest.raises(ArgumentError, match=r"stochastic=True is for a PPO, A2C or MaskablePPO that this"):
        rl.models.load(path, stochastic=True)


def one_node(path, operator, inputs, **attributes):
    """Write an ONNX model of one operator."""
    helper, kind = onnx.helper, onnx.TensorProto
    names = [f"in_{n}" for n in range(len(inputs))]
    node = helper.make_node(operator, names, ["out"], **attributes)
    given = [helper.make_tensor_value_info(name, *each) for name, each in zip(names, inputs, strict=True)]
    result = helper.make_tensor_value_info("out", inputs[0][0], None)
    if operator == "ZipMap":
        kinds = helper.make_map_type_proto(kind.INT64, helper.make_tensor_type_proto(kind.FLOAT, []))
        result = helper.make_value_info("out", helper.make_sequence_type_proto(kinds))
        node.domain = "ai.onnx.ml"
    graph = helper.make_graph([node], "one", given, [result])
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 3)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


def test_files_of_other_kinds_have_a_sentence_each(tmp_path):
    kind = onnx.TensorProto
    path = tmp_path / "m.onnx"
    one_node(path, "ZipMap", [(kind.FLOAT, [None, 2])], classlabels_int64s=[0, 1])
    with pytest.raises(ArgumentError, match=r"out is a seq\(map.* without a Zipmap"):
        rl.models.load(path, use="sidebet")
    one_node(path, "Add", [(kind.FLOAT, [None, 1])] * 2)
    with pytest.raises(ArgumentError, match=r"in_0 tensor\(float\).*with one input for all columns"):
        rl.models.load(path)
    one_node(path, "Identity", [(kind.FLOAT16, [None, 4])])
    strategy = rl.models.load(path, features=list(rl.models.NAMES[:4]))
    assert strategy.function.asked(observations()[:1, :4]).dtype == np.float16
    one_node(path, "Identity", [(kind.FLOAT, [32, 4])])
    with pytest.raises(ArgumentError, match=r"\[32, 4\]. Convert it with a free number of rows"):
        rl.models.load(path)
    model = onnx.load(constant(path, 1.0, 0.0, 0.0, 0.0))
    model.opset_import[0].version = 999
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ArgumentError, match="upgrade it for a newer opset, or save with an older one"):
        rl.models.load(path)


def several(path, *names):
    """Write a model whose outputs have these names and answer 0.1, 0.2, ... for each of two decisions."""
    helper, kind = onnx.helper, onnx.TensorProto
    nodes, weights = [], [onnx.numpy_helper.from_array(np.zeros((COUNT, 2), np.float32), "w")]
    for n, name in enumerate(names):
        weights.append(onnx.numpy_helper.from_array(np.full(2, (n + 1) / 10, np.float32), f"b{n}"))
        nodes.append(helper.make_node("Gemm", ["x", "w", f"b{n}"], [name]))
    given = [helper.make_tensor_value_info("x", kind.FLOAT, [None, COUNT])]
    made = [helper.make_tensor_value_info(name, kind.FLOAT, [None, 2]) for name in names]
    graph = helper.make_graph(nodes, "several", given, made, weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


def test_of_several_outputs_the_one_of_probabilities_answers_or_it_is_asked_for(tmp_path):
    actions = [rl.hold(), rl.buy(0.01)]
    answers = {}
    for names in (("label", "probabilities"), ("output_label", "output_probability")):
        policy = rl.models.load(several(tmp_path / "m.onnx", *names), actions=actions)
        answers[names] = float(policy.function.asked(observations()[:1])[0])
    assert set(answers.values()) == {float(np.float32(0.2))}
    path = several(tmp_path / "m.onnx", "actions", "values", "log_prob")  # as policies are often exported
    with pytest.raises(ArgumentError, match="several outputs, actions, values, log_prob: say which one"):
        rl.models.load(path, actions=actions)
    policy = rl.models.load(path, actions=actions, output="actions")
    assert policy.function.asked(observations()[:1])[0] == np.float32(0.1)
    with pytest.raises(ArgumentError, match="no output 'action'; it has actions, values, log_prob"):
        rl.models.load(path, actions=actions, output="action")
