"""What stays in a notebook: bounded in bytes, and nothing in it is markup."""

import base64
import gzip
import json

import numpy as np

import rugs_lab as rl
from rugs_lab.figures import figure as figures
from rugs_lab.views.page.last_picture import LIMIT, saved_state

PICTURES = {"light": "<svg>light</svg>", "dark": "<svg>dark</svg>"}
SETUP = ({"kind": "setup", "figures": {theme: {"chart": {}} for theme in PICTURES}}, b"")


def unpacked(text):
    return json.loads(gzip.decompress(base64.b64decode(text)))


def test_a_saved_state_is_what_was_sent_with_pictures_for_figures():
    sent = {"kind": "snapshot", "seq": 7, "parts": {"trade": {"cash": 1.0}}}
    setup, state = unpacked(saved_state(PICTURES, SETUP, (sent, np.ones(2).tobytes())))
    assert setup[0]["figures"] == {theme: {"chart": svg} for theme, svg in PICTURES.items()}
    assert state[0] == {**sent, "seq": None}
    assert np.frombuffer(base64.b64decode(state[1])).tolist() == [1.0, 1.0]


def test_the_largest_parts_go_first_and_too_much_is_nothing():
    noise = np.random.default_rng(0).bytes
    long = base64.b64encode(noise(80_000)).decode()
    sent = {"kind": "snapshot", "seq": 1, "parts": {"large": long, "small": 1}}
    text = saved_state(PICTURES, SETUP, (sent, b""))
    assert 0 < len(text) <= LIMIT
    assert unpacked(text)[1][0]["parts"] == {"small": 1}
    assert saved_state(PICTURES, SETUP, ({"kind": "snapshot", "seq": 1}, noise(80_000))) == ""


def test_the_state_of_a_long_game_is_bounded():
    prices = np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 2_000)))
    view = rl.replay(rl.Game("20250101-abc", prices), playing=False)
    view.seek(1_999)
    view.draw_picture()
    assert 0 < len(view._snapshot) <= LIMIT
    view.close()


def test_what_is_too_large_in_a_widget_with_parts_is_left_out_of_its_state():
    """Its setup, too, has parts: a list of their names."""
    rng = np.random.default_rng(0)
    prices = np.exp(np.cumsum(rng.normal(0, 0.01, 1_500)))
    view = rl.replay(rl.Game("20250101-abc", prices), playing=False)
    for number in range(6):
        view.line(f"noise {number}", lambda prices: prices * rng.random(len(prices)))
    view.seek(1_499)
    view._lines.version()
    assert view._lines._worker.wait(20)
    view.draw_picture()
    assert 0 < len(view._snapshot) <= LIMIT
    setup, state = unpacked(view._snapshot)
    assert setup[0]["parts"] == view._setup()["parts"]
    assert "own_lines" not in state[0]["parts"]
    assert "trade" in state[0]["parts"]
    view.close()


def test_pictures_that_would_be_too_large_are_one(monkeypatch):
    figure = rl.sample()[3].plot()
    both = figure.picture_html()
    assert both.count("<img") == 2
    monkeypatch.setattr(figures, "MOST_BYTES", 10_000)
    one = figure.picture_html()
    assert one.count("<img") == 1
    assert 'class="rl-on-both"' in one
    assert len(one) < 0.6 * len(both)
