"""What a view has beside its feed: commands in order and each once, and states told when they changed."""

from __future__ import annotations

import sys
import threading
from time import monotonic

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.views.page.page_messages import Stream
from rugs_lab.views.page.part_base import MOST_WAITING, Commands, Part, Seen
from tests.support.desk import Desk, until
from tests.support.scripted_feed import ScriptedFeed


class Counter(Part):
    """A part that counts."""

    name = "counter"

    def __init__(self):
        self.seen = []
        self.actions = {"add": self.add, "fail": self.fail, "break": self.breaks, "exit": self.exits}

    def add(self, by=1):
        self.seen.append(by)

    def fail(self):
        raise ArgumentError("expected something else")

    def breaks(self):
        raise ZeroDivisionError("a planted error")

    def exits(self):
        sys.exit(3)

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
        commands.put("counter.add", {"by": number}, number, None, monotonic())
    done(commands, 100)
    assert part.seen == list(range(1, 101))
    assert commands.trouble == ""


def test_what_goes_wrong_is_said_and_the_next_command_is_carried_out():
    part = Counter()
    commands = Commands([part])
    commands.put("counter.fail", {}, 1, None, monotonic())
    assert done(commands, 1).trouble == "expected something else"
    commands.put("counter.nothing", {}, 2, None, monotonic())
    assert "nothing called 'counter.nothing'" in done(commands, 2).trouble
    commands.put("counter.add", {"wrong": 1}, 3, None, monotonic())
    assert done(commands, 3).trouble.startswith("TypeError")
    commands.put("counter.break", {}, 4, None, monotonic())
    assert done(commands, 4).trouble == "ZeroDivisionError: a planted error"
    commands.put("counter.exit", {}, 5, None, monotonic())
    assert done(commands, 5).trouble == "SystemExit: 3"
    commands.put("counter.add", "nonsense", 6, None, monotonic())
    assert done(commands, 6).trouble == ""
    assert part.seen == [1]


def test_a_page_cannot_pile_up_commands_without_end():
    part, gate = Counter(), threading.Event()
    part.actions["wait"] = gate.wait
    commands = Commands([part])
    commands.put("counter.wait", {}, 1, None, monotonic())
    for number in range(2, MOST_WAITING + 50):
        commands.put("counter.add", {}, number, None, monotonic())
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


def test_a_command_belongs_to_what_was_seen():
    """A click that waited for a busy kernel, or comes from a page that was cut off, does nothing."""
    part = Counter()
    desk = Desk(parts=[part])
    desk.turn()
    then = desk.view._stream.numbers.newest
    for _ in range(50):
        desk.turn(0.5)  # the hub goes on, nothing of the page arrives
    desk.view._received(None, {"kind": "do", "name": "counter.add", "args": {}, "id": 1, "seq": then}, [])
    done(desk.view._commands, 1)
    assert "not executed: the page showed" in desk.view._commands.trouble
    assert "25.0 s old (limit 2 s)" in desk.view._commands.trouble
    desk.hear("do", name="counter.add", args={}, id=2)
    assert done(desk.view._commands, 2).trouble == ""
    desk.view.command_limit_s = 60
    desk.view._received(None, {"kind": "do", "name": "counter.add", "args": {}, "id": 3, "seq": then}, [])
    done(desk.view._commands, 3)
    assert part.seen == [1, 1]
    for seq in (None, 0, -3, 10**9, "4"):
        desk.view._received(None, {"kind": "do", "name": "counter.add", "id": 4, "seq": seq}, [])
    assert desk.view._commands._worker.wait(20)
    assert (part.seen, "unknown" in desk.view._commands.trouble) == ([1, 1], True)
    desk.view.close()


@pytest.mark.parametrize(
    "shown", [None, [], {"game": {}, "tick": 1e9, "price": "x"}, {"tick": True, "price": float("nan")}]
)
def test_what_a_page_claims_to_have_seen_is_checked(shown):
    seen = Seen.of(shown, 0.1, 2.0)
    assert (seen.tick, seen.price) == (-1, None)
    with pytest.raises(ArgumentError):
        seen.check("a game")


def test_what_holds_whenever_it_arrives_is_done_late_too():
    part = Counter()
    part.lasting = frozenset({"add"})
    commands = Commands([part])
    commands.put("counter.add", {}, 1, None, monotonic() - 100)
    assert done(commands, 1).trouble == ""
    assert part.seen == [1]
