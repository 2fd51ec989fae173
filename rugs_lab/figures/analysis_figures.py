"""Figures of `rugs_lab.analysis`: a frame of it in, an ordinary Bokeh figure out, ``"light"`` or ``"dark"``.

Every figure has its n in the title, draws the 95 % interval as a bar and the baseline dashed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.figures.figure_base import data_source, hover, legend
from rugs_lab.figures.interval_figures import (
    below_top,
    beyond,
    dashed,
    flat,
    plain_figure,
    points,
    rows_figure,
)
from rugs_lab.figures.palette import palette
from rugs_lab.game.limits import RUG_FACTOR, TICK_MS
from rugs_lab.game.sidebet import SIDEBET_PAYOUT

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.plotting import figure

_TICK: Final = f"tick ({TICK_MS} ms each)"
_EXPECTED: Final = "published price process"


def hazard_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return the chance of a rug per tick by the age of the game; see `rugs_lab.analysis.hazard_by_tick`."""
    colours = palette(theme)
    total = f"{int(frame['rugs'].sum()):,} rugs in {int(frame['n_ticks'].sum()):,} ticks"
    plot = plain_figure(
        colours, f"Chance of a rug per tick, by age of the game (n = {total})", _TICK, "chance per tick"
    )
    shown = frame[frame["n_ticks"] > 0]
    last = float(shown["from_tick"].max() * 1.5) if len(shown) else 100.0
    left, right = shown["from_tick"] - 1, np.minimum(shown["to_tick"], last)
    shown = shown.assign(x=(left + right) / 2)
    points(
        plot,
        colours,
        _points(shown, "x", "hazard_per_tick", "n_ticks"),
        [("ticks", "@n{0,0}"), ("chance per tick", "@y{0.00000}")],
        spans=(left, right),
    )
    flat(plot, colours, frame["baseline"].iloc[0], _EXPECTED)
    below_top(plot, colours, shown, "x", "n_ticks")
    return legend(plot, colours)


def survival_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return the share of games that live past each tick; see `rugs_lab.analysis.survival`."""
    colours = palette(theme)
    n = int(frame["n_games"].max()) if len(frame) else 0
    plot = plain_figure(
        colours, f"Games that live past a tick (n = {n:,} at risk at most)", _TICK, "share of games"
    )
    shown = frame.dropna(subset=["survival"])
    data = _points(shown, "tick", "survival", "n_games")
    x, low, high = (np.repeat(np.asarray(data[name], float), 2) for name in ("x", "low", "high"))
    look: dict[str, Any] = {"color": colours.price, "alpha": 0.2, "legend_label": "95 % interval"}
    plot.varea(x[1:-1], low[:-2], high[:-2], **look)  # steps
    source = data_source("points", {name: np.asarray(values) for name, values in data.items()})
    look = {"color": colours.price, "line_width": 2, "legend_label": "these games"}
    line = plot.step("x", "y", mode="after", source=source, **look)
    tips = [("tick", "@x"), ("live past it", "@y{0.000}"), ("at risk", "@n{0,0}")]
    hover(plot, [line], tips, mode="vline")
    dashed(plot, colours, shown["tick"], shown["baseline"], _EXPECTED)
    plot.y_range.update(start=0, end=1.02)
    return legend(plot, colours)


def peaks_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return the share of games that reach each level, on log axes; see `rugs_lab.analysis.peaks`."""
    colours = palette(theme)
    n = int(frame["n_games"].max()) if len(frame) else 0
    plot = plain_figure(
        colours,
        f"Games that reach a price (n = {n:,})",
        "price (x, log)",
        "share of games (log)",
        x_axis_type="log",
        y_axis_type="log",
    )
    lowest = float(frame[["low", "baseline"]].where(lambda values: values > 0).min().min()) / 2
    some = frame.assign(share=frame["share"].where(frame["share"] > 0), low=np.maximum(frame["low"], lowest))
    points(
        plot,
        colours,
        _points(some, "level_x", "share", "reached"),
        [("price", "@x{0.[0]}x"), ("games", "@n{0,0}"), ("share", "@y{0.0000}")],
    )
    dashed(plot, colours, frame["level_x"], frame["baseline"], f"{_EXPECTED} (simulated)")
    none = frame.loc[(frame["n_games"] > 0) & (frame["share"] == 0), "level_x"]
    beyond(plot, colours, none, lowest * 1.1, "inverted_triangle", "reached by none (share 0)")
    plot.y_range.update(start=lowest, end=1.2)
    plot.xaxis.ticker = frame["level_x"].tolist()
    return legend(plot, colours)


