"""The record button without a page: what the handler does, and what the page is told."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.views.cells.open_views import watch
from rugs_lab.views.page.hub import hub as kernel_hub
from rugs_lab.views.page.kernel_busy import shell
from rugs_lab.views.parts.record_button import RecordButton
from tests.support.desk import DEADLINE_S, Desk, until
from tests.support.scripted_feed import ScriptedFeed


@pytest.fixture(autouse=True)
def _idle_shell(monkeypatch):
    monkeypatch.setattr(shell, "busy_since", None)
    monkeypatch.setattr(shell, "idle_since", 0.0)


class Button(Desk):
    """A desk whose record button is pressed."""

    numbers = 0

    def press(self, on):
        """Press, wait until it is done, and return what the page is told then."""
        self.numbers += 1
        self.hear("record", on=on, id=self.numbers)
        until(lambda: self.view._record.switch.done == self.numbers)
        self.turn(0.001)
        assert self.sent[-1][0]["record_done"] == self.numbers
        return self.told

    def look(self):
        """Return what the page is told half a second later."""
        self.turn(0.6)
        return self.told

    @property
    def told(self):
        return self.status["record"]


@pytest.fixture
def desk(tmp_path):
    desk = Button(record_to=tmp_path / "recordings")
    desk.turn()
    yield desk
    desk.view.close()
    desk.feed.record(None)
    desk.feed.stop()


def test_at_first_nothing_is_recorded_and_the_folder_is_not_made(desk, tmp_path):
    folder = tmp_path / "recordings"
    assert desk.told == {
        "on": False,
        "state": "off",
        "reason": "",
        "lines": 0,
        "lost": 0,
        "folder": str(folder),
        "path": None,
    }
    assert not folder.exists()


def test_pressing_records_to_a_file_until_pressed_again(desk, tmp_path):
    told = desk.press(True)
    assert (told["on"], told["state"], told["lost"]) == (True, "recording", 0)
    assert Path(told["path"]).parent == tmp_path / "recordings"
    desk.feed.ticks(30)
    desk.feed.rug()
    until(lambda: desk.look()["lines"] > 30)
    lines = desk.press(False)
    assert (lines["on"], lines["state"], lines["path"]) == (False, "ended", told["path"])
    assert desk.feed.recorder is None
    game = rl.load(tmp_path / "recordings")[desk.feed.game_id]
    assert game.prices.tolist() == desk.feed.game.prices.tolist()


def test_same_wish_twice_is_one(desk):
    desk.press(True)
    recorder = desk.feed.recorder
    told = desk.press(True)
    assert desk.feed.recorder is recorder
    assert (told["on"], recorder.files) == (True, 1)
    desk.press(False)
    told = desk.press(False)
    assert told["on"] is False


def test_recording_begun_in_python_is_shown_kept_and_can_be_ended(desk, tmp_path):
    recorder = desk.feed.record(tmp_path / "mine", rotate="game")
    told = desk.look()
    assert (told["on"], told["folder"]) == (True, str(tmp_path / "mine"))
    desk.press(True)
    assert desk.feed.recorder is recorder
    told = desk.press(False)
    assert (told["on"], recorder.state) == (False, "stopped")
    assert told["folder"] == str(tmp_path / "recordings")
    assert not (tmp_path / "recordings").exists()


def test_recording_ended_in_python_is_shown(desk):
    desk.press(True)
    desk.feed.record(None)
    told = desk.look()
    assert (told["on"], told["state"]) == (False, "ended")


def test_recorder_closed_by_hand_can_be_followed_by_another(desk):
    desk.press(True)
    desk.feed.recorder.close()
    assert desk.look()["on"] is False
    assert desk.press(True)["state"] == "recording"


def test_stopped_feed_waits_for_data(desk):
    desk.feed.stop()
    told = desk.press(True)
    assert (told["on"], told["state"]) == (True, "waiting")
    assert told["reason"].startswith("0 lines in 0 files of ")


def test_failing_folder_says_why_and_counts_what_is_lost(tmp_path):
    (tmp_path / "file").write_text("in the way")
    desk = Button(record_to=tmp_path / "file" / "recordings")
    desk.turn()
    told = desk.press(True)
    assert (told["on"], told["state"]) == (True, "failing")
    assert str(tmp_path / "file") in told["reason"]
    assert "trying again" in told["reason"]
    desk.feed.ticks(5)
    told = desk.press(False)
    assert (told["on"], told["state"]) == (False, "ended")
    assert told["lost"] > 5
    assert f"{told['lost']} lines lost" in told["reason"]
    desk.view.close()
    desk.feed.stop()


def test_handler_does_not_wait_for_a_slow_disk(desk):
    release, entered, left = threading.Event(), threading.Event(), threading.Event()

    def slow(folder, **_options):
        entered.set()
        assert release.wait(DEADLINE_S)
        left.set()

    desk.feed.record = slow
    for number in range(20):
        desk.hear("record", on=True, id=number)
    assert entered.wait(DEADLINE_S)
    assert not left.is_set()
    assert desk.look()["on"] is False
    release.set()
    until(lambda: desk.view._record.switch.done == 19)
    del desk.feed.record


def test_refusal_is_told_until_it_works(desk):
    def refuse(folder, **_options):
        raise OSError("no more threads")

    desk.feed.record = refuse
    told = desk.press(True)
    assert (told["on"], told["state"], told["reason"]) == (False, "failed", "OSError: no more threads")
    del desk.feed.record
    assert desk.press(True)["state"] == "recording"
    assert desk.press(False)["state"] == "ended"


@pytest.mark.parametrize("more", [{}, {"on": 1}, {"on": "yes"}, {"on": None}])
def test_nonsense_begins_no_recording(desk, more):
    desk.hear("record", **more)
    assert desk.look()["on"] is False
    assert desk.view._record.switch.done == 0


def test_odd_number_is_carried_out_all_the_same(desk):
    desk.hear("record", on=True, id="seven")
    until(lambda: desk.feed.recorder is not None)


def test_a_view_that_is_not_recordable_has_no_button():
    desk = Desk(recordable=False)
    desk.turn()
    assert desk.status["record"] is None
    desk.hear("record", on=True, id=1)
    desk.hear("ping", id=1)
    desk.turn()
    assert "record_done" not in desk.sent[-1][0]
    desk.view.close()
    desk.feed.stop()


def test_closing_the_view_leaves_the_recording(desk):
    desk.press(True)
    desk.view.close()
    assert desk.feed.recorder.state == "recording"


def test_page_that_comes_back_learns_which_commands_were_carried_out(desk):
    desk.press(True)
    desk.hear("ping", id=9)
    desk.turn()
    assert {name: desk.sent[-1][0][name] for name in ("pong", "done", "record_done")} == {
        "pong": 9,
        "done": 0,
        "record_done": 1,
    }


def test_folder_stands_when_the_working_directory_moves(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    feed = ScriptedFeed()
    view = watch(feed, record_to="my data")
    default = watch(feed, name="default")
    monkeypatch.chdir(tmp_path / "b")
    assert view.record_to == tmp_path / "a" / "my data"
    assert default.record_to == tmp_path / "a" / "recordings"
    view.close()
    default.close()
    feed.stop()


def test_every_panel_records_to_the_same_folder(tmp_path):
    feeds = ScriptedFeed(), ScriptedFeed()
    box = watch(*feeds, record_to=tmp_path)
    assert [view.record_to for view in box.views] == [tmp_path, tmp_path]
    box.close()
    for feed in feeds:
        feed.stop()


@pytest.mark.parametrize("record_to", [None, 3, b"bytes", "~nobody_of_that_name/x"])
def test_folder_that_is_no_path_opens_nothing(record_to):
    with pytest.raises(ArgumentError, match="record_to"):
        watch(ScriptedFeed(), record_to=record_to)
    assert kernel_hub.views == ()


def test_path_of_stray_bytes_can_be_told(tmp_path):
    desk = Desk(record_to=os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    desk.turn()
    assert desk.status["record"]["folder"].encode().endswith(rb"caf\udce9")
    desk.view.close()
    desk.feed.stop()


def test_tape_without_a_recording_says_off():
    button = RecordButton(SimpleNamespace(record=None, recorder=None), Path("somewhere"), "keep")
    assert (button.status()["state"], button.status()["folder"]) == ("off", "somewhere")
