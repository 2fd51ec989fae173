"""Provable fairness: the prices of a finished game follow from its published seed, bit for bit.

The server seeds npm ``seedrandom`` 3 (ARC4) with ``serverSeed + "-" + gameId`` and plays
`rugs_lab.game.price_process.price_path` with it. See docs/the_game.md.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.game.price_process import price_path

_WIDTH = 256
_CHUNKS = 6
_SIGNIFICANCE = 2**52
_BITS = 53


class SeedRandom:
    """npm ``seedrandom`` 3 with its default generator, ARC4: call it for the next number in [0, 1).

    `key`: Any string, also empty, longer than 256 characters or outside ASCII (UTF-16 code units count, as in
        JavaScript).
    """

    __slots__ = ("_i", "_j", "_s")

    def __init__(self, key: str) -> None:
        mixed = _mix(key)
        s = list(range(_WIDTH))
        j = 0
        for i in range(_WIDTH):
            t = s[i]
            j = (j + mixed[i % len(mixed)] + t) & 255
            s[i] = s[j]
            s[j] = t
        i = j = 0
        for _ in range(_WIDTH):
            i = (i + 1) & 255
            t = s[i]
            j = (j + t) & 255
            s[i] = s[j]
            s[j] = t
        self._s, self._i, self._j = s, i, j

    def __call__(self) -> float:
        """Return the next number in [0, 1), with 52 significant bits or more.

        Six bytes make a whole number; bytes are added until it has 52 bits, then bits are cut off until it
        has 53. In whole numbers this is exact where the reference is, and faster than in doubles.
        """
        s, i, j = self._s, self._i, self._j
        whole = low = 0
        for _ in range(_CHUNKS + 1):
            i = (i + 1) & 255
            t = s[i]
            j = (j + t) & 255
            s[i] = u = s[j]
            s[j] = t
            whole = whole << 8 | low
            low = s[(u + t) & 255]
        whole <<= 8
        bits = 8 * (_CHUNKS + 1)
        while whole < _SIGNIFICANCE:
            whole = (whole + low) << 8
            bits += 8
            i = (i + 1) & 255
            t = s[i]
            j = (j + t) & 255
            s[i] = u = s[j]
            s[j] = t
            low = s[(u + t) & 255]
        self._i, self._j = i, j
        excess = whole.bit_length() - _BITS
        if excess > 0:
            whole >>= excess
            low >>= excess
            bits -= excess
        return (whole + low) / (1 << bits)


def replay_prices(server_seed: str, game_id: str, version: str = "v3") -> NDArray[np.float64]:
    """Compute every price of a game from its seed, the rug price included, bit for bit.

    Parameters
    ----------
    server_seed
        The revealed seed (64 hexadecimal digits), as in ``gameHistory[].provablyFair.serverSeed``.
    game_id
        Such as ``"20251215-a8311c871b0e4bea"``.
    version
        The game's version, ``"v3"`` for every game in the recordings (from October 2025).

    Returns
    -------
    ndarray of float64, shape (rug tick + 1,)
        Prices as multipliers, index = tick; the last one is the rug price.

    Raises
    ------
    ArgumentError
        A seed or id that is not a string, or an unknown version.

    Examples
    --------
    >>> prices = replay_prices("0" * 64, "20260101-0000000000000000")
    >>> len(prices) - 1, float(prices[1])
    (189, 0.9843475363375501)
    """
    for name, value in (("server_seed", server_seed), ("game_id", game_id)):
        if not isinstance(value, str):
            raise ArgumentError(f"{name} must be a string as the server publishes it; got {value!r}")
    return np.array(price_path(SeedRandom(f"{server_seed}-{game_id}"), version))


def seed_hash(server_seed: str) -> str:
    """Return the hash that the server publishes before the game: SHA-256 of the seed, hexadecimal."""
    return hashlib.sha256(server_seed.encode("utf-8", "surrogatepass")).hexdigest()


def _mix(key: str) -> list[int]:
    """Fold a string of any length into at most 256 bytes, as seedrandom's ``mixkey`` does."""
    mixed: list[int] = []
    smear = 0
    units = key.encode("utf-16-le", "surrogatepass")
    for n in range(len(units) // 2):
        code = units[2 * n] | units[2 * n + 1] << 8
        slot = n & 255
        if slot < len(mixed):
            smear ^= mixed[slot] * 19
            mixed[slot] = (smear + code) & 255
        else:
            mixed.append((smear + code) & 255)
    return mixed or [0]