def returns_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return how often each return comes, the rug tick apart; see `rugs_lab.analysis.return_histogram`."""
    colours = palette(theme)
    n = int(frame["n_ticks"].iloc[0]) if len(frame) else 0
    plot = plain_figure(
        colours,
        f"Returns from tick to tick (n = {n:,})",
        "return of one tick",
        "ticks (log)",
        y_axis_type="log",
    )
    for name, label, colour, hatch in (
        ("ticks", "ticks without rug", colours.price, " "),
        ("rugs", "rug ticks", colours.rug, "/"),
    ):
        some = frame[frame[name] > 0]
        look: dict[str, Any] = {"fill_alpha": 0.55, "hatch_pattern": hatch, "legend_label": label}
        look |= dict.fromkeys(("fill_color", "line_color", "hatch_color"), colour)
        left, right, top = (some[each].to_numpy(float) for each in ("from_return", "to_return", name))
        plot.quad(left=left, right=right, top=top, bottom=0.5, **look)
    plot.y_range.update(start=0.5, end=max(2.0, float(frame["ticks"].max()) * 2) if len(frame) else 2.0)
    plot.xaxis.formatter = _percent()
    return legend(plot, colours)


def rug_prices_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return rug prices over the lowest price before; see `rugs_lab.analysis.rug_prices`."""
    colours = palette(theme)
    agree = int(frame["agrees"].sum())
    plot = plain_figure(
        colours,
        f"Rug price and lowest price before it (n = {len(frame):,} games, {agree:,} agree bit for bit)",
        "lowest price before the rug (x, log)",
        "rug price (x, log)",
        x_axis_type="log",
        y_axis_type="log",
    )
    if len(frame):
        ends = np.array([frame["lowest"].min(), frame["lowest"].max()])
        dashed(plot, colours, ends, ends * RUG_FACTOR, "lowest price x 0.02")
    for name, marker, colour, of in (
        ("agrees", "circle", colours.price, True),
        ("does not", "x", colours.rug, False),
    ):
        some = frame[frame["agrees"] == of]
        look: dict[str, Any] = {"marker": marker, "size": 7, "color": colour, "alpha": 0.7}
        x, y = (some[each].to_numpy(float) for each in ("lowest", "rug_price"))
        if len(some):
            plot.scatter(x, y, legend_label=f"{name} ({len(some):,})", **look)
    return legend(plot, colours)


def sidebets_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return the share of side bets that win, by entry tick; see `rugs_lab.analysis.sidebets`."""
    colours = palette(theme)
    n = f"{int(frame['n_games'].max()):,} to {int(frame['n_games'].min()):,}" if len(frame) else "0"
    plot = plain_figure(colours, f"Side bets that win, by entry tick (n = {n} games)", _TICK, "share of bets")
    points(
        plot,
        colours,
        _points(frame, "entry_tick", "win_share", "n_games"),
        [("entry", "tick @x"), ("games", "@n{0,0}"), ("win", "@y{0.000}")],
    )
    flat(plot, colours, frame["baseline"].iloc[0], _EXPECTED)
    flat(plot, colours, 1 / SIDEBET_PAYOUT, "break-even, 20 %", dash=[2, 2], colour=colours.rug)
    plot.y_range.update(start=0, end=max(0.3, float(frame["high"].fillna(0).max())) * 1.08)
    plot.yaxis.formatter = _percent()
    return legend(plot, colours)


def trades_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return recorded trades per tick by age of the game; see `rugs_lab.analysis.trades_by_tick`."""
    colours = palette(theme)
    total = int(frame["trades"].sum())
    plot = plain_figure(colours, f"Recorded trades per tick (n = {total:,} trades)", _TICK, "trades per tick")
    kinds = list(frame["type"].unique())
    markers = ("circle", "square", "triangle", "diamond")
    shades = {"buy": colours.buy, "sell": colours.sell}
    for place, kind in enumerate(kinds):
        some = frame[(frame["type"] == kind) & (frame["n_ticks"] > 0)]
        right = np.minimum(some["to_tick"], some["from_tick"].max() * 1.5)
        middle = (some["from_tick"] - 1 + right) / 2 + place * 2
        points(
            plot,
            colours,
            _points(some.assign(x=middle), "x", "trades_per_tick", "trades"),
            [("trades", "@n{0,0}"), ("per tick", "@y{0.000}")],
            name=f"points {kind}",
            label=kind,
            colour=shades.get(kind, colours.others[place % len(colours.others)]),
            marker=markers[place % len(markers)],
        )
    plot.y_range.update(start=0)
    return legend(plot, colours)


