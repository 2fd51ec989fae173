"""`TearSheet`: a run on one page of HTML, figures as pictures inside, which opens without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from html import escape
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.figures import run_figures as draw
from rugs_lab.figures.figure import Figure
from rugs_lab.figures.palette import DARK, LIGHT, Palette
from rugs_lab.game.money import BILLION
from rugs_lab.progress import progress
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.fill_marks import bets_of, fills_of, played_game
from rugs_lab.trading.account.ledger import Entry
from rugs_lab.trading.backtest.game_replay import replayed
from rugs_lab.trading.backtest.run_stats import table_html
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.strategy.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

EXTREMES: Final = 3
"""Best and worst games that are shown."""
MOST_STEPS: Final = 8
ACTED: Final = 300
"""Entries and exits are those of the first so many games."""
WIDTH: Final = 560
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
        Path(path).write_text(page, "utf-8", newline="\n")

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
    from bokeh.layouts import column

    from rugs_lab.trading.check.check import check

    equity, cash = results.equity / BILLION, results.start / BILLION
    played = games_at(np.flatnonzero((results.buys + results.bets)[:ACTED]).tolist())
    fills = [fill for _, entries in played for fill in fills_of(entries)]
    bets = [bet for _, entries in played for bet in bets_of(entries)]
    words = f"entries and exits in {len(played):,} games"
    charts = [
        _picture(lambda theme: column(draw.equity_figures(equity, cash, theme=theme)), "equity"),
        _picture(lambda theme: draw.bankroll_figure(bankroll, theme=theme), "bankroll of a session"),
        _picture(lambda theme: draw.by_game_figure(results.profit / BILLION, theme=theme), "profit by game"),
        _picture(lambda theme: draw.orders_figure(fills, bets, words, theme=theme), words),
    ]
    order = np.argsort(results.profit, kind="stable")
    few = min(EXTREMES, len(order) // 2)
    best, worst = order[::-1][:few].tolist(), order[:few].tolist()
    parts = [
        f"<style>{_style()}</style><div class='rl-sheet'><h1>{escape(strategy.name)}</h1>",
        f"<p>{escape(title.strip('<>'))}</p><p>{escape(repr(strategy).strip('<>'))}</p>",
        f"<div class='charts'>{''.join(f'<div>{each}</div>' for each in charts)}</div>",
        f"<h2>Figures</h2><div class='wide'>{table_html(stats)}</div>",
    ]
    drawn = [_game(strategy, games, results, place) for place in progress(best + worst, "drawing", "games")]
    for name, shown in (("best", "".join(drawn[:few])), ("worst", "".join(drawn[few:]))):
        head = f"<h2>The {name} games, and what it saw when it acted</h2>"
        parts.append(f"{head}<div class='games'>{shown}</div>")
    options = replace(results.options, carry=True, take=None, loss=None, max_games=None)
    checks = check(strategy, games, options)._repr_html_() if len(games) else ""
    parts.append(f"<h2>Checks</h2><div class='wide'>{checks}</div></div>")
    return TearSheet(title, "".join(parts))


def _game(strategy: Strategy, games: Games, results: GameResults, place: int) -> str:
    frame, entries = replayed(strategy, games, results, place)
    game = played_game(games[place], entries)
    acted = frame[frame["decision"] != "hold()"][list(_SEEN)]
    more = f"<p>the first {MOST_STEPS} of {len(acted):,} orders</p>" if len(acted) > MOST_STEPS else ""
    table = acted.head(MOST_STEPS).to_html(index=False, border=0, float_format="{:.4g}".format)
    picture = _picture(lambda theme: draw.path_figure(game, theme=theme), game.name)
    return f"<div>{picture}{more}<div class='wide'>{table}</div></div>"


def _picture(made: Callable[[str], Any], title: str) -> str:
    return Figure(made, title).picture_html(width=WIDTH)


def _style() -> str:
    """Return the style sheet, light or dark as the system or JupyterLab has it."""
    light, dark = (
        ";".join(f"--{each.name}:{getattr(colours, each.name)}" for each in fields(Palette)[:-1])
        for colours in (LIGHT, DARK)
    )
    return (
        f".rl-sheet{{{light}}}@media(prefers-color-scheme:dark){{.rl-sheet{{{dark}}}}}"
        f"[data-jp-theme-light='true'] .rl-sheet{{{light}}}[data-jp-theme-light='false'] .rl-sheet{{{dark}}}"
        + files("rugs_lab.trading.backtest").joinpath("tear_sheet.css").read_text("utf-8")
    )
