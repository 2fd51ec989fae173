"""`TearSheet`: a run on one page of HTML, figures as SVG inside, which opens without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from rugs_lab.figures.run_figure_state import thinned
from rugs_lab.figures.svg_chart import Layer, chart, style
from rugs_lab.game.money import BILLION
from rugs_lab.trading.account.fill_marks import played_game
from rugs_lab.trading.backtest.game_replay import replayed
from rugs_lab.trading.backtest.run_stats import table_html

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from rugs_lab.recordings.games.game import Game
    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.account.ledger import Entry
    from rugs_lab.trading.engine.game_results import GameResults
    from rugs_lab.trading.strategy.strategy import Strategy

EXTREMES: Final = 3
"""Best and worst games that are shown."""
MOST_STEPS: Final = 8
MOST_MARKS: Final = 300
ACTED: Final = 300
"""Entries and exits are those of the first so many games."""
_SEEN: Final = ("tick", "price", "units", "decision", "result")


@dataclass(frozen=True, slots=True, repr=False)
class TearSheet:
    """A page that shows itself: one line of title, and its HTML."""

    title: str
    body: str

    def save(self, path: str | PathLike[str]) -> None:
        """Write it as a file that opens without a network."""
        head = "<meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        head += f"<title>{escape(self.title)}</title><style>body{{margin:0}}</style>"
        page = f"<!DOCTYPE html><html lang='en'><head>{head}</head><body>{self.body}</body></html>"
        Path(path).write_text(page, "utf-8")

    def _repr_html_(self) -> str:
        return self.body

    def __repr__(self) -> str:
        return f"<TearSheet of {self.title.strip('<>')}: .save('file.html') writes it>"


def tear_sheet(
    title: str,
    strategy: Strategy,
    games: Games,
    results: GameResults,
    stats: pd.DataFrame,
    bankroll: pd.DataFrame,
    games_at: Callable[[Sequence[int]], list[tuple[Game, list[Entry]]]],
) -> TearSheet:
    """Return the page of a run; the parameters are what `rugs_lab.trading.backtest.run.Run` has."""
    from rugs_lab.trading.check.check import check

    charts = [
        _equity(results),
        _bankroll(bankroll),
        _by_game(results.profit / BILLION),
        _entries_and_exits(games_at(np.flatnonzero((results.buys + results.bets)[:ACTED]).tolist())),
    ]
    order = np.argsort(results.profit, kind="stable")
    few = min(EXTREMES, len(order) // 2)
    best, worst = order[::-1][:few].tolist(), order[:few].tolist()
    parts = [
        f"<style>{style()}</style><div class='rl-sheet'><h1>{escape(strategy.name)}</h1>",
        f"<p>{escape(title.strip('<>'))}</p><p>{escape(repr(strategy).strip('<>'))}</p>",
        f"<div class='charts'>{''.join(f'<div>{each}</div>' for each in charts)}</div>",
        f"<h2>Figures</h2><div class='wide'>{table_html(stats)}</div>",
    ]
    for words, places in (("best", best), ("worst", worst)):
        shown = "".join(_game(strategy, games, results, place) for place in places)
        parts.append(
            f"<h2>The {words} games, and what it saw when it acted</h2><div class='games'>{shown}</div>"
        )
    options = replace(results.options, carry=True, take=None, loss=None, max_games=None)
    checks = check(strategy, games, options)._repr_html_() if len(games) else ""
    parts.append(f"<h2>Checks</h2><div class='wide'>{checks}</div></div>")
    return TearSheet(title, "".join(parts))


def _equity(results: GameResults) -> str:
    equity = np.concatenate([[results.start], results.equity]) / BILLION
    at = thinned(equity, np.maximum.accumulate(equity) - equity)
    layers = [Layer("rule", [], equity[:1]), Layer("line", at, equity[at])]
    return chart("equity after each game", "games played", "SOL", layers)


def _bankroll(frame: pd.DataFrame) -> str:
    x, median = frame.index.to_numpy(), frame["median"].to_numpy()
    layers = [
        Layer("band", x, frame["low"].to_numpy(), frame["high"].to_numpy()),
        Layer("rule", [], median[:1]),
        Layer("line", x, median),
    ]
    return chart("bankroll of a session: median, 5 to 95 % of sessions", "games", "SOL", layers)


def _by_game(profit: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    at = np.arange(len(profit))
    if len(profit) > ACTED:  # the extremes of each stretch
        parts = np.array_split(at, ACTED // 2)
        at = np.unique(
            [each for part in parts for each in (part[profit[part].argmin()], part[profit[part].argmax()])]
        )
    return chart("profit by game", "games played", "SOL", [Layer("bar", at + 1, profit[at])])


def _entries_and_exits(played: Sequence[tuple[Game, list[Entry]]]) -> str:
    entries = [entry for _, entries in played for entry in entries]
    layers = []
    for kind, what in (
        ("bet", ("sidebet",)),
        ("rug", ("rug", "short rug", "liquidated")),
        ("buy", ("buy", "cover")),
        ("sell", ("sell", "short")),
    ):
        some = [entry for entry in entries if entry.what in what]
        some = some[:: max(1, len(some) // MOST_MARKS)]
        words = [f"{each.what} at tick {each.tick}, {each.price:.4g}x" for each in some]
        layers.append(Layer(kind, [each.tick for each in some], [each.price for each in some], None, words))
    title = f"entries and exits in {len(played):,} games: ▲ buy ▼ sell ■ rug ◆ side bet"
    return chart(title, "tick", "price (x)", layers, log=True)


def _game(strategy: Strategy, games: Games, results: GameResults, place: int) -> str:
    frame, entries = replayed(strategy, games, results, place)
    game = played_game(games[place], entries)
    end = game.rug_tick or len(game.prices)
    layers = [Layer("line", np.arange(end), game.prices[:end])]
    kinds = {"buy": "buy", "sell": "sell", "settled": "rug"}
    for what, kind in kinds.items():
        some = [fill for fill in game.fills if fill.what == what]
        words = [f"{fill.label} at tick {fill.tick}" for fill in some]
        layers.append(Layer(kind, [fill.tick for fill in some], [fill.price for fill in some], None, words))
    at = [bet.start for bet in game.bets]
    layers.append(Layer("bet", at, game.prices[at] if at else []))
    title = f"{game.name}: {results.profit[place] / BILLION:+.4g} SOL, rug at tick {game.rug_tick}"
    acted = frame[frame["decision"] != "hold()"][list(_SEEN)]
    more = f"<p>the first {MOST_STEPS} of {len(acted):,} orders</p>" if len(acted) > MOST_STEPS else ""
    table = acted.head(MOST_STEPS).to_html(
        index=False, border=0, classes="steps", float_format="{:.4g}".format
    )
    picture = chart(title, "tick", "price (x)", layers, log=True)
    return f"<div>{picture}{more}<div class='wide'>{table}</div></div>"
