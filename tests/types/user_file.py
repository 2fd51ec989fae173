"""A file of a user that uses every public name; tests/test_types.py has type checkers read it."""

from pathlib import Path
from typing import assert_type

import numpy as np
import pandas as pd
from bokeh.models import LayoutDOM
from numpy.typing import NDArray

import rugs_lab as rl
from rugs_lab.trading.backtest.comparison import Comparison
from rugs_lab.trading.check.check_report import Report
from rugs_lab.trading.sweep.sweep_result import Best


@rl.strategy
def dip(o: rl.Observation, enter: int = 10, drop: float = 0.85, size: float = 0.01) -> rl.Action | None:
    assert_type(o.tick, int)
    assert_type(o.price, float)
    assert_type(o.prices, NDArray[np.float64])
    assert_type(o.cash, float)
    return rl.buy(size) if o.tick >= enter and o.price < drop else rl.hold()


@rl.strategy(presale=False)
def late(o: rl.Observation, size: float = 0.01) -> rl.Action:
    return rl.sidebet(size)


@rl.features(version=2)
def pace(o: rl.Observation) -> dict[str, float]:
    return {"age": o.tick / 200}


def features(o: rl.Observation) -> None:
    assert_type(pace(o), NDArray[np.float32])
    assert_type(pace.columns, tuple[str, ...])
    assert_type(rl.models.feature_frame(rl.sample(), pace), pd.DataFrame)
    assert_type(rl.models.load("m.onnx", features=pace), rl.Strategy)


def strategies() -> None:
    assert_type(dip, rl.Strategy)
    assert_type(late, rl.Strategy)
    assert_type(dip.with_(size=0.02), rl.Strategy)
    assert_type(rl.strategies["conservative"], rl.Strategy)
    for action in (
        rl.buy(0.1),
        rl.sell(),
        rl.sell(0.5),
        rl.short(0.1),
        rl.cover(),
        rl.sidebet(0.1),
        rl.hold(),
    ):
        assert_type(action, rl.Action)


def recordings(folder: Path) -> None:
    games = rl.load(folder)
    assert_type(games, rl.Games)
    assert_type(rl.sample(), rl.Games)
    assert_type(rl.load(games.ticks), rl.Games)
    assert_type(rl.formats(), pd.DataFrame)
    assert_type(rl.synthetic(10, seed=1), rl.Games)
    assert_type(games.frame, pd.DataFrame)
    assert_type(games.ticks, pd.DataFrame)
    assert_type(games.trades, pd.DataFrame)
    assert_type(games.damage, pd.DataFrame)
    assert_type(games.sql("select 1"), pd.DataFrame)
    assert_type(games.query("peak > 10"), rl.Games)
    assert_type(games[0], rl.Game)
    assert_type(games["20251215-a8311c871b0e4bea"], rl.Game)
    assert_type(games[:10], rl.Games)
    game = games[0]
    assert_type(game.prices, NDArray[np.float64])
    assert_type(game.rug_tick, int | None)
    assert_type(game.status, str)
    assert_type(game.verified, bool | None)
    assert_type(game.frame, pd.DataFrame)
    assert_type(game.plot(), rl.Figure)
    assert_type(game.plot().model, LayoutDOM)
    assert_type(game.plot().save("game.svg"), Path)
    assert_type(rl.verify(game), pd.DataFrame)
    assert_type(rl.replay_prices("seed", "game"), NDArray[np.float64])
    rl.seal(folder)
    assert_type(rl.analysis.hazard(games), pd.DataFrame)


def feeds(feed: rl.Feed) -> None:
    live = rl.LiveFeed(rl.RUGS_FUN_URL)
    assert_type(live.start(), rl.LiveFeed)
    with rl.GameServer(seed=7) as server, rl.LiveFeed(server.url) as entered:
        assert_type(entered, rl.LiveFeed)
        assert_type(server.url, str)
    assert_type(feed.frame, pd.DataFrame)
    assert_type(feed.game, rl.Game | None)
    assert_type(feed.games, rl.Games)
    assert_type(feed.signal, rl.GameSignal | None)
    assert_type(feed.phase, rl.Phase)
    assert_type(feed.state.reason, str)
    assert_type(feed.trades, pd.DataFrame)
    assert_type(feed.metrics["messages [n]"] is None, bool)
    assert_type(feed.paper(dip), rl.Paper)
    assert_type(feed.papers, tuple[rl.Paper, ...])
    assert_type(feed.bots, pd.DataFrame)
    off = feed.on("tick", print)
    assert_type(off(), None)
    replay = rl.ReplayFeed(rl.sample(), playing=False)
    assert_type(replay.wait(ticks=1), rl.ReplayFeed)


def accounts(paper: rl.Paper) -> None:
    assert_type(paper.ledger, pd.DataFrame)
    assert_type(paper.trades, pd.DataFrame)
    assert_type(paper.orders, pd.DataFrame)
    assert_type(paper.equity, pd.DataFrame)
    assert_type(paper.trace, pd.DataFrame)
    assert_type(paper.strategy, rl.Strategy | None)
    assert_type(paper.strategy_state, str)


def results(games: rl.Games) -> None:
    run = rl.backtest(dip, games, cash=1.0, drop=0.9)
    assert_type(run, rl.Run)
    assert_type(run.trades, pd.DataFrame)
    assert_type(run.equity, pd.DataFrame)
    assert_type(run.plot(), rl.Figure)
    assert_type(run.strategy, rl.Strategy)
    assert_type(rl.check(dip, games), Report)
    found = rl.sweep(dip, games, drop=[0.7, 0.85])
    assert_type(found, rl.Sweep)
    assert_type(found.frame, pd.DataFrame)
    assert_type(found.best(), Best)
    assert_type(found.plot(), rl.Figure)
    assert_type(rl.compare(run, run), Comparison)
    marked = games.ticks.assign(enter=True, leave=False)
    assert_type(rl.signals(marked["enter"], marked["leave"]), rl.Strategy)
    assert_type(rl.models.load("model.onnx"), rl.Strategy)


def widgets(feed: rl.Feed, games: rl.Games) -> None:
    view = rl.watch(feed)
    assert_type(view.feed, rl.Feed)
    assert_type(view.frame, pd.DataFrame)
    replay = rl.replay(games, strategy=dip, playing=False)
    assert_type(replay.tick, int)
    assert_type(replay.paper.ledger, pd.DataFrame)
    lab = rl.lab(dip, games)
    assert_type(lab.run, rl.Run | None)
    assert_type(rl.demo().start().running, bool)
    assert_type(rl.__version__, str)
