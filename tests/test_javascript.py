"""The page's JavaScript: its unit tests, its types, its linter, and whether it knows all that Python sends.

Needs Node, and the packages of ``package.json`` for types and linter (`tests.support.node`).
"""

from __future__ import annotations

import base64
import inspect
import json
import re

import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.figures.price_figure import live_layout
from rugs_lab.game.limits import PRACTICE_COIN
from rugs_lab.views.cells.open_views import _parts
from rugs_lab.views.cells.static_picture import StaticPicture
from rugs_lab.views.page import assets
from rugs_lab.views.page.kernel_busy import shell
from rugs_lab.views.page.page_messages import COLUMNS
from tests.support import node
from tests.support.desk import Desk
from tests.support.scripted_feed import ScriptedFeed

ENTRIES = ("live_view", "lab_panel", "static_picture")


@pytest.fixture(autouse=True)
def _idle_shell(monkeypatch):
    monkeypatch.setattr(shell, "busy_since", None)
    monkeypatch.setattr(shell, "idle_since", 0.0)


def test_unit_tests_pass():
    node.run("node", "--test", *sorted((node.ROOT / "tests" / "js").glob("*.test.js")))


@pytest.mark.timeout(300)
def test_types_are_sound_and_the_linter_is_content():
    node.need_packages()
    node.run("npm", "run", "check")
    node.run("npm", "run", "lint")


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_modules_of_a_page_join_to_one_that_needs_no_other(entry, tmp_path):
    script = tmp_path / "page.mjs"
    script.write_text(assets.script(entry), encoding="utf-8")
    code = f'const page = await import("{script}"); console.log(typeof page.default().initialize);'
    assert node.run("node", "--input-type=module", "--eval", code).strip() == "function"


def test_the_price_figure_has_every_model_that_the_page_feeds():
    layout = live_layout("light")
    names = node.exported("chart.js", "MODELS")
    assert {name: len(list(layout.select({"name": name}))) for name in names} == dict.fromkeys(names, 1)


def test_every_count_in_the_line_of_the_page_is_a_metric():
    counts = node.exported("feed_health.js", "COUNTS")
    assert {name for name, *_ in counts} <= set(ScriptedFeed().metrics.index)


class Page:
    """A page that takes what a view sends, in the order in which it came."""

    def __init__(self, name, feed):
        self.name = name
        self.desk = Desk(feed)
        self.lost = 0
        self.desk.turn()

    def turn(self, seconds=0.6):
        self.desk.turn(seconds)

    def lose_the_next(self):
        """Lose what is sent next, and ask for a snapshot as the page does."""
        before = len(self.desk.sent)
        self.turn()
        del self.desk.sent[before:]
        self.desk.feed.tick()
        self.turn()  # the page sees the hole
        self.desk.hear("snapshot")
        self.lost += 1

    def case(self, passed):
        """Return the messages, and what the page must know when it has taken them."""
        self.turn()
        feed, frame = self.desk.feed, self.desk.feed.frame
        game = feed.book.running
        ghost = next((each for each in reversed(feed.games) if len(each)), None)
        self.desk.view.close()
        numbers = {
            "received_ms": frame["received"].astype("int64") / 1e6,
            **{
                name: frame[name]
                for name in COLUMNS
                if name in frame and name not in ("game", "kind", "phase")
            },
        }
        return {
            "name": self.name,
            "lost": self.lost,
            "messages": [
                [message, [base64.b64encode(each).decode() for each in buffers or ()]]
                for message, buffers in self.desk.sent
                if message["kind"] != "bokeh"
            ],
            "expected": {
                "columns": {name: listed(values) for name, values in numbers.items()},
                "games": frame["game_id"].tolist(),
                "kind": frame["kind"].tolist(),
                "phase": frame["phase"].tolist(),
                "game": game.id,
                "path": listed(game.prices),
                "backfilled": game.backfilled.tolist(),
                "rug_tick": game.rug_tick,
                "ghost": None if ghost is None else listed(ghost.prices),
                "state": str(feed.state),
                "passed": passed,
            },
        }


def listed(values):
    """Return numbers as JSON holds them: absent is null."""
    return [None if pd.isna(each) else float(each) for each in values]


