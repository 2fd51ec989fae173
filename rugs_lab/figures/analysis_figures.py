"""Figures of `rugs_lab.analysis`: a frame of it in, an ordinary Bokeh figure out, ``"light"`` or ``"dark"``.

Every figure has its n in the title, draws the 95 % interval as a bar and the baseline dashed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike

from rugs_lab.figures.figure_base import bare_figure, data_source, hover, legend
from rugs_lab.figures.palette import Palette, palette
from rugs_lab.game.limits import RUG_FACTOR, TICK_MS
from rugs_lab.game.sidebet import SIDEBET_PAYOUT

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.plotting import figure

_TICK: Final = f"tick ({TICK_MS} ms each)"
_EXPECTED: Final = "published price process"
_LOG: Final[dict[str, Any]] = {"x_axis_type": "log", "y_axis_type": "log"}


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
    tips = [("ticks", "@n{0,0}"), ("chance per tick", "@y{0.00000}")]
    data = _points(shown, "x", "hazard_per_tick", "n_ticks")
    points(plot, colours, data, tips, spans=(left, right))
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
    title = f"Games that reach a price (n = {n:,})"
    plot = plain_figure(colours, title, "price (x, log)", "share of games (log)", **_LOG)
    lowest = float(frame[["low", "baseline"]].where(lambda values: values > 0).min().min()) / 2
    some = frame.assign(share=frame["share"].where(frame["share"] > 0), low=np.maximum(frame["low"], lowest))
    tips = [("price", "@x{0.[0]}x"), ("games", "@n{0,0}"), ("share", "@y{0.0000}")]
    points(plot, colours, _points(some, "level_x", "share", "reached"), tips)
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
    title = f"Returns from tick to tick (n = {n:,})"
    plot = plain_figure(colours, title, "return of one tick", "ticks (log)", y_axis_type="log")
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
    n = f"n = {len(frame):,} games, {int(frame['agrees'].sum()):,} agree bit for bit"
    title = f"Rug price and lowest price before it ({n})"
    plot = plain_figure(colours, title, "lowest price before the rug (x, log)", "rug price (x, log)", **_LOG)
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
    tips = [("entry", "tick @x"), ("games", "@n{0,0}"), ("win", "@y{0.000}")]
    points(plot, colours, _points(frame, "entry_tick", "win_share", "n_games"), tips)
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
    markers = ("circle", "square", "triangle", "diamond")
    shades = {"buy": colours.buy, "sell": colours.sell}
    tips = [("trades", "@n{0,0}"), ("per tick", "@y{0.000}")]
    for place, kind in enumerate(frame["type"].unique()):
        some = frame[(frame["type"] == kind) & (frame["n_ticks"] > 0)]
        right = np.minimum(some["to_tick"], some["from_tick"].max() * 1.5)
        middle = (some["from_tick"] - 1 + right) / 2 + place * 2
        colour = shades.get(kind, colours.others[place % len(colours.others)])
        look = {"name": f"points {kind}", "label": kind, "colour": colour, "marker": markers[place % 4]}
        data = _points(some.assign(x=middle), "x", "trades_per_tick", "trades")
        points(plot, colours, data, tips, **look)
    plot.y_range.update(start=0)
    return legend(plot, colours)


def hours_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return the chance of a rug per tick by hour of the day; see `rugs_lab.analysis.by_hour`."""
    colours = palette(theme)
    n = int(frame["n_games"].sum())
    title = f"Chance of a rug per tick, by the hour in which a game began (n = {n:,} games)"
    plot = plain_figure(colours, title, "hour of the day (UTC)", "chance per tick")
    some = frame[frame["n_ticks"] > 0]
    tips = [("hour", "@x"), ("games", "@n{0,0}"), ("chance per tick", "@y{0.00000}")]
    points(plot, colours, _points(some, "hour_utc", "hazard_per_tick", "n_games"), tips)
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
        names = [f"{name} (n = {n} bets)" for name, n in bets["bets"].items()]
        title = "Side bets that won, by player"
        return rows_figure(colours, title, names, _rows(bets, "win_share"), "share of bets", _EXPECTED)
    trips = frame[frame["round_trips"] > 0].nlargest(most, "round_trips")
    names = [f"{name} (n = {n} round trips)" for name, n in trips["round_trips"].items()]
    nothing = np.full(len(trips), np.nan)
    profit = trips["round_trip_profit_sol"].to_numpy(float)
    known = {"value": profit, "low": nothing, "high": nothing, "baseline": np.zeros(len(trips))}
    title = "Profit of known round trips, by player (practice left out)"
    return rows_figure(colours, title, names, known, "SOL", "even")


