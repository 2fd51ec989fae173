"""The message for what a strategy raised: error, line of the strategy, game and tick, a hint."""

from difflib import get_close_matches
from traceback import extract_tb
from typing import Final

from rugs_lab.errors import raised
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import Strategy

_EMPTY: Final = ("size 0", "zero-size", "empty")
"""Parts of numpy's and Python's messages on an array without elements."""


def error_text(error: BaseException, strategy: Strategy | None) -> str:
    """Return what a strategy raised, and at which line of it."""
    line = line_of(error, strategy)
    return f"{raised(error)}{line and f', {line}'}"


def line_of(error: BaseException, strategy: Strategy | None) -> str:
    """Return the line of the strategy that raised, with its text; empty where it is not known."""
    file = getattr(getattr(strategy and strategy.function, "__code__", None), "co_filename", None)
    frames = [frame for frame in extract_tb(error.__traceback__) if file in (None, frame.filename)]
    return f"line {frames[-1].lineno} ({frames[-1].line or frames[-1].name})" if frames else ""


def hint_of(error: BaseException) -> str:
    """Return what to do about an error that a strategy raised; empty where nothing is known."""
    if isinstance(error, AttributeError) and isinstance(error.obj, Observation) and error.name:
        close = get_close_matches(error.name, Observation._fields, n=1)
        return f"did you mean {close[0]!r}?" if close else f"it has {', '.join(Observation._fields)}"
    if isinstance(error, IndexError | ValueError) and any(word in raised(error) for word in _EMPTY):
        return "o.peaks and o.lengths are empty in the first game, o.prices[-n:-1] at its first ticks"
    return ""


def note_of(error: BaseException, strategy: Strategy, game_id: str, tick: int) -> str:
    """Return strategy, line, game and tick of an error, and a hint."""
    presale = " (presale)" if tick < 0 else ""
    line = line_of(error, strategy)
    where = [f"{line and f'{line} of '}strategy {strategy.name}", f"game {game_id}", f"tick {tick}{presale}"]
    hint = hint_of(error)
    return ", ".join(where) + (hint and f"; {hint}")
