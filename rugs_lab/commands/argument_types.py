"""Types of command-line arguments: text in, value out, or the reason why not.

Each is a ``type=`` of `argparse`: it raises `argparse.ArgumentTypeError`, which ends the program with status
2 and one line that says what was expected.
"""

from argparse import ArgumentTypeError
from math import inf


def port(text: str) -> int:
    """Read a TCP port, 1 to 65535."""
    number = port_or_any(text)
    if number == 0:
        raise ArgumentTypeError("0 is not a port here; leave the option out to take any free one")
    return number


def port_or_any(text: str) -> int:
    """Read a TCP port; 0 stands for any free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is not a port number from 1 to 65535")
    return int(text)


def positive(text: str) -> float:
    """Read a finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not 0 < number < inf:
        raise ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def speed(text: str) -> float:
    """Read a speed: a number above 0, or ``max``, as fast as it goes."""
    return inf if text == "max" else positive(text)


def rotation(text: str) -> str | int:
    """Read when a recorder begins a new file: ``game``, or a size in bytes, kB, MB or GB.

    >>> rotation("game"), rotation("1.5MB")
    ('game', 1500000)
    """
    from rugs_lab.recordings.write.file_writer import LEAST_ROTATE

    if text == "game":
        return text
    size, number = 1.0, text
    for unit, factor in (("kb", 1e3), ("mb", 1e6), ("gb", 1e9)):
        if text.lower().endswith(unit):
            size, number = factor, text[:-2]
    size *= positive(number)
    if size < LEAST_ROTATE:
        raise ArgumentTypeError(f"{text!r} is below the minimum of {LEAST_ROTATE} bytes")
    return int(size)
