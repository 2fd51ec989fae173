"""What a view has beside its feed: commands in order and each once, and states told when they changed."""

from __future__ import annotations

import threading

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.views.page.page_messages import Stream
from rugs_lab.views.page.part_base import MOST_WAITING, Commands
from tests.support.desk import Desk, until
from tests.support.scripted_feed import ScriptedFeed


class Counter:
    """A part that counts."""

    name = "counter"

    def __init__(self):
        self.seen = []
        self.actions = {"add": self.add, "fail": self.fail, "break": self.breaks}

    def add(self, by=1):
        self.seen.append(by)

    def fail(self):
        raise ArgumentError("expected something else")

    def breaks(self):
        raise ZeroDivisionError("a planted error")

    def version(self):
        return len(self.seen)

    def status(self):
        return {"sum": sum(self.seen)}


def done(commands, number):
    until(lambda: commands.done == number)
    return commands


def test_commands_are_carried_out_in_order_and_each_once():
    part = Counter()
    commands = Commands([part])
    for number in range(1, 101):
        commands.put("counter.add", {"by": number}, number)
    done(commands, 100)
    assert part.seen == list(range(1, 101))
    assert commands.trouble == ""


def test_what_goes_wrong_is_said_and_the_next_command_is_carried_out():
    part = Counter()
    commands = Commands([part])
    commands.put("counter.fail", {}, 1)
    assert done(commands, 1).trouble == "expected something else"
    commands.put("counter.nothing", {}, 2)
    assert "nothing called 'counter.nothing'" in done(commands, 2).trouble
    commands.put("counter.add", {"wrong": 1}, 3)
    assert done(commands, 3).trouble.startswith("TypeError")
    commands.put("counter.break", {}, 4)
    assert done(commands, 4).trouble == "ZeroDivisionError: a planted error"
    commands.put("counter.add", "nonsense", 5)
    assert done(commands, 5).trouble == ""
    assert part.seen == [1]


def test_a_page_cannot_pile_up_commands_without_end():
    part, gate = Counter(), threading.Event()
    part.actions["wait"] = gate.wait
    commands = Commands([part])
    commands.put("counter.wait", {}, 1)
    for number in range(2, MOST_WAITING + 50):
        commands.put("counter.add", {}, number)
    assert "too many" in commands.trouble
    gate.set()
    until(lambda: len(part.seen) >= MOST_WAITING - 1)
    assert commands._worker.wait(20)
    assert len(part.seen) <= MOST_WAITING


def test_a_state_is_told_when_its_version_moved_and_with_every_snapshot():
    feed, part = ScriptedFeed().start(), Counter()
    stream = Stream(feed, lambda: 0, parts=[part])
    assert stream.next(0.0)[0]["parts"] == {"counter": {"sum": 0}}
    assert stream.next(0.01) is None
    part.add(4)
    assert stream.next(0.02)[0]["parts"] == {"counter": {"sum": 4}}
    stream.restart()
    assert stream.next(0.03)[0]["parts"] == {"counter": {"sum": 4}}


def test_a_view_carries_out_what_its_page_asks_and_tells_so():
    part = Counter()
    desk = Desk(parts=[part])
    desk.turn()
    assert desk.sent[0][0]["parts"] == ["counter"]
    desk.hear("do", name="counter.add", args={"by": 3}, id=1)
    done(desk.view._commands, 1)
    desk.turn()
    assert desk.sent[-1][0]["parts"] == {"counter": {"sum": 3}, "commands": {"done": 1, "trouble": ""}}
    desk.view.close()


@pytest.mark.parametrize("content", [{}, {"name": 3}, {"name": "counter.add", "id": "x", "args": [1]}])
def test_nonsense_from_the_page_breaks_nothing(content):
    part = Counter()
    desk = Desk(parts=[part])
    desk.turn()
    desk.hear("do", **content)
    assert desk.view._commands._worker.wait(20)
    assert desk.turn() in ([], ["rows"])
    assert desk.view.error is None
    desk.view.close()
