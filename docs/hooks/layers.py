"""Draws ``docs/images/layers.svg``, the packages in their layers: ``python docs/hooks/layers.py``.

All text stands on boxes of its own, so that the picture can be read on a light and on a dark page.
"""

from pathlib import Path

WIDTH, HIGH, GAP, SIDE = 860, 66, 12, 96
LAYERS = [
    [
        ("rugs_lab", "the public names, loaded when first used", ""),
        ("commands", "the command line, rugs-lab", ""),
    ],
    [("views", "widgets: watch, replay, lab", "Jupyter")],
    [("trading", "strategies, the one ledger of paper money, engines, backtest, sweep, check", "numba")],
    [
        ("feed", "games in motion: live, replay, built-in server", "threads, sockets"),
        ("analysis", "statistics with n, interval, baseline", ""),
    ],
    [("recordings", "games at rest: recorder, loader, archive, games as DataFrames, verification", "files")],
    [("figures", "Bokeh figures, from columns of numbers", "Bokeh")],
    [("estimates", "shares, means and ratios with their intervals", "scipy")],
    [("game", "the rules: messages, phases, price process, fairness, money; no I/O, no clock", "numpy")],
]
"""From the top: name, contents and needs of each package; packages side by side do not know each other."""
FILLS = ["#f6e3c5", "#f3dcd6", "#dfe9d3", "#d3e6ec", "#d5dff0", "#e9e2d0", "#e2daee", "#dcebe4"]


def picture() -> str:
    """Return the picture as SVG."""
    height = len(LAYERS) * (HIGH + GAP) - GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {WIDTH + 2} {height + 2}" '
        'font-family="Helvetica, Arial, sans-serif" role="img">',
        "<title>The packages of rugs_lab in their layers; imports go down only</title>",
    ]
    for number, (packages, fill) in enumerate(zip(LAYERS, FILLS, strict=True)):
        top = number * (HIGH + GAP)
        total = WIDTH - SIDE - GAP * len(packages)
        weights = [1.25, 1.0] if len(packages) == 2 else [1.0]
        left = 0.0
        for (name, text, needs), weight in zip(packages, weights, strict=True):
            wide = total * weight / sum(weights)
            parts.append(_box(left, top, wide, HIGH, fill))
            parts.append(_text(left + 14, top + 28, name, 17, bold=True))
            parts.append(_text(left + 14, top + 50, text, 12.5))
            if needs:
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
    (Path(__file__).resolve().parents[1] / "images" / "layers.svg").write_text(picture(), "utf-8")