def hours_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return the chance of a rug per tick by hour of the day; see `rugs_lab.analysis.by_hour`."""
    colours = palette(theme)
    n = int(frame["n_games"].sum())
    plot = plain_figure(
        colours,
        f"Chance of a rug per tick, by the hour in which a game began (n = {n:,} games)",
        "hour of the day (UTC)",
        "chance per tick",
    )
    some = frame[frame["n_ticks"] > 0]
    points(
        plot,
        colours,
        _points(some, "hour_utc", "hazard_per_tick", "n_games"),
        [("hour", "@x"), ("games", "@n{0,0}"), ("chance per tick", "@y{0.00000}")],
    )
    flat(plot, colours, frame["baseline"].iloc[0], _EXPECTED)
    plot.x_range.update(start=-0.5, end=23.5)
    below_top(plot, colours, some, "hour_utc", "n_ticks")
    plot.xaxis.ticker = list(range(0, 24, 3))
    return legend(plot, colours)


def estimates_figure(frame: pd.DataFrame, title: str, *, theme: str = "light") -> figure:
    """Return a table of estimates (`rugs_lab.estimates.intervals.EstimateRow`) of one unit as points."""
    colours = palette(theme)
    names = [f"{row['measure']} (n = {row['n']:,} {row['n_unit']})" for row in frame.to_dict("records")]
    unit = frame["unit"].iloc[0] if len(frame) else ""
    return rows_figure(colours, title, names, _rows(frame, "value"), str(unit), "baseline")


def durations_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return how long games last; see `rugs_lab.analysis.durations`."""
    return estimates_figure(frame, "How long games last", theme=theme)


def drawdowns_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return how often prices draw down from their peak and come back; see `rugs_lab.analysis.drawdowns`."""
    title = "Drawdowns from the peak, and returns to it, before the rug"
    plot = estimates_figure(frame.assign(unit="share of games"), title, theme=theme)
    plot.xaxis.formatter = _percent()
    return plot


def players_figure(frame: pd.DataFrame, *, theme: str = "light", most: int = 20) -> figure:
    """Return what the players with the most records are known to have made; see `rugs_lab.analysis.players`.

    With settled side bets: the share of them that won, by player. Without: nothing but trades is known, and
    the profit of complete round trips is shown, in SOL.
    """
    colours = palette(theme)
    bets = frame[frame["bets"] > 0].head(most)
    if len(bets):
        names = [f"{name} (n = {n} bets)" for name, n in zip(bets.index, bets["bets"], strict=True)]
        title = "Side bets that won, by player"
        return rows_figure(colours, title, names, _rows(bets, "win_share"), "share of bets", _EXPECTED)
    trips = frame[frame["round_trips"] > 0].nlargest(most, "round_trips")
    names = [
        f"{name} (n = {n} round trips)" for name, n in zip(trips.index, trips["round_trips"], strict=True)
    ]
    nothing = np.full(len(trips), np.nan)
    profit = trips["round_trip_profit_sol"].to_numpy(float)
    known = {"value": profit, "low": nothing, "high": nothing, "baseline": np.zeros(len(trips))}
    title = "Profit of known round trips, by player (practice left out)"
    return rows_figure(colours, title, names, known, "SOL", "even")


def quality_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return how complete the recordings are; see `rugs_lab.analysis.quality`."""
    colours = palette(theme)
    some = frame[frame["count"] > 0]
    names = [
        f"{row['what']}: {row['kind']} ({row['count']:,} of {row['n']:,})" for row in some.to_dict("records")
    ]
    title = "Completeness of the recordings"
    plot = rows_figure(colours, title, names, _rows(some, "share"), "share", "undamaged")
    plot.xaxis.formatter = _percent()
    return plot


def _points(frame: pd.DataFrame, x: str, y: str, n: str) -> dict[str, Any]:
    """Return the columns of `points`: values with their intervals over x, and what they rest on."""
    return {"x": frame[x], "y": frame[y], "low": frame["low"], "high": frame["high"], "n": frame[n]}


def _rows(frame: pd.DataFrame, value: str) -> dict[str, Any]:
    """Return the columns of `rows_figure`."""
    return {"value": frame[value], **{name: frame[name] for name in ("low", "high", "baseline")}}


def _percent() -> Any:
    from bokeh.models import NumeralTickFormatter

    return NumeralTickFormatter(format="0 %")
