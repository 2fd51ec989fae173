"""Damaged events out of good ones, for fuzzing: reproducible from a seed and a number.

Mutants come in batches of `BATCH`. A batch walks through the events from a random place on, in which events
are left out, repeated, exchanged with a neighbour or put into another game; some of them are then damaged,
in their structure (types, keys, numbers, nesting) or as text (cut, bits flipped, keys doubled).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Any, Final

from rugs_lab.game.fast_signal import KNOWN_KEYS

BATCH: Final = 200
_AROUND: Final = 8
_DEEPEST: Final = 3_000
_DEEPEST_WRITTEN: Final = 200
_KEYS: Final = (*sorted(KNOWN_KEYS), "values", "id", "provablyFair", "serverSeed", "unheardOf", "", "\0")
_ODD: Final[tuple[Any, ...]] = (
    *(None, True, False, "", "1", "NaN", "\ud800", "\0", "<b>", [], {}, [None], {"values": {}}),
    *(0, -1, 1, 5.0, 0.5, -0.0, 2**31, 2**53 + 1, -(2**63), 10**18, 10**400, 39_600, 1_000_000, 1_000_001),
    *(float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 5e-324, 1e15, 1.0000000000000002),
    *([1.0, 1.5, 0.02], {"values": {"0": 1.0, "4": 1.5}}, {"values": {"-1": 1.0, "9999999": 2.0}}),
)


class Mutants:
    """Mutants of `events`.

    Parameters
    ----------
    events
        Names with their arguments, in order; at least one.
    seed
        Same seed and events, same mutants.

    Examples
    --------
    >>> mutants = Mutants([("gameStateUpdate", ({"gameId": "g1", "price": 1.5},))], seed=7)
    >>> list(mutants.batch(3)) == list(mutants.batch(3)), len(list(mutants.batch(0)))
    (True, 200)
    """

    def __init__(self, events: Iterable[tuple[str, Sequence[Any]]], seed: int) -> None:
        self._events = [[name, *args] for name, args in events]
        self._ids = sorted(
            {
                event[-1]["gameId"]
                for event in self._events
                if isinstance(event[-1], dict) and isinstance(event[-1].get("gameId"), str)
            }
        )
        self._seed = seed

    def batch(self, number: int) -> Iterator[tuple[bool, str]]:
        """Yield the mutants of one batch: whether a new connection came before it, and its text."""
        rng = Random(f"{self._seed}-{number}")
        at = rng.randrange(len(self._events))
        for _ in range(BATCH):
            chance = rng.random()
            if chance < 0.05:
                at += rng.randrange(_AROUND)
            shift = rng.randint(-_AROUND, _AROUND) if chance > 0.85 else 0
            event = self._events[(at + shift) % len(self._events)]
            if not 0.05 <= chance < 0.1:
                at += 1
            if self._ids and rng.random() < 0.03 and isinstance(event[-1], dict):
                event = [*event[:-1], {**event[-1], "gameId": rng.choice(self._ids)}]
            yield rng.random() < 0.01, _mutant(event, rng)


def _mutant(event: list[Any], rng: Random) -> str:
    changed: Any = event
    for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 3))):
        if isinstance(changed, list) and changed and rng.random() < 0.9:
            changed = [*changed[:-1], _changed(changed[-1], rng)]
        else:
            changed = _changed(changed, rng)
    text = json.dumps(changed, separators=(",", ":"), ensure_ascii=rng.random() < 0.9)
    return _spoilt(text, rng) if rng.random() < 0.15 else text


def _changed(value: Any, rng: Random) -> Any:
    """Return `value` with one place of it changed; what is not on the way to it is shared."""
    if rng.random() < 0.03 or not isinstance(value, list | dict) or not value:
        return _odd(value, rng)
    if isinstance(value, list):
        return _changed_list(value, rng)
    key = rng.choice(list(value))
    action = rng.random()
    if action < 0.6:
        return {**value, key: _changed(value[key], rng)}
    rest = {name: each for name, each in value.items() if name != key}
    if action < 0.75:
        return rest
    if action < 0.9:
        return {**rest, rng.choice(_KEYS): value[key]}
    return {**value, rng.choice(_KEYS): rng.choice(_ODD)}


def _changed_list(items: list[Any], rng: Random) -> list[Any]:
    # The last item is the payload of an event, the newest price, the oldest game.
    at = len(items) - 1 if rng.random() < 0.7 else rng.randrange(len(items))
    action = rng.random()
    if action < 0.8:
        return [*items[:at], _changed(items[at], rng), *items[at + 1 :]]
    if action < 0.9:
        return items[:at] + items[at + 1 :]
    return [*items, items[at]] if action < 0.96 else items[::-1]


def _odd(value: Any, rng: Random) -> Any:
    action = rng.random()
    if type(value) in (int, float) and action < 0.4 and abs(value) < 1e18:
        return value + rng.choice((-1, 1, 3, 0.5, -2 * value, 1e6))
    if action < 0.5:
        return [value]
    if action < 0.55:
        return str(value)[:200]
    if action < 0.57:
        return _nested(rng.randrange(_DEEPEST_WRITTEN))
    return rng.choice(_ODD)


def _nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"values": value}
    return value


def _spoilt(text: str, rng: Random) -> str:
    at = rng.randrange(len(text) + 1)
    match rng.randrange(8):
        case 0:
            return text[:at]
        case 1 if at < len(text):
            return text[:at] + chr(ord(text[at]) ^ 1 << rng.randrange(7)) + text[at + 1 :]
        case 2:
            return text[:at] + text[at + rng.randrange(20) :]
        case 3:
            return text[:at] + text[max(at - 20, 0) : at] + text[at:]
        case 4:
            return text[:-1] + rng.choice(("", "}", "]]", "x", " ]", "],", "\0"))
        case 5:
            key, value = rng.choice(_KEYS), rng.choice(_ODD)
            return text.replace("{", f"{{{json.dumps(key)}:{json.dumps(value)},", 1)
        case 6:
            number = rng.choice(("9" * 5000, "1e999", "-1e-999", "01", "1.", "NaN", "-", "0x1", "1_0"))
            place = text.find(":", at) + 1
            return text[:place] + number + text[place + 1 :]
        case _:
            depth = rng.randrange(_DEEPEST)
            place = text.find(":", at) + 1
            return f"{text[:place]}{'[' * depth}{']' * depth},{text[place:]}"
