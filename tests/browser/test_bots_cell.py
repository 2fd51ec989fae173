"""Bots in the live cell, in a real JupyterLab: the table and the figure hold what the accounts hold."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

FEED = """import rugs_lab as rl
feed = rl.demo(speed=50, seed=7).wait(ticks=1)"""
WATCH = "view = rl.watch(feed); view"
BOTS = """def dip(o, drop=0.85, take=1.3, size=0.02):
    if o.tick >= 0 and not o.units and o.price < drop * o.prices.max():
        return rl.buy(size)
    return rl.sell() if o.units and o.price > take * o.average_cost else rl.hold()
def broken(o):
    return 1 / 0 if o.tick == 3 else None
one, two = feed.paper(dip), feed.paper(dip, size=0.5)
late = feed.paper(broken)"""
STATE = "view.store.parts.bots"
LEFT = "\N{MINUS SIGN}"


@pytest.fixture
def watched(notebook):
    """Open a notebook that watches the built-in server; its third cell starts three bots."""
    nb = notebook(FEED, WATCH, BOTS)
    nb.run(0)
    nb.run(1)
    nb.until_drawn()
    return nb


def number(text):
    return float(text.replace(LEFT, "-").replace(",", ""))


def cells(nb, part):
    rows = nb.page.locator(f".rl-bots-{part} tbody tr")
    return [[cell.strip() for cell in row.split("\t")] for row in rows.all_inner_texts()]


def test_bots_stand_beside_the_people_who_play_with_the_figures_of_their_accounts(watched):
    nb = watched
    box = nb.page.locator(".rl-bots")
    assert box.is_hidden()
    nb.run(2)
    nb.until_view(f"{STATE}.bots.length === 3 && {STATE}.games.length >= 3")
    nb.do("feed.stop()")
    nb.until_view("view.store.parts.bots.bots.every((bot) => bot.decisions > 3)")
    games = nb.ask("len(one.versus_humans)")
    nb.until_view(f"{STATE}.bots[0].games === {games}")
    nb.until_view(f"{STATE}.bots[1].decisions === {nb.ask('two.decisions.decisions')}")
    table = nb.ask("feed.bots.reset_index()[['bot', 'state', 'games']].values.tolist()")
    shown = cells(nb, "table")
    assert [row[0] for row in shown] == [name for name, _, _ in table] == ["dip 1", "dip 2", "broken"]
    assert shown[2][1] == "paused"
    assert [int(row[4]) for row in shown] == [count for _, _, count in table]
    equity = nb.ask("feed.bots['equity_sol'].tolist()")
    assert [number(row[2]) for row in shown] == [round(value, 9) for value in equity]
    duels = cells(nb, "games")
    frame = nb.ask(
        "one.versus_humans[::-1].head(20).reset_index()"
        "[['game_id', 'people', 'profit_sol', 'rank', 'at_least']].astype(object).values.tolist()"
    )
    assert len(duels) == len(frame) >= 3
    for row, (game, people, profit, rank, at_least) in zip(duels, frame, strict=True):
        assert row[0].endswith(game[-6:])
        assert int(row[2]) == people
        assert number(row[5]) == pytest.approx(profit, rel=1e-3)
        assert row[6] == f"{'≥ ' if at_least else ''}{rank}"
    humans = nb.page.locator(".rl-bots-figure circle.rl-bots-player").count()
    columns = nb.page.locator(".rl-bots-figure g").count()
    assert humans == sum(row[1] for row in frame[:columns])
    traced = cells(nb, "orders")
    orders = nb.ask("one.trace.query(\"decision != 'hold()'\")['decision'].tolist()[::-1]")
    assert [row[3] for row in traced[:3]] == orders[:3]
    assert nb.errors == []


def test_bots_that_are_closed_leave_the_cell(watched):
    nb = watched
    nb.run(2)
    nb.until_view(f"{STATE}.bots.length === 3")
    nb.do("one.close(); late.close()")
    nb.until_view(f"{STATE}.bots.length === 1 && {STATE}.bots[0].name === 'dip'")
    nb.do("two.close()")
    nb.until_view(f"{STATE}.bots.length === 0")
    assert nb.page.locator(".rl-bots").is_hidden()
    assert nb.errors == []
