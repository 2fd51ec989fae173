"""marimo shows anywidgets, and no box of ipywidgets: boxes hand their widgets over."""

import pytest

import rugs_lab as rl


def test_boxes_are_shown_widget_by_widget():
    pytest.importorskip(
        "marimo", reason="marimo is not installed; docs/front_ends.md says what was tried by hand"
    )
    from marimo._output.formatting import get_formatter

    lab = rl.lab(rl.strategies["conservative"], rl.sample()[:20])
    try:
        _, html = get_formatter(lab)(lab)
    finally:
        lab.close()
    assert "marimo-anywidget" in html
