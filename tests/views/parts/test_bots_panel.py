"""What the page is told of the bots on a feed."""

import json
from itertools import count, pairwise
from threading import Event

import rugs_lab as rl
from rugs_lab.trading.paper import versus_humans as humans
from rugs_lab.views.parts.bots_panel import MOST_BOTS, BotsPart
from tests.support.desk import until


def hasty(o, size=0.1):
    return rl.buy(size) if o.tick >= 0 and not o.units else rl.hold()


def play_game(feed, ticks=20, board=()):
    feed.cooldown(5_000)
    for _ in range(ticks):
        feed.tick()
        feed.dispatcher.end(10)
    rows = [{"position": place, "id": f"p{place}", "pnl": pnl} for place, pnl in enumerate(board, 1)]
    feed.rug(leaderboard=rows)
    feed.dispatcher.end(10)
    ended = feed.game_id
    feed.begin()
    feed.cooldown(9_000)
    feed.dispatcher.end(10)
    return ended


def test_without_bots_there_is_nothing_to_show(feed):
    assert BotsPart(feed).status() == {"bots": [], "games": [], "more": 0}


def test_games_are_told_newest_first_with_each_bots_profit_and_rank(feed):
    part = BotsPart(feed)
    first = feed.paper(hasty)
    old = play_game(feed, board=(0.5, -0.3))
    feed.paper(hasty, size=0.2)
    new = play_game(feed)
    status = part.status()
    json.dumps(status, allow_nan=False)
    assert [game["game"] for game in status["games"]] == [new, old]
    assert status["games"][0]["people"] == []
    assert status["games"][1]["people"] == [0.5, -0.3]
    assert status["games"][1]["bots"][1] is None
    profit, rank, at_least, _ = status["games"][1]["bots"][0]
    assert (profit, rank, at_least) == (first.versus_humans["profit_sol"].iloc[0], 2, False)
    assert status["games"][0]["bots"][0][1] is None
    assert [bot["name"] for bot in status["bots"]] == ["hasty 1", "hasty 2"]
    assert [bot["games"] for bot in status["bots"]] == [2, 1]
    assert status["bots"][0]["steps"][0][3] == "buy(0.1)"


def test_nothing_waits_for_the_random_bots(feed, monkeypatch):
    part, allowed = BotsPart(feed), Event()
    play = humans.equal_risk
    monkeypatch.setattr(humans, "equal_risk", lambda *what: allowed.wait(10) and play(*what))
    paper = feed.paper(hasty)
    for _ in range(3):
        play_game(feed, board=(0.5, -0.3))
    before, status = part.version(), part.status()
    assert [game["bots"][0][1] for game in status["games"]] == [2, 2, 2]
    assert [game["bots"][0][3] for game in status["games"]] == [None] * 3
    assert (status["bots"][0]["games"], status["bots"][0]["random"]) == (3, None)
    allowed.set()
    until(lambda: part.version() != before)
    until(lambda: part.status()["bots"][0]["random"] is not None)
    frame, status = paper.versus_humans, part.status()
    assert [game["bots"][0][3] for game in status["games"]] == frame["random_sol"].tolist()[::-1]
    assert abs(status["bots"][0]["random"] - frame["random_sol"].mean()) < 1e-12


def test_its_version_moves_with_every_decision_and_every_bot(feed):
    seconds = count()
    part = BotsPart(feed, clock=lambda: next(seconds))  # it looks only twice a second
    look = part.version

    versions = [look()]
    paper = feed.paper(lambda o: None)
    versions.append(look())
    feed.tick()
    feed.dispatcher.end(10)
    versions.append(look())
    paper.close()
    versions.append(look())
    assert all(one != other for one, other in pairwise(versions))


def test_more_bots_than_there_is_room_for_are_counted(feed):
    for _ in range(MOST_BOTS + 2):
        feed.paper(hasty)
    status = BotsPart(feed).status()
    assert (len(status["bots"]), status["more"]) == (MOST_BOTS, 2)
