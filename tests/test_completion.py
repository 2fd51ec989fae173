"""What ``name.<Tab>`` lists: the documented public names, and nothing else."""

from __future__ import annotations

import inspect

import pytest

import rugs_lab as rl

LIVE_FEED = (
    "address alert alerts anomalies bots diagnose follow frame game games games_finished gaps leaderboard "
    "maxlen metrics on once paper papers phase record recorder running signal source start state stats stop "
    "take trades transport until url wait"
)
REPLAY_FEED = (
    "alert alerts anomalies autoplay back bots count ended finish follow frame game games games_finished "
    "gaps last_tick leaderboard loop maxlen metrics next on once paper papers pause phase play playing "
    "position previous record recorder running seek select shuffle signal skipped source source_game "
    "speed start state stats step stop take tick trades until wait"
)
GAMES = (
    "anomalies count damage frame from_arrays gaps ids index leaderboards messages offsets plot prices "
    "query rug_ticks sample save sidebets sources sql stats ticks trades verify"
)
GAME = (
    "backfilled corrected file frame id leaderboard messages missing peak peak_tick plot prices rug_price "
    "rug_tick server_seed server_seed_hash sidebets source sources status trades verified version"
)
RUN = (
    "bankroll cash_sol equity equity_lamports figures games gone_after ledger looks parameters played plot "
    "profit_per_game profit_so_far report results show stats strategy to_parquet trades"
)
PAPER = (
    "account cancel close closed decisions demonstrations equity exit_at exits feed ledger orders reset "
    "resume stats strategy strategy_error strategy_state submit trace trades versus_humans"
)

# Of ipywidgets: add_class, close, layout, observe, remove_class, unobserve (rugs_lab.views.page.page_widget).
LIVE_VIEW = (
    "add_class close closed command_limit_s error feed figure frame game_id height layout line observe paper "
    "phase price record_to remove_class state tick unobserve"
)
REPLAY_VIEW = (
    "account add_class back close closed command_limit_s error feed figure frame game game_id height "
    "layout line loop next observe paper pause phase play playing previous price record_to remove_class save "
    "seek select speed state step tick unobserve"
)
LAB_VIEW = (
    "add_class close end error feed layout observe on_live on_replay panel paper params remove_class run "
    "session stop strategy unobserve view wait"
)
PANELS = "add_class close frame layout observe remove_class unobserve views"


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


def test_a_run_lists_its_documented_names():
    run = rl.backtest("random", rl.sample()[:5])
    assert " ".join(listed(run)) == RUN
    assert all(hasattr(run, name) for name in listed(run))


@pytest.mark.parametrize(("kind", "names"), [("games", GAMES), ("game", GAME)])
def test_games_list_their_documented_names(kind, names):
    thing = rl.sample() if kind == "games" else rl.sample()[0]
    assert " ".join(listed(thing)) == names
    page = (inspect.getdoc(type(thing)) or "").replace(",", " ").split()
    for name in listed(thing):
        assert hasattr(thing, name)
        assert name in page or inspect.getdoc(getattr(type(thing), name)), name


def test_a_paper_account_lists_its_documented_names():
    paper = rl.ReplayFeed(rl.sample()[:2], playing=False).paper("random")
    assert " ".join(listed(paper)) == PAPER
    for name in set(listed(paper)) - {
        "account",
        "closed",
        "exits",
        "feed",
    }:  # what it was made of, described by its class
        assert inspect.getdoc(getattr(type(paper), name)), name
    paper.close()


@pytest.fixture
def opened():
    feeds = [rl.ReplayFeed(rl.sample()[:2], playing=False) for _ in range(2)]
    views = {
        "live": rl.watch(feeds[0], name="one"),
        "panels": rl.watch(*feeds, name="two"),
        "replay": rl.replay(rl.sample()[0], playing=False, name="three"),
        "lab": rl.lab(lambda o: rl.hold(), rl.sample()[:5], name="four"),
    }
    yield views
    for each in [*views.values(), *feeds]:
        each.close() if hasattr(each, "close") else each.stop()


@pytest.mark.parametrize(
    ("view", "names"),
    [("live", LIVE_VIEW), ("panels", PANELS), ("replay", REPLAY_VIEW), ("lab", LAB_VIEW)],
)
def test_a_view_lists_its_documented_names_and_a_few_of_ipywidgets(opened, view, names):
    view = opened[view]
    assert " ".join(listed(view)) == names
    pages = "\n".join(inspect.getdoc(kind) or "" for kind in type(view).__mro__).splitlines()
    for name in listed(view):
        attribute = getattr(type(view), name, None)
        assert name in pages if attribute is None else inspect.getdoc(attribute), name