def whole_game():
    """From the cooldown to the cooldown of the next game."""
    page = Page("whole game", ScriptedFeed(maxlen=500).start())
    feed = page.desk.feed
    feed.cooldown(300)
    page.turn()
    for _ in range(4):
        feed.ticks(3)
        page.turn(0.05)
    feed.rug()
    page.turn(0.05)
    feed.begin()
    feed.cooldown(14_000)
    page.turn(0.05)
    feed.ticks(2)
    return page.case(13 + 2)


def rugged():
    """A game that has just ended."""
    page = Page("rugged", ScriptedFeed(maxlen=100).start())
    page.desk.feed.ticks(6)
    page.turn(0.05)
    page.desk.feed.rug()
    return page.case(7)


def holes():
    """Ticks that are back-filled at once, and ticks that nobody ever sends."""
    page = Page("holes", ScriptedFeed(maxlen=500).start())
    feed = page.desk.feed
    feed.ticks(3)
    page.turn(0.05)
    feed.tick(heard=False)
    feed.ticks(2)
    page.turn(0.05)
    for _ in range(8):
        feed.tick(heard=False)
    feed.ticks(2)
    page.turn(0.05)
    feed.ticks(1)
    return page.case(17)


def wrapped():
    """A buffer that is full and goes round, and a page that fell behind."""
    page = Page("wrapped", ScriptedFeed(maxlen=40).start())
    feed = page.desk.feed
    for count in (30, 7, 25, 41, 3, 200, 1):
        feed.ticks(count)
        page.turn(0.05)
    return page.case(307)


def lost_message():
    """A message that does not arrive, in the middle of a game."""
    page = Page("lost message", ScriptedFeed(maxlen=100).start())
    feed = page.desk.feed
    feed.ticks(5)
    page.turn()
    feed.ticks(3)
    page.lose_the_next()
    feed.ticks(2)
    page.turn(0.05)
    feed.lose("the connection was lost")
    return page.case(11)


def joined_late():
    """A page that comes when games are over already."""
    feed = ScriptedFeed(maxlen=60).start()
    for _ in range(3):
        feed.ticks(12)
        feed.rug()
        feed.begin()
    feed.cooldown(9_000)
    return Page("joined late", feed).case(39)


def taken_back():
    """Rows that a replay takes back when it is moved to an earlier tick."""
    page = Page("taken back", ScriptedFeed(maxlen=100).start())
    feed = page.desk.feed
    feed.ticks(9)
    page.turn(0.05)
    feed.take_back((feed.game_id,))
    feed.path = [1.0]
    feed.ticks(3)
    page.turn(0.05)
    feed.ticks(1)
    return page.case(9)


def test_the_page_knows_what_the_feed_knows(tmp_path):
    cases = [make() for make in (whole_game, rugged, holes, wrapped, lost_message, joined_late, taken_back)]
    file = tmp_path / "messages.json"
    file.write_text(json.dumps(cases, allow_nan=False), encoding="utf-8")
    tests = node.ROOT / "tests" / "js" / "python_messages.test.js"
    node.run("node", "--test", tests, RUGS_LAB_MESSAGES=str(file))


def sent_by_a_live_view():
    """Return what a live view sends with all of its parts in use, and its parts."""
    feed = ScriptedFeed(maxlen=100).start()
    parts = _parts(feed)
    desk = Desk(feed, parts=parts)
    actions = {f"{part.name}.{name}": action for part in parts for name, action in part.actions.items()}
    desk.turn()
    feed.cooldown(300)
    player = {"id": "p1", "username": "ana", "pnl": 0.5, "positionQty": 2.0, "avgCost": 1.1, "sideBet": None}
    practice = {"id": "p2", "username": None, "selectedCoin": {"address": PRACTICE_COIN}}
    actions["strategy.start"](place="built-in", strategy="aggressive")
    feed.paper(rl.strategies["random"])
    for _ in range(3):
        actions["trade.buy"](size=0.05)
        actions["trade.sidebet"](size=0.01)
        actions["trade.buy"](size=-1.0)
        for _ in range(30):
            feed.tick(leaderboard=[{"position": 1, **player}, {"position": 2, **practice}])
        trade = {"gameId": feed.game_id, "type": "buy", "tickIndex": 3, "price": 1.5, "amount": 1}
        feed.take("standard/newTrade", (trade,))
        actions["trade.sell"](fraction=0.5)
        desk.turn(0.6)
        feed.dispatcher.end(10)
        feed.rug()
        feed.begin()
        feed.tick()
        feed.dispatcher.end(10)
        desk.turn(0.6)
    actions["past_games.show"](game=feed.games[0].id)
    actions["past_games.compare"](game=feed.games[1].id)
    actions["ghosts.show"](count=3)
    desk.hear("ping", id=1)
    desk.turn(0.6)
    for paper in (*feed.papers, desk.view.paper):
        paper.close()
    desk.view.close()
    return [message for message, _ in desk.sent if message["kind"] != "bokeh"], parts


