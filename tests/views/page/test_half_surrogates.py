"""Half a surrogate pair (a name cut short), which UTF-8 cannot hold: packed as the kernel does."""

from __future__ import annotations

import comm
import pytest
from comm.base_comm import BaseComm
from jupyter_client.session import json_packer, json_unpacker

import rugs_lab as rl
from rugs_lab.figures.figure import Figure
from rugs_lab.figures.run_figures import empty_path
from rugs_lab.recordings.games.game import Game
from rugs_lab.views.cells.live_view import LiveView
from rugs_lab.views.parts.trade_tape import TradeTapePart
from tests.support.desk import HandHub
from tests.support.scripted_feed import ScriptedFeed


@pytest.fixture
def received(monkeypatch):
    """What pages receive."""
    messages = []

    class PackingComm(BaseComm):
        def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
            messages.append(json_unpacker(json_packer({"data": data, **keys}))["data"])

    monkeypatch.setattr(comm, "create_comm", PackingComm)
    return messages


def contents(received):
    return [message["content"] for message in received if message.get("method") == "custom"]


def test_a_trade_of_a_player_and_a_line_arrive(received):
    feed = ScriptedFeed(maxlen=500).start()
    view = LiveView(feed, parts=(TradeTapePart(feed),), hub=HandHub(), clock=lambda: 100.0)
    feed.ticks(3)
    text = '{"gameId":"%s","type":"buy","tickIndex":1,"username":"%s","price":1.5,"amount":1}'
    feed.take_text('["standard/newTrade",' + text % (feed.game_id, r"cut\ud83d") + "]")
    view.line("\ud800", lambda prices: 1.0)
    view._lines.version()
    assert view._lines._worker.wait(10)
    view.refresh(100.0)
    (parts,) = [each["parts"] for each in contents(received) if isinstance(each.get("parts"), dict)]
    assert [row[5] for row in parts["trade_tape"]["rows"]] == ["cut?"]
    assert parts["own_lines"]["lines"] == [["?", [1.0, 1.0, 1.0], ""]]
    view.close()


def test_parameters_of_a_strategy_are_traits_that_arrive(received):
    def worded(o, word="\ud800"):
        return rl.hold()

    view = rl.lab(worded, rl.sample()[:3], name="test").wait(60)
    view.tell()
    states = [message["state"] for message in received if "state" in message]
    assert {"word": "?"} in [state.get("params") for state in states]
    view.close()


def test_a_figure_can_be_shown_and_saved(tmp_path):
    games = rl.Games([Game("\ud800x", [1.0, 1.5, 0.02], rug_tick=2)])
    for figure in (games[0].plot(), Figure(empty_path, "a\ud800", facts=[("\ud800", "b\ud800")])):
        json_packer({"text/html": figure.picture_html(), "text/plain": repr(figure)})
        for name in ("picture.svg", "page.html"):
            assert figure.save(tmp_path / name).read_text(encoding="utf-8")
