"""What the package logs: states of feeds and recorders, silent unless asked for."""

import logging

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.recordings.write.recorder import Recorder


def test_states_of_a_feed_are_logged_with_their_source(caplog):
    feed = LiveFeed("http://127.0.0.1:9")
    with caplog.at_level(logging.WARNING, logger="rugs_lab"):
        feed.set_state("connecting", "a test")
    assert caplog.records == []
    with caplog.at_level(logging.INFO, logger="rugs_lab"):
        feed.set_state("live", "a test")
        feed.set_state("live", "a test")
        feed.set_state("reconnecting", "the server said goodbye")
    assert [record.getMessage() for record in caplog.records] == [
        "http://127.0.0.1:9: live (a test)",
        "http://127.0.0.1:9: reconnecting (the server said goodbye)",
    ]
    assert {record.name for record in caplog.records} == {"rugs_lab.feed"}


def test_a_disk_that_fails_and_works_again_is_logged_once_each(caplog, tmp_path):
    place = tmp_path / "folder"
    place.write_text("in the way")
    now_s = [0.0]
    recorder = Recorder(place, background=False, clock=lambda: now_s[0])
    with caplog.at_level(logging.INFO, logger="rugs_lab"):
        recorder.put(b"{}\n")
        for now_s[0] in (0.0, 20.0, 40.0):
            recorder.step()
        place.unlink()
        now_s[0] = 80.0
        recorder.step()
        recorder.step()
    recorder.close()
    messages = [record.getMessage() for record in caplog.records]
    assert [message.partition(" can")[2][:9] for message in messages] == ["not be wr", " be writt"]
    assert recorder.lost == 0