def shown_by_a_replay():
    """Return the states of a replay's parts, and the parts."""
    view = rl.replay(rl.sample()[:60], playing=False, name="types")
    view.step(3)
    parts = view._parts
    states = [{part.name: part.status() for part in parts}]
    view.close()
    return states, parts


def sent_by_a_lab():
    """Return what the strategy widget sends."""
    view = rl.lab(rl.strategies["aggressive"], rl.sample()[:60], name="types").wait(60)
    panel = view.panel
    setup, state, (result, _) = panel._setup(), panel._state(), panel._picture
    view.close()
    return [setup, {"kind": "state", "seq": 1, "pong": None, **state}, {"kind": "result", "seq": 2, **result}]


def shown_by_a_comparison():
    """Return the content of a picture that does not move."""
    games, strategy = rl.sample()[:20], rl.strategies["aggressive"]
    both = rl.compare(rl.backtest(strategy, games, take=0.5), rl.backtest(strategy, games, take=0.2))
    still = StaticPicture(both.plot())
    content = next(
        value for value in still.get_state().values() if isinstance(value, dict) and "figures" in value
    )
    still.close()
    return content


def without_figures(value):
    """Leave out the documents that BokehJS alone reads."""
    if isinstance(value, dict):
        return {} if "doc" in value else {key: without_figures(each) for key, each in value.items()}
    return [without_figures(each) for each in value] if isinstance(value, list | tuple) else value


def arguments_of(action):
    """Return the names of a command's arguments as a type; any name where it takes whatever comes."""
    parameters = inspect.signature(action).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return "string"
    return " | ".join(json.dumps(each.name) for each in parameters) or "never"


@pytest.mark.timeout(300)
def test_what_python_sends_and_takes_is_what_the_types_say(tmp_path):
    node.need_packages()
    messages, live_parts = sent_by_a_live_view()
    states, replay_parts = shown_by_a_replay()
    commands = {
        f"{part.name}.{name}": arguments_of(action)
        for part in (*live_parts, *replay_parts)
        for name, action in part.actions.items()
    }
    written = {
        "(Setup | Update)[]": messages,
        "Partial<PartStates>[]": states,
        "(LabSetup | LabState | LabResult)[]": sent_by_a_lab(),
        "StaticPicture": shown_by_a_comparison(),
    }
    types = sorted({"Commands", *re.findall(r"\b[A-Z]\w+\b", " ".join(written))} - {"Partial"})
    lines = [f'import type {{ {", ".join(types)} }} from "{node.STATIC / "messages"}";']
    for number, (kind, value) in enumerate(written.items()):
        lines.append(
            f"export const sent{number}: {kind} = {json.dumps(without_figures(value), allow_nan=False)};"
        )
    taken = "; ".join(f"{json.dumps(name)}: {arguments}" for name, arguments in commands.items())
    lines += [
        f"type Taken = {{ {taken} }};",
        "type Named<T> = string extends keyof T ? never : keyof T;",
        "type Asked = { [K in keyof Commands]: Named<Commands[K]> };",
        "export const asked = (all: Asked): Taken => all;",
        "export const known = (name: keyof Taken): keyof Commands => name;",
    ]
    (tmp_path / "sent.ts").write_text("\n".join(lines), encoding="utf-8")
    settings = {"extends": str(node.ROOT / "tsconfig.json"), "include": ["sent.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    node.run(str(node.ROOT / "node_modules" / ".bin" / "tsc"), "--project", tmp_path)
