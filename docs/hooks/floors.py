"""Draws ``docs/images/floors.svg``, the floors of the house: ``python docs/hooks/floors.py``.

All text stands on boxes of its own, so that the picture can be read on a light and on a dark page.
"""

from pathlib import Path

WIDTH, HIGH, GAP, SIDE = 860, 66, 12, 96
FLOORS = [
    [
        ("rugs_lab", "the public names, loaded when first used"),
        ("rugs-lab", "the command line: cli, commands"),
    ],
    [("views", "widgets: watch, replay, lab")],
    [
        ("trading", "strategies, backtest, sweep, one ledger of paper money"),
        ("analysis", "statistics with n, interval, baseline"),
    ],
    [("feed", "games in motion: live client, replay, buffer, subscribers, the built-in server")],
    [("recordings", "games at rest: recorder, loader, catalogue, many games as columns, seeds checked")],
    [("figures", "Bokeh figures from columns"), ("estimates", "shares and means with intervals")],
    [("game", "the rules: payload, phases, price process, fairness, money. No I/O, no clock, no threads")],
]
FILLS = ["#f6e3c5", "#f3dcd6", "#dfe9d3", "#d3e6ec", "#d5dff0", "#e9e2d0", "#e2daee"]
NEEDS = ["", "Jupyter, Bokeh", "numba, scipy", "threads, sockets", "files", "", "numpy"]


def picture() -> str:
    """Return the picture as SVG."""
    height = len(FLOORS) * (HIGH + GAP) - GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {WIDTH + 2} {height + 2}" '
        'font-family="Helvetica, Arial, sans-serif" role="img">',
        "<title>The floors of rugs_lab; imports go down only</title>",
    ]
    for number, (rooms, fill, needs) in enumerate(zip(FLOORS, FILLS, NEEDS, strict=True)):
        top = number * (HIGH + GAP)
        total = WIDTH - SIDE - GAP * len(rooms)
        weights = [1.25, 1.0] if len(rooms) == 2 else [1.0]
        left = 0.0
        for (name, text), weight in zip(rooms, weights, strict=True):
            wide = total * weight / sum(weights)
            parts.append(_box(left, top, wide, HIGH, fill))
            parts.append(_text(left + 14, top + 28, name, 17, bold=True))
            parts.append(_text(left + 14, top + 50, text, 12.5))
            if needs and name == rooms[-1][0]:
                parts.append(_text(left + wide - 14, top + 27, f"needs {needs}", 11.5, anchor="end"))
            left += wide + GAP
    left = WIDTH - SIDE
    parts.append(_box(left, 0, SIDE, height, "#eeeeee"))
    middle = left + SIDE / 2
    parts.append(
        f'<path d="M{middle} 92 V{height - 92}" stroke="#37474f" stroke-width="3"/>'
        f'<path d="M{middle - 8} {height - 94} h16 l-8 16 z" fill="#37474f"/>'
    )
    for line, down in (("imports", 34), ("go down", 52), ("only", 70)):
        parts.append(_text(middle, down, line, 14, anchor="middle"))
    for line, up in (("data come", 54), ("up from here", 36)):
        parts.append(_text(middle, height - up, line, 13, anchor="middle"))
    return "\n".join([*parts, "</svg>\n"])


def _box(left: float, top: float, wide: float, high: float, fill: str) -> str:
    return (
        f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{high}" rx="7" fill="{fill}" '
        'stroke="#78909c"/>'
    )


def _text(x: float, y: float, text: str, size: float, *, bold: bool = False, anchor: str = "start") -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="#1c2529"{weight}>'
        f"{text}</text>"
    )


if __name__ == "__main__":
    (Path(__file__).resolve().parents[1] / "images" / "floors.svg").write_text(picture(), "utf-8")
