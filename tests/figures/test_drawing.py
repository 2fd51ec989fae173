"""Figures drawn without a browser: what is in the SVG, and that the PNG has it too."""

import re
import warnings
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from bokeh.layouts import row
from bokeh.models import ColumnDataSource, Whisker
from bokeh.plotting import figure
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.figures.drawing import Drawing
from rugs_lab.figures.palette import DARK, LIGHT
from rugs_lab.figures.ticks import log_ticks, round_ticks

GAMES = rl.sample()
SVG = "{http://www.w3.org/2000/svg}"
NUMBER = r"-?\d+(?:\.\d+)?"


def svg(shown, tmp_path, **options):
    return ElementTree.fromstring(shown.save(tmp_path / "figure.svg", **options).read_text())


def words(root):
    return [each.text for each in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", [n for n in dir(GAMES.plot) if n != "paths"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_figure_of_games_is_drawn_in_both_themes(tmp_path, name, theme):
    shown = getattr(GAMES.plot, name)()
    root = svg(shown, tmp_path, theme=theme)
    colours = LIGHT if theme == "light" else DARK
    assert root.find(f"{SVG}rect").get("fill") == colours.ground
    assert root.find(f"{SVG}title").text == shown.title
    assert len(list(root.iter(f"{SVG}path"))) > 5
    assert len(shown.picture_html()) < 60_000


def test_a_path_has_each_price_at_its_place(tmp_path):
    game = GAMES[3]
    root = svg(game.plot(), tmp_path, width=900)
    lines = [each.get("d") for each in root.iter(f"{SVG}path") if each.get("stroke") == LIGHT.price]
    steps = np.array([[float(n) for n in re.findall(NUMBER, pair)] for pair in lines[0][1:].split("l")])
    points = steps.cumsum(axis=0)
    low, high = game.plot().model.y_range.start, game.plot().model.y_range.end
    box = next(each for each in root.iter(f"{SVG}svg") if each is not root)
    top, height = float(box.get("y")), float(box.get("height"))
    expected = top + height * (1 - np.log(game.prices / low) / np.log(high / low))
    assert len(points) == len(game.prices)
    np.testing.assert_allclose(points[:, 1], expected, atol=0.051)


def test_a_long_path_keeps_its_extremes_and_not_every_point(tmp_path):
    prices = np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.02, 50_000)))
    prices[17_777] = 1e-3
    figure = rl.Game("long", prices).plot()
    file = figure.save(tmp_path / "long.svg")
    assert file.stat().st_size < 100_000
    root = ElementTree.fromstring(file.read_text())
    (line,) = [each.get("d") for each in root.iter(f"{SVG}path") if each.get("stroke") == LIGHT.price]
    heights = np.cumsum([float(pair.split()[1]) for pair in line[1:].split("l")])
    box = next(each for each in root.iter(f"{SVG}svg") if each is not root)
    low, high = figure.model.y_range.start, figure.model.y_range.end
    for price, found in ((prices.min(), max(heights)), (prices.max(), min(heights))):
        expected = float(box.get("y")) + float(box.get("height")) * (
            1 - np.log(price / low) / np.log(high / low)
        )
        assert found == pytest.approx(expected, abs=0.051)


def test_hostile_names_are_text(tmp_path):
    plot = figure(title="<script>alert(1)</script>", x_range=["<b>", "&"])
    plot.scatter(["<b>", "&"], [1, 2], legend_label="<i>")
    root = svg(rl.Figure(plot, "</title><script>"), tmp_path)
    assert {"<script>alert(1)</script>", "<b>", "&", "<i>"} <= set(words(root))
    assert not list(root.iter(f"{SVG}script"))
    assert "<script" not in rl.Figure(plot, "<script>", facts=[("<script>", "<script>")]).picture_html()


