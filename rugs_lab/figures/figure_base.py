"""What all figures have in common: an empty figure in the colours of a theme, data sources, the legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.figures.palette import Palette, palette

if TYPE_CHECKING:
    from bokeh.model import Model
    from bokeh.plotting import figure
    from bokeh.themes import Theme

BUILDING: Final = RLock()
"""Held while a figure is made or written down: Bokeh is not made for two threads that do so at once."""

LEFT_BORDER_PX: Final = 62
FONT: Final = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"


def bare_figure(
    colours: Palette, height: int, x: str, y: str, *, title: str | None = None, **ranges: Any
) -> figure:
    """Return an empty figure in the look of all others, `height` CSS pixels; its title is ``title``."""
    from bokeh.models import WheelZoomTool
    from bokeh.models.annotations import Title
    from bokeh.plotting import figure

    plot = figure(
        height=height,
        sizing_mode="stretch_width",
        tools=["xpan", WheelZoomTool(modifiers="ctrl"), "box_zoom", "save"],
        active_drag="xpan",
        toolbar_location="right",
        toolbar_inner=True,
        output_backend="canvas",
        min_border_left=LEFT_BORDER_PX,
        min_border_right=14,
        lod_threshold=None,
        background_fill_alpha=0,
        border_fill_alpha=0,
        outline_line_color=None,
        **ranges,
    )
    plot.toolbar.logo = None
    plot.toolbar.stylesheets = [":host(.bk-inner) { background: none; opacity: 1; }"]
    plot.toolbar.autohide = True
    plot.grid.grid_line_color = colours.grid
    plot.xaxis.axis_label, plot.yaxis.axis_label = x, y
    if title is not None:
        look: dict[str, Any] = {"text_font": FONT, "text_font_size": "12px", "text_font_style": "normal"}
        plot.title = Title(name="title", text=title, text_color=colours.text, **look)
    for axis in plot.axis:
        axis.axis_line_color = colours.muted
        axis.major_tick_line_color = colours.muted
        axis.minor_tick_line_color = None
        axis.major_label_text_color = colours.text
        axis.axis_label_text_color = colours.muted
        axis.major_label_text_font = axis.axis_label_text_font = FONT
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "11px"
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_standoff = 6
    return plot


def bokeh_theme(theme: str) -> Theme:
    """Return the Bokeh theme for what a figure does not set itself; `theme` as in `palette`."""
    from bokeh.themes import Theme

    colours = palette(theme)
    looks = {
        "Plot": {"background_fill_alpha": 0, "border_fill_alpha": 0, "outline_line_color": None},
        "Axis": {
            "axis_line_color": colours.muted,
            "major_tick_line_color": colours.muted,
            "minor_tick_line_color": None,
            "major_label_text_color": colours.text,
            "axis_label_text_color": colours.muted,
            "axis_label_text_font_style": "normal",
        },
        "Grid": {"grid_line_color": colours.grid},
        "Title": {"text_color": colours.text, "text_font_style": "normal"},
        "Legend": {
            "background_fill_color": colours.ground,
            "background_fill_alpha": 0.75,
            "border_line_color": None,
            "label_text_color": colours.text,
        },
    }
    return Theme(json={"attrs": looks})


def data_source(name: str, columns: Mapping[str, Any] | Iterable[str]) -> Any:
    """Return a named data source: with these columns, or with empty ones of these names."""
    from bokeh.models import ColumnDataSource

    data = columns if isinstance(columns, Mapping) else {column: [] for column in columns}
    return ColumnDataSource(dict(data), name=name)


def set_state(models: Model, state: Mapping[str, Mapping[str, Any]]) -> None:
    """Set what a state says on the named models of a figure or layout."""
    named = {model.name: model for model in models.references()}
    for name, properties in state.items():
        named[name].update(**properties)


def hover(plot: figure, renderers: list[Any], tips: list[tuple[str, str]], **options: Any) -> None:
    """Show words and values, ``"@column{format}"``, of what the mouse is over."""
    from bokeh.models import HoverTool

    plot.add_tools(HoverTool(renderers=renderers, tooltips=tips, **options))


def legend(plot: figure, colours: Palette) -> figure:
    """Put the legend above what is drawn, in the colours of the theme; return the figure."""
    look = {"location": "top_left", "orientation": "horizontal", "background_fill_alpha": 0.0, "padding": 4}
    font = {"text_color": colours.text, "text_font": FONT, "text_font_size": "11px"}
    box: Any
    for box in plot.legend:
        box.update(border_line_color=None, **look, **{f"label_{name}": each for name, each in font.items()})
        plot.add_layout(box, "above")
    return plot
