"""The strategy cell without a page: the newest wish wins, it equals the backtest, nothing stays behind."""

from __future__ import annotations

import json
import threading
from functools import partial

import numpy as np
import pytest
from ipywidgets import FloatSlider, link
from traitlets import TraitError

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.figures.ticks import minus
from rugs_lab.trading.backtest.run_stats import PROFIT, RANDOM
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from rugs_lab.views.page.hub import hub
from rugs_lab.views.page.notebook_place import NOWHERE
from rugs_lab.views.strategy_lab.lab_figures import key_rows
from rugs_lab.views.strategy_lab.lab_panel import LabPanel
from rugs_lab.views.strategy_lab.parameter_fields import LabOptions, fields_of
from tests.support.desk import HandHub
from tests.support.live import until
from tests.support.scripted_feed import ScriptedFeed

GAMES = rl.synthetic(260, seed=3)


def dip(o, drop=0.85, take=1.3, size=0.01):
    if o.units > 0.0:
        return rl.sell() if o.price >= o.average_cost * take else rl.hold()
    if o.tick >= 5 and o.price < drop * o.prices.max():
        return rl.buy(size)
    return rl.hold()


class Slow:
    """An object that decides; until it is let go it stands in game `wait_in`."""

    def __init__(self):
        self.go = threading.Event()
        self.reached = threading.Event()
        self.games = 0

    def __deepcopy__(self, memo):
        return self

    def begin_run(self, games):
        self.games = 0

    def begin_game(self, game_id):
        self.games += 1

    def __call__(self, o, size=0.01):
        if self.games >= 3 and size == 0.01 and not self.go.is_set():
            self.reached.set()
            self.go.wait(20)
        return rl.buy(size) if o.tick < 0 else rl.hold()


