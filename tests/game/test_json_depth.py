"""How deep JSON may be nested is our own bound: interpreters from 3.11 to 3.14 each have another."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import PayloadError
from rugs_lab.game import event_text
from rugs_lab.game.event_text import DEEPEST, read_json, too_deep
from rugs_lab.game.fast_signal import read_update


def nested(levels):
    return "[" * levels + "]" * levels


@pytest.mark.parametrize("more", [1, 400, 4_000, 9_000, 100_000])
def test_json_beyond_the_bound_is_rejected(more):
    with pytest.raises(PayloadError, match=f"nested deeper than {DEEPEST} levels"):
        read_json(nested(DEEPEST + more))


def test_json_up_to_the_bound_is_read():
    assert json.dumps(read_json(nested(DEEPEST))) == nested(DEEPEST)
    assert json.dumps(read_json(nested(DEEPEST).encode())) == nested(DEEPEST)


@pytest.mark.parametrize(
    "text",
    [
        '"' + nested(500) + '"',
        json.dumps(['"' + "[" * 500, "\\" * 3, '\\"' + "{" * 500]),
        json.dumps([[{}]] * 500),
    ],
)
def test_brackets_in_text_and_beside_each_other_are_not_depth(text):
    assert not too_deep(text)
    assert read_json(text) == json.loads(text)


def test_both_parsers_of_an_update_have_the_bound():
    text = '{"gameId":"g","leaderboard":%s}'
    assert read_update(text % nested(DEEPEST - 1)) is not None
    assert read_update(text % nested(DEEPEST)) is None


def test_text_that_is_cut_off_is_no_json():
    with pytest.raises(PayloadError):
        read_json("[" * 200_000)


def depth(value):
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(depth, inside), default=0)


texts = st.text(alphabet='[]{}"\\,:ab', max_size=6)
values = st.recursive(
    st.none() | texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)


@given(values, st.booleans())
def test_depth_is_that_of_the_values(value, spaces):
    text = json.dumps(value, separators=None if spaces else (",", ":"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_text, "DEEPEST", 2)
        assert too_deep(text) == (depth(value) > 2)
