"""The tear sheet, one game tick by tick, and the log of looks."""

import json
from html.parser import HTMLParser

import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.catalogue.parquet import write_parquet
from rugs_lab.resources import data_dir
from rugs_lab.trading.backtest import looks
from rugs_lab.trading.backtest.backtest import backtest

GAMES = rl.sample()[:40]


class Tags(HTMLParser):
    """Counts elements, and keeps every address that a page would load."""

    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.addresses = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href")]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_has_all_of_a_run_and_needs_no_network(tmp_path):
    @rl.strategy(name="<b>bold</b>")
    def sly(o, size=0.01):
        return rl.buy(size) if o.tick < 0 else rl.sell() if o.tick == 9 else rl.hold()

    run = backtest(sly, GAMES, engine="tick")
    page = run.report(tmp_path / "run.html")
    text = (tmp_path / "run.html").read_text("utf-8")
    found = Tags(text)
    assert found.open == []
    assert all(address.startswith("data:image/svg+xml,") for address in found.addresses)
    assert "script" not in found.seen
    assert "<b>bold" not in text
    assert found.seen.count("img") == 2 * (4 + 6)  # light and dark
    for words in (
        "ruin within 100 games",
        "no trades",
        "The best games",
        "look-ahead",
        "entries and exits",
    ):
        assert words in text
    assert "prefers-color-scheme:dark" in text
    assert page._repr_html_() in text
    assert len(text) < 1_000_000
    assert "save(" in repr(page)


def test_a_run_of_no_games_and_of_one_has_a_page():
    for games in (GAMES[:0], GAMES[:1]):
        assert "Figures" in backtest(rl.strategies["hold_to_target"], games).report().body


@pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")
def test_a_game_is_shown_tick_by_tick_with_what_was_rejected_and_why():
    @rl.strategy(presale=False)
    def greedy(o):
        return (
            rl.sell() if o.tick == 1 else rl.buy(5.0) if o.tick == 2 else rl.buy(0.1) if o.tick == 3 else None
        )

    run = backtest(greedy, GAMES, engine="auto")
    frame = run.show(7).set_index("tick")
    assert frame["game_id"].unique().tolist() == [GAMES[7].id]
    assert frame["price"].tolist() == GAMES[7].prices[: GAMES[7].rug_tick].tolist()
    assert frame.loc[1, ["decision", "result"]].tolist() == ["sell(1)", "no position to sell"]
    assert frame.loc[2, "result"] == "not enough cash"
    assert frame.loc[3, "result"] == f"filled at tick 4, {GAMES[7].prices[4]:.6g}x"
    assert frame.loc[1, "cash_sol"] == run.equity["equity_sol"].iloc[6]
    again = run.show(GAMES[7].id).set_index("tick")
    assert again.drop(columns="ms").equals(frame.drop(columns="ms"))
    for wrong in (40, -41, "nothing"):
        with pytest.raises(ArgumentError, match="the run has 40 games"):
            run.show(wrong)


def test_looks_are_kept_beside_an_archive(tmp_path):
    write_parquet(GAMES, tmp_path / "games.parquet")
    games = rl.load(tmp_path)
    assert not backtest(rl.strategies["aggressive"], games).looks
    assert not backtest(rl.strategies["aggressive"], games).looks  # the same once more is no other look
    looks._session.clear()  # another session
    later = backtest(rl.strategies["aggressive"], games, take=0.4)
    assert later.looks.total == 2
    assert [look.kind for look in later.looks] == ["backtest"]
    lines = (tmp_path / looks.FILE).read_text("utf-8").splitlines()
    assert [json.loads(line)["tried"] for line in lines] == [1, 1]
    with (tmp_path / looks.FILE).open("a") as file:
        file.write('{"kind": 1}\nnonsense\n')
    assert backtest(rl.strategies["aggressive"], games, take=0.3).looks.total == 3
    assert len(rl.load(tmp_path)) == len(GAMES)


def test_looks_at_other_games_do_not_count_and_at_some_of_them_do():
    many = rl.synthetic(3000, seed=71, method="statistical")
    assert not looks.noted(many[:1000], "backtest", "a")
    assert not looks.noted(many[1000:2000], "backtest", "b")
    assert looks.noted(many[:2000], "sweep", "c", 12).total == 3
    assert looks.noted(many[900:1100], "backtest", "d").total >= 13
    assert not looks.noted(many[2000:], "backtest", "e")


def test_what_was_shipped_is_not_written_to():
    backtest(rl.strategies["aggressive"], rl.sample())
    backtest(rl.strategies["aggressive"], rl.sample(), take=0.3)
    assert not list(data_dir().rglob(looks.FILE))