@pytest.fixture
def lab():
    made = []

    def make(strategy=dip, games=GAMES, **options):
        made.append(rl.lab(strategy, games, name="test", **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_the_run_is_that_of_a_backtest(lab):
    view = lab().wait(120)
    assert view.run.parameters == {"drop": 0.85, "take": 1.3, "size": 0.01}
    assert (view.run.results.values == rl.backtest(dip, GAMES).results.values).all()
    view.params = {"take": 1.5}
    view.session = {"cash": 2.0, "max_games": 200, "max_loss": 0.9}
    run = view.wait(120).run
    same = rl.backtest(dip, GAMES, cash=2.0, max_games=200, max_loss=0.9, take=1.5)
    assert (run.results.values == same.results.values).all()
    assert run.stats.loc[RANDOM].equals(same.stats.loc[RANDOM])
    assert view.panel.runner.state.engine == "compiled"


def test_values_and_run_are_traits_that_are_observed_linked_and_sent_to_the_page(lab):
    view, told = lab(drop=(0.5, 1.0)), []
    slider = FloatSlider(value=0.6, min=0.5, max=1.0)
    view.observe(lambda change: told.append(change.name), ["params", "session", "run"])
    link(
        (slider, "value"),
        (view, "params"),
        transform=(lambda drop: {"drop": drop}, lambda values: values["drop"]),
    )
    assert view.params == {"drop": 0.6, "take": 1.3, "size": 0.01}
    view.set_state({"params": {"drop": 0.7}})  # as a page does
    until(lambda: slider.value == 0.7)
    view.session = {"cash": 2.0}
    view.wait(120)
    until(lambda: {"params", "session", "run"} <= set(told) and view._told["run"] is view.run)
    state = view.get_state(["params", "session", "run"])
    assert json.loads(json.dumps(state)) == {
        "params": {"drop": 0.7, "take": 1.3, "size": 0.01},
        "session": {"cash": 2.0, "target": None, "max_loss": None, "max_games": None},
        "run": repr(view.run),
    }
    with pytest.raises(TraitError, match="observed, not set"):
        view.run = None


def test_the_newest_wish_wins_and_an_older_one_is_ended(lab):
    strategy = Slow()
    view = lab(strategy, size=0.01)
    assert strategy.reached.wait(30)
    view.params = {"size": 0.02}
    view.params = {"size": 0.03}
    strategy.go.set()
    view.wait(60)
    assert view.run.parameters == {"size": 0.03}
    assert view.panel.runner.state.stage == "done"
    assert "an object" in view.panel.runner.state.reason


def test_stop_ends_what_is_played(lab):
    strategy = Slow()
    view = lab(strategy)
    assert strategy.reached.wait(30)
    view.stop()
    strategy.go.set()
    view.wait(30)
    assert view.panel.runner.state.stage == "stopped"
    view.params = {"size": 0.02}
    assert view.wait(60).panel.runner.state.stage == "done"


def test_making_and_setting_do_not_wait(lab):
    strategy = Slow()
    view = lab(strategy)
    view.params = {"size": 0.01}
    with pytest.raises(TimeoutError, match="within 0"):
        view.wait(0)
    strategy.go.set()
    view.wait(60)


def test_a_strategy_that_raises_says_where_and_recovers(lab):
    def fragile(o, size=0.01):
        if size > 0.5:
            raise KeyError("size")
        return rl.hold()

    view = lab(fragile).wait(60)
    before = view.run
    view.params = {"size": 1.0}
    view.wait(60)
    assert view.panel.runner.state.stage == "failed"
    assert view.error.startswith("KeyError: 'size', line ")
    assert 'raise KeyError("size")' in view.error
    assert view.run is before
    view.params = {"size": 0.1}
    assert view.wait(60).error == ""


class SilentError(ValueError):
    """Its text cannot be had."""

    def __str__(self):
        raise RuntimeError("a planted error")


@pytest.mark.parametrize(
    ("error", "words"),
    [(SystemExit(3), "SystemExit: 3"), (SilentError(), "SilentError, which has no readable")],
)
def test_a_strategy_that_exits_has_failed_and_the_next_values_are_played(lab, error, words):
    def leaving(o, size=0.01):
        if size > 0.5:
            raise error
        return rl.hold()

    view = lab(leaving).wait(60)
    view.params = {"size": 1.0}
    view.wait(60)
    assert view.panel.runner.state.stage == "failed"
    assert view.error.startswith(words)
    view.params = {"size": 0.1}
    assert view.wait(60).error == ""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"tak": 1.0}, "did you mean 'take'"),
        ({"take": "high"}, "take is a number"),
        ({"take": float("nan")}, "take is a number"),
        ({"take": True}, "take is a number"),
    ],
)
def test_values_that_cannot_be_are_refused_and_change_nothing(lab, wrong, words):
    view = lab()
    with pytest.raises(ArgumentError, match=words):
        view.params = wrong
    assert view.params["take"] == 1.3


def test_a_session_that_cannot_be_is_refused(lab):
    view = lab()
    with pytest.raises(ArgumentError, match="above 1"):
        view.session = {"target": 0.5}
    with pytest.raises(ArgumentError, match="a session has"):
        view.session = {"luck": 1}
    assert view.session == {"cash": 1.0, "target": None, "max_loss": None, "max_games": None}


def test_what_cannot_be_tried_is_refused_before_anything_is_replaced(lab):
    first = lab()
    for strategy, games, options in (
        (dip, rl.Games(), {}),
        (dip, GAMES, {"take": (2.0, 1.0)}),
        (dip, GAMES, {"nothing": 1}),
        (dip, GAMES, {"feed": 3}),
        (3, GAMES, {}),
    ):
        with pytest.raises(ArgumentError):
            rl.lab(strategy, games, name="test", **options)
    assert not first.panel.closed
    assert lab().panel in hub.views
    assert first.panel.closed


def test_what_the_page_is_told_is_json_and_its_numbers_are_those_of_the_run(lab):
    view = lab().wait(120)
    told, buffer = view.panel._picture
    json.dumps(told, allow_nan=False)
    json.dumps(view.panel._setup(), allow_nan=False)
    json.dumps(view.panel._state(), allow_nan=False)
    numbers = np.frombuffer(buffer)
    start, length = told["figures"]["equity"]["equity"]["data"]["equity"]["$"]
    assert numbers[start : start + length].tolist() == [1.0, *view.run.equity["equity_sol"].tolist()]
    ledger = view.run.ledger
    for place in range(4):
        state = told["figures"][f"path{place}"]
        ending = state["title"]["text"].split(":")[0].removeprefix("…")
        start, length = state["buys"]["data"]["tick"]["$"]
        bought = ledger[ledger["game_id"].str.endswith(ending) & (ledger["what"] == "buy")]["tick"]
        assert numbers[start : start + length].tolist() == bought.tolist()


