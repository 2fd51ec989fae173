"""Games to be played: fresh ones from a seed drawn here, and given ones.

The prices of a fresh game come from `rugs_lab.game.provably_fair.replay_prices`, so that it verifies bit for
bit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from random import Random
from typing import Any

from rugs_lab.errors import ArgumentError
from rugs_lab.game.limits import GOD_CANDLE_FACTOR, MAX_TICKS
from rugs_lab.game.parse_values import is_game_id
from rugs_lab.game.provably_fair import replay_prices, seed_hash

Number = int | float


@dataclass(frozen=True, slots=True)
class Round:
    """One game before it is played.

    `prices`: multipliers by tick; the last one is the rug price. `server_seed`: revealed after the game; None
    when nobody knows it. `server_seed_hash`: the published hash, shown from genesis. `version`: such as
    ``"v3"``; None: not known (a given game with a seed and no version).
    """

    id: str
    prices: tuple[float, ...]
    server_seed: str | None
    server_seed_hash: str
    version: str | None = "v3"

    @property
    def rug_tick(self) -> int:
        """Tick of the rug frame: the last index of the prices."""
        return len(self.prices) - 1

    @property
    def peak(self) -> float:
        """Highest price, a multiplier."""
        return max(self.prices)

    @property
    def jump(self) -> tuple[float, float] | None:
        """The prices before and after the game's last god candle, or None."""
        found = None
        for before, after in zip(self.prices, self.prices[1:], strict=False):
            if after == before * GOD_CANDLE_FACTOR:
                found = (before, after)
        return found

    def wire(self, stop: int | None = None) -> list[Number]:
        """Return the prices up to tick `stop` (exclusive) as JSON numbers."""
        return [number(price) for price in self.prices[:stop]]


@dataclass(frozen=True, slots=True)
class Given:
    """A game handed in by the caller; what is missing is drawn when its turn comes."""

    prices: tuple[float, ...]
    id: str | None = None
    server_seed: str | None = None
    server_seed_hash: str | None = None
    version: str | None = "v3"


def number(value: float) -> Number:
    """Return `value` as JavaScript writes it: whole numbers without a fraction."""
    return int(value) if value == int(value) else value


def draw_round(rng: Random, day: str) -> Round:
    """Draw a game id and a server seed, and compute the game."""
    game_id, server_seed = _fresh_id(rng, day), f"{rng.getrandbits(256):064x}"
    prices = tuple(replay_prices(server_seed, game_id).tolist())
    return Round(game_id, prices, server_seed, seed_hash(server_seed))


def complete(given: Given, rng: Random, day: str) -> Round:
    """Fill in what a given game lacks; an unknown seed stays unknown, and its hash is a random one."""
    commitment = given.server_seed_hash
    if commitment is None:
        commitment = seed_hash(given.server_seed) if given.server_seed else f"{rng.getrandbits(256):064x}"
    return Round(given.id or _fresh_id(rng, day), given.prices, given.server_seed, commitment, given.version)


def read_games(games: Iterable[Any]) -> tuple[Given, ...]:
    """Read what the caller wants played: price arrays (last element the rug price), objects or mappings.

    Objects have ``prices`` (and ``id``, ``server_seed``, ``server_seed_hash``, ``version``), mappings the
    keys of a published game (``prices``, ``id``, ``serverSeed``, ``serverSeedHash``, ``version``).
    """
    if isinstance(games, str | bytes | Mapping) or not isinstance(games, Iterable):
        raise ArgumentError(f"games must be a list of games or price arrays; got {type(games).__name__}")
    read = tuple(_read(place, game) for place, game in enumerate(games))
    if not read:
        raise ArgumentError("games is empty: give at least one game, or None for simulated ones")
    ids = [game.id for game in read if game.id is not None]
    if len(set(ids)) < len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise ArgumentError(f"games names {twice} twice: on the wire a game id stands for one game")
    return read


def _read(place: int, game: Any) -> Given:
    if isinstance(game, Mapping):
        names = ("prices", "id", "serverSeed", "serverSeedHash", "version")
        values = [game.get(name) for name in names]
    elif hasattr(game, "prices"):
        names = ("prices", "id", "server_seed", "server_seed_hash", "version")
        values = [getattr(game, name, None) for name in names]
    else:
        return Given(_prices(place, game))
    prices, game_id, server_seed, commitment, version = values
    for name, value in zip(names[1:], (game_id, server_seed, commitment, version), strict=True):
        if value is not None and not isinstance(value, str):
            raise ArgumentError(f"games[{place}].{name} must be a string or None; got {value!r}")
    if game_id is not None and not is_game_id(game_id):
        raise ArgumentError(f"games[{place}].id must be 1 to 64 printable ASCII characters; got {game_id!r}")
    version = version or (None if server_seed else "v3")
    return Given(_prices(place, prices), game_id, server_seed or None, commitment or None, version)


def _prices(place: int, values: Any) -> tuple[float, ...]:
    try:
        prices = tuple(float(value) for value in values)
    except (TypeError, ValueError) as problem:
        raise ArgumentError(
            f"games[{place}] must be an array of prices, or have one as its prices; got {values!r:.80}"
        ) from problem
    if not 2 <= len(prices) <= MAX_TICKS + 2:
        raise ArgumentError(
            f"games[{place}] must have 2 to {MAX_TICKS + 2} prices, from tick 0 to the rug price; "
            f"got {len(prices)}"
        )
    for tick, price in enumerate(prices):
        if not (isfinite(price) and price > 0):
            raise ArgumentError(
                f"games[{place}] has no price above 0 at tick {tick} (got {price!r}): "
                "only games whose every price is known can be played"
            )
    return prices


def _fresh_id(rng: Random, day: str) -> str:
    return f"{day}-{rng.getrandbits(64):016x}"
