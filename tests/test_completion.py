"""What ``name.<Tab>`` lists: the documented public names, and nothing else."""

from __future__ import annotations

import inspect

import pytest

import rugs_lab as rl

LIVE_FEED = (
    "follow frame game games leaderboard maxlen metrics on paper phase record recorder running signal source "
    "start state stats stop take trades url wait"
)
REPLAY_FEED = (
    "autoplay back count ended finish follow frame game games last_tick leaderboard loop maxlen metrics next "
    "on paper pause phase play playing position previous record recorder running seek select shuffle signal "
    "skipped source source_game speed start state stats step stop take tick trades wait"
)


def listed(thing):
    return [name for name in dir(thing) if not name.startswith("_")]


@pytest.mark.parametrize(
    ("thing", "names"),
    [(rl.LiveFeed(), LIVE_FEED), (rl.ReplayFeed([[1.0, 1.2, 0.024]]), REPLAY_FEED)],
    ids=["LiveFeed", "ReplayFeed"],
)
def test_the_documented_names_are_listed(thing, names):
    assert " ".join(listed(thing)) == names
    for name in listed(thing):
        assert inspect.getdoc(getattr(type(thing), name)), name


def test_what_a_subclass_adds_is_listed():
    class MyFeed(rl.LiveFeed):
        def favourite(self):
            """Return the best game."""

    assert {*listed(MyFeed())} == {*LIVE_FEED.split(), "favourite"}