def test_the_rows_say_n_interval_and_baseline(lab):
    run = lab().wait(120).run
    rows = {row.name: row for row in key_rows(run)}
    first = rows["profit per game"]
    assert minus(f"{run.profit_per_game.value:+.4g}") in first.value
    assert " to " in first.interval
    assert first.n == "260 games"
    assert minus(f"{run.stats.loc[PROFIT, 'expected']:+.4g}") in first.baseline
    assert "side bets won" not in rows


def test_what_the_page_wishes_is_played_and_what_it_may_not_is_refused(lab):
    view = lab()
    heard = view.panel._received
    heard(None, {"kind": "request", "id": 4, "params": {"take": 2}, "session": {"max_games": 30.0}}, [])
    view.wait(120)
    assert (view.params["take"], view.session["max_games"], len(view.run)) == (2.0, 30, 30)
    assert view.panel._state()["taken"] == 4
    for strange in (
        {"params": {"take": "<b>"}},
        {"params": {"x": 1}},
        {"session": {"cash": None}},
        {"params": 3},
    ):
        heard(None, {"kind": "request", "id": 5, **strange}, [])
    heard(None, {"kind": "do", "name": "lab.close", "id": 1}, [])
    until(lambda: "nothing called" in view.panel._state()["trouble"] or view.panel.trouble)
    view.wait(120)
    assert view.params["take"] == 2.0
    assert not view.panel.closed


def test_run_on_live_trades_on_the_feed_given_and_leaves_it_running(lab):
    feed = ScriptedFeed().start()
    view = lab(feed=feed, cash=3.0)
    view.params = {"take": 1.2}
    view.on_live()
    assert (view.paper.feed, view.paper.strategy.parameters["take"]) == (feed, 1.2)
    assert view.paper.account.start_sol == 3.0
    assert view.children == (view.panel, view.view)
    below = view.view
    view.on_live()
    assert below.closed
    view.close()
    assert view.view is None
    assert feed.running
    feed.stop()


def test_close_leaves_no_thread_and_no_view(lab):
    before = set(threading.enumerate())
    view = lab()
    view.on_replay()
    view.close()
    view.close()
    assert view.panel not in hub.views
    until(lambda: set(threading.enumerate()) <= before, "the end of all threads")


def test_closing_while_games_are_played_ends_it(lab):
    strategy = Slow()
    view = lab(strategy)
    assert strategy.reached.wait(30)
    view.close()
    strategy.go.set()
    assert view.panel.runner.wait(30)
    view.panel.runner.request({}, Options())
    assert view.panel.runner.wait(0)


def test_a_button_pressed_on_what_is_out_of_date_does_nothing():
    """Such as a click that waited for a busy kernel: nothing begins to trade by itself later."""
    pressed, sent, now = [], [], 100.0
    options = LabOptions(as_strategy(dip), GAMES, fields_of(as_strategy(dip), {}), Options(), None, NOWHERE)
    actions = {name: partial(pressed.append, name) for name in ("replay", "end")}
    panel = LabPanel(options, actions, hub=HandHub(), clock=lambda: now)
    panel.send = lambda content, buffers=None: sent.append(content)

    def press(name, seq):
        panel._received(panel, {"kind": "do", "name": name, "id": 1, "seq": seq}, [])
        assert panel._commands._worker.wait(20)
        return panel._commands.trouble

    panel.refresh(now)
    then = sent[-1]["seq"]
    assert press("lab.replay", then) == ""
    for now in (100.5, 101.0, 103.0):
        panel.refresh(now)  # says how it is though nothing changed
    assert [message["kind"] for message in sent].count("state") == 1 + 3
    assert "3.0 s old (limit 2 s)" in press("lab.replay", then)
    assert "unknown" in press("lab.replay", None)
    assert press("lab.end", then) == ""
    assert pressed == ["replay", "end"]
    panel.close()