def test_a_figure_of_ones_own_takes_the_theme_and_its_whiskers_and_bars_are_drawn(tmp_path):
    data = ColumnDataSource({"x": [1, 2], "y": [3, 4], "low": [2, 3], "high": [4, 5]})
    plot = figure(title="mine")
    plot.scatter("x", "y", source=data)
    plot.add_layout(Whisker(base="x", lower="low", upper="high", source=data, line_color="#123456"))
    plot.vbar([1, 2], 0.5, [1, 2], 0, fill_color="#654321")
    shown = rl.Figure(row(plot, sizing_mode="stretch_width"))
    root = svg(shown, tmp_path)
    labels = [each for each in root.iter(f"{SVG}text") if each.get("text-anchor") == "end"]
    assert labels
    assert all(float(each.get("x")) - 6 * len(each.text) > 0 for each in labels), "cut off on the left"
    looks = [(each.get("stroke"), each.get("fill")) for each in root.iter(f"{SVG}path")]
    assert [look[0] for look in looks].count("#123456") == 2
    assert [look[1] for look in looks].count("#654321") == 2
    light, dark = (str(shown.json_item(theme)) for theme in ("light", "dark"))
    assert LIGHT.text in light
    assert DARK.text in dark


def test_files_by_their_ending(tmp_path):
    shown = GAMES[0].plot()
    image = Image.open(shown.save(tmp_path / "a.png", theme="dark", width=500))
    assert image.size == (1000, 640)
    assert bytes(image.convert("RGB").getpixel((5, 5))).hex() == DARK.ground[1:]
    assert len(image.convert("RGB").getcolors(100_000)) > 20
    page = shown.save(tmp_path / "a.html").read_text()
    assert not re.search(r"<(?:script|link)[^>]* (?:src|href)=", page)
    assert "price of game" in page
    for name, options in (("a.pdf", {}), ("a.svg", {"width": 3}), ("a.svg", {"theme": "pink"})):
        with pytest.raises(ArgumentError):
            shown.save(tmp_path / name, **options)


def test_nothing_to_draw(tmp_path):
    empty = GAMES[:0]
    for shown in (rl.Game("", np.empty(0)).plot(), empty.plot.hazard(), empty.plot.survival()):
        svg(shown, tmp_path)
    for n in (0, 501, True, 2.0):
        with pytest.raises(ArgumentError):
            GAMES.plot.paths(n)


@settings(max_examples=200, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(1.0001, 1e6), st.integers(1, 12))
def test_ticks_are_round_inside_and_not_too_many(low, factor, room):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for found in (log_ticks(low, low * factor, room), round_ticks(low, low * factor, room)):
            assert all(low * 0.999 <= each <= low * factor * 1.001 for each in found)
            assert len(found) <= 2 * room + 2
            assert len(set(found)) == len(found)


def test_log_ticks_are_1_2_and_5_wherever_those_are_enough():
    assert log_ticks(0.2, 2.5, 6) == [0.2, 0.5, 1.0, 2.0]
    assert log_ticks(0.004, 30, 9)[-2:] == [3.0, 10.0] or log_ticks(0.004, 30, 9)[-1] == 30.0
    assert log_ticks(0.8, 1.9, 6) == [0.8, 1.0, 1.2, 1.5]


def test_a_minus_has_a_shape_in_a_png():
    """Pillow's own font has none for the minus sign; a box of a missing glyph looks like any other's."""
    drawn = [Drawing(40, 30, "#ffffff") for _ in range(2)]
    for each, words in zip(drawn, ("-1", "\N{HIRAGANA LETTER A}1"), strict=True):
        each.text(5, 20, words, "#000000")
    assert drawn[0].png() != drawn[1].png()
    dark = np.asarray(Image.open(BytesIO(drawn[0].png())).convert("L")) < 128
    assert dark[:, :16].any(axis=1).sum() <= 6  # the height of a stroke, in pixels of the PNG


def test_an_outline_without_a_filling_is_closed():
    drawn = Drawing(40, 30, "#ffffff")
    drawn.marks("triangle", [(20, 15)], 10, line="#000000")
    path = re.search(r' d="M([^"]+)"', drawn.svg("x")).group(1)
    steps = [[float(each) for each in step.split()] for step in path.split("l")[1:]]
    assert np.sum(steps, axis=0) == pytest.approx([0, 0])