def quality_figure(frame: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return how complete the recordings are; see `rugs_lab.analysis.quality`."""
    colours = palette(theme)
    some = frame[frame["count"] > 0]
    columns = zip(*(some[name] for name in ("what", "kind", "count", "n")), strict=True)
    names = [f"{what}: {kind} ({count:,} of {n:,})" for what, kind, count, n in columns]
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


HEIGHT: Final = 300
_ROW_PX: Final = 24


def plain_figure(
    colours: Palette, title: str, x: str, y: str, height: int = HEIGHT, **options: Any
) -> figure:
    """Return an empty figure with a title and labelled axes in the colours of a theme."""
    from bokeh.models import PrintfTickFormatter

    plot = bare_figure(colours, height, x, y, title=title, **options)
    for axis, kind in ((plot.xaxis, "x_axis_type"), (plot.yaxis, "y_axis_type")):
        if options.get(kind) == "log":
            axis.formatter = PrintfTickFormatter(format="%.3g")
    return plot


def points(
    plot: figure,
    colours: Palette,
    data: Mapping[str, ArrayLike],
    tips: Sequence[tuple[str, str]],
    *,
    spans: tuple[ArrayLike, ArrayLike] | None = None,
    name: str = "points",
    label: str = "these games",
    colour: str | None = None,
    marker: str = "circle",
) -> None:
    """Draw points ``x``, ``y`` with intervals ``low`` to ``high``; `spans` draws each bin's width, too."""
    shade = colour or colours.price
    columns: dict[str, Any] = {key: np.asarray(values, float) for key, values in data.items()}
    if spans is not None:
        columns["left"], columns["right"] = (np.asarray(each, float) for each in spans)
    source = data_source(name, columns)
    plot.segment("x", "low", "x", "high", source=source, color=shade, line_width=2, alpha=0.8)
    if spans is not None:
        plot.segment("left", "y", "right", "y", source=source, color=shade, line_width=1, alpha=0.8)
    dots = plot.scatter("x", "y", source=source, marker=marker, size=7, color=shade, legend_label=label)
    interval = ("95 % interval", "@low{0.0000} to @high{0.0000}")
    hover(plot, [dots], [*tips, interval])


def beyond(plot: figure, colours: Palette, x: ArrayLike, edge: float, marker: str, label: str) -> None:
    """Mark at the `edge` of a figure what continues beyond it or has no place within."""
    at = np.asarray(x, float)
    look: dict[str, Any] = {"fill_color": None, "line_color": colours.price, "legend_label": label}
    if len(at):
        plot.scatter(at, np.full(len(at), edge), marker=marker, size=9, **look)


def below_top(plot: figure, colours: Palette, frame: pd.DataFrame, x: str, n: str) -> None:
    """End the axis where the intervals do, but for those of little (`n`): they would squeeze the others."""
    shown = frame[frame[n] > 0]
    top = float(shown.loc[shown[n] >= shown[n].max() / 50, "high"].max()) * 1.08 if len(shown) else 1.0
    plot.y_range.update(start=0, end=top)
    wider = shown[shown["high"] > top]
    beyond(plot, colours, wider[x], top * 0.97, "triangle", "interval continues")


def dashed(plot: figure, colours: Palette, x: ArrayLike, y: ArrayLike, label: str) -> None:
    """Draw a baseline that is not level."""
    look: dict[str, Any] = {"color": colours.muted, "line_dash": [6, 4], "line_width": 2}
    plot.line(np.asarray(x, float), np.asarray(y, float), legend_label=label, **look)


def flat(
    plot: figure,
    colours: Palette,
    y: float,
    label: str,
    *,
    dash: Sequence[int] = (6, 4),
    colour: str | None = None,
) -> None:
    """Draw a level baseline across the whole figure."""
    words = label if "%" in label else f"{label}: {y:.4g}"
    look: dict[str, Any] = {"line_color": colour or colours.muted, "line_dash": list(dash), "line_width": 2}
    plot.hspan(y=[float(y)], legend_label=words, **look)


def rows_figure(
    colours: Palette,
    title: str,
    names: Sequence[str],
    data: Mapping[str, ArrayLike],
    unit: str,
    baseline: str,
) -> figure:
    """Return estimates as named rows from top to bottom: ``value``, ``low``, ``high``, ``baseline``."""
    # The same name may stand there twice; a range of names may not hold it twice.
    seen: dict[str, int] = {}
    rows = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        rows.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    tall = max(140, 90 + _ROW_PX * len(rows))
    plot = plain_figure(colours, title, unit, "", tall, y_range=rows[::-1])
    columns: dict[str, Any] = {key: np.asarray(values, float) for key, values in data.items()}
    source = data_source("points", {**columns, "name": rows})
    plot.segment("low", "name", "high", "name", source=source, color=colours.price, line_width=2, alpha=0.8)
    look: dict[str, Any] = {"marker": "dash", "angle": np.pi / 2, "size": 18, "line_width": 3}
    look |= {"color": colours.muted, "legend_label": baseline}
    expected = plot.scatter("baseline", "name", source=source, **look)
    dots = plot.scatter("value", "name", source=source, size=8, color=colours.price, legend_label="estimate")
    tips = [("", "@name"), (unit, "@value{0.0000}"), ("95 %", "@low{0.0000} to @high{0.0000}")]
    hover(plot, [dots, expected], [*tips, (baseline, "@baseline{0.0000}")])
    plot.ygrid.grid_line_color = None
    return legend(plot, colours)
