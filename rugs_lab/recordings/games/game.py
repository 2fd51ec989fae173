"""`Game`: one game as a value, from a feed or from files."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.game.limits import TICK_MS
from rugs_lab.recordings.games.message_rows import Messages, messages_frame
from rugs_lab.recordings.games.seed_prices import Known, check_games
from rugs_lab.recordings.games.trades_frame import bets_frame, leaderboard_frame, trades_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from rugs_lab.figures.figure import Figure
    from rugs_lab.game.leaderboard import PlayerBet, Standing
    from rugs_lab.game.trade import Trade


class Source(IntEnum):
    """The source of a price. PARTIAL to SEED count as back-filled, in order of decreasing certainty."""

    MISSING = 0
    """Not known; the price is NaN."""
    RECEIVED = 1
    """From the message of that very tick."""
    PARTIAL = 2
    """From the ``partialPrices`` of a later message."""
    SNAPSHOT = 3
    """From the snapshot that the server sends on connect."""
    HISTORY = 4
    """From ``gameHistory`` after the game."""
    SEED = 5
    """Computed from the published seed."""


STATUSES: Final = ("pregame_only", "no_rug", "late_start", "gaps", "repaired", "backfilled", "complete")
"""Every status of a game; `Game.status` says what each means."""


def status_of(ticks: bool, rug: bool, first: bool, every: bool, received: bool, corrected: bool) -> str:
    """Return the status of a game, the one rule for `Game.status` and for ``games.frame``.

    `ticks`, `rug`, `first`, `every`: whether the game has any tick; whether its rug, its first tick and every
    tick are known. `received`: whether every known price is from its own message. `corrected`: whether lines
    of it were dropped or corrected while it was read.
    """
    if not ticks:
        return "pregame_only"
    if not rug:
        return "no_rug"
    if not every:
        return "gaps" if first else "late_start"
    if corrected:
        return "repaired"
    return "complete" if received else "backfilled"


_INTERNAL: Final = (  # they serve the rest of the package: `dir` leaves them out
    "ended_ms first_ns recorded_bets recorded_board recorded_messages recorded_trades started_ns "
    "verified_already"
)
READ_LATER: Final = ("recorded_trades", "recorded_bets", "recorded_board", "recorded_messages")
"""Fields that are large, and of an archived game seldom used."""
SOURCE_NAMES: Final = tuple(source.name.lower() for source in Source)
"""Name of each `Source`, by its number."""


@dataclass(frozen=True, slots=True, eq=False)
class Game:
    """One game, running or finished.

    Attributes
    ----------
    id
        ``YYYYMMDD-<16 hexadecimal digits>``, date in UTC.
    prices
        float64, read-only, index = tick; multipliers; NaN where not known. With a known rug the last one is
        the rug price.
    sources
        uint8, same shape: a `Source` for each price.
    rug_tick
        Tick of the rug, or None while it is not known.
    server_seed, server_seed_hash, version
        As published; None while not known.
    started_ns
        When it began, nanoseconds since 1970 in UTC; None while not known. The arrival of the first tick that
        was received (tick 0, unless it came late). Where none was, tick 0 by the last countdown received, or
        by the server's time of the end, to about a second.
    file
        The file, or files, that it was read from; of a synthetic game, how it was made; None for a game of a
        feed.
    corrected
        Whether lines of it were dropped or corrected while it was read (``games.damage`` says which); never
        of a game of a feed.
    ended_ms
        When it ended by the server's clock, ms since 1970 in UTC; None while not known.
    first_ns
        When its first message was received, nanoseconds since 1970 in UTC; None while not known.

    Examples
    --------
    >>> game = Game("20260101-0123456789abcdef", np.array([1.0, 1.5, 0.9, 0.018]), rug_tick=3)
    >>> game
    <Game 20260101-0123456789abcdef: rug at tick 3, peak 1.5x at tick 1, complete>
    """

    id: str
    prices: NDArray[np.float64]
    sources: NDArray[np.uint8] = field(default=None)  # type: ignore[arg-type]
    rug_tick: int | None = None
    server_seed: str | None = None
    server_seed_hash: str | None = None
    version: str | None = None
    recorded_trades: tuple[Trade, ...] = field(default=(), repr=False)
    recorded_bets: tuple[PlayerBet, ...] = field(default=(), repr=False)
    started_ns: int | None = field(default=None, repr=False)
    file: str | None = field(default=None, repr=False)
    corrected: bool = field(default=False, repr=False)
    recorded_board: tuple[Standing, ...] = field(default=(), repr=False)
    recorded_messages: Messages = field(default=b"", repr=False)
    ended_ms: int | None = field(default=None, repr=False)
    first_ns: int | None = field(default=None, repr=False)
    _verdict: list[bool | None] = field(default_factory=list, init=False, repr=False)
    _read: Callable[[], Mapping[str, Any]] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        prices = _own(self.prices, np.float64)
        if self.sources is None:
            sources = np.where(np.isnan(prices), Source.MISSING, Source.RECEIVED).astype(np.uint8)
        else:
            sources = _own(self.sources, np.uint8)
        prices.flags.writeable = sources.flags.writeable = False
        object.__setattr__(self, "prices", prices)
        object.__setattr__(self, "sources", sources)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Read what `read_later` left: it is called for a field that has no value."""
            if name not in READ_LATER or self._read is None:
                raise AttributeError(f"'Game' object has no attribute {name!r}", name=name, obj=self)
            for each, value in self._read().items():
                object.__setattr__(self, each, value)
            object.__setattr__(self, "_read", None)  # the last field: a copy is made of values
            return getattr(self, name)

    def __len__(self) -> int:
        """Ticks from 0 to the last one known, both included."""
        return len(self.prices)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.prices, dtype) if copy else np.asarray(self.prices, dtype)

    @property
    def backfilled(self) -> NDArray[np.bool_]:
        """For each tick: True when its price is from another source than its own message."""
        return self.sources > Source.RECEIVED

    @property
    def missing(self) -> int:
        """Ticks up to the last one known, or to the rug, whose price is not known."""
        beyond = 0 if self.rug_tick is None else max(self.rug_tick + 1 - len(self.prices), 0)
        return int(np.count_nonzero(self.sources == Source.MISSING)) + beyond

    @property
    def source(self) -> str:
        """The least certain source of any price: received, partial, snapshot, history, seed (or missing)."""
        return SOURCE_NAMES[int(self.sources.max(initial=Source.MISSING))]

    @property
    def peak(self) -> float:
        """Highest known price before the rug, a multiplier; NaN without any."""
        tick = self.peak_tick
        return float("nan") if tick is None else float(self.prices[tick])

    @property
    def peak_tick(self) -> int | None:
        """First tick of the peak; None without prices."""
        before = self.prices[: self.rug_tick]
        if not len(before) or np.isnan(before).all():
            return None
        return int(np.nanargmax(before))

    @property
    def rug_price(self) -> float:
        """Price at the rug, a multiplier; NaN while not known."""
        if self.rug_tick is None or self.rug_tick >= len(self.prices):
            return float("nan")
        return float(self.prices[self.rug_tick])

    @property
    def status(self) -> str:
        """Completeness of the game.

        ``complete``: the rug and every tick from 0 to it are known, each from its own message.
        ``backfilled``: the same, but some prices are from another source, and nothing was damaged.
        ``repaired``: the same after damage was mended: a corrupt or conflicting line of the game was dropped
        or corrected while it was read. Games of a feed, or of the server's history, are never repaired.
        ``late_start``: the rug is known, the first ticks are not. ``gaps``: the rug is known, ticks in
        between are not. ``no_rug``: the rug is not known (for a running game: not yet).
        ``pregame_only``: no tick at all.
        """
        some = len(self.prices) > 0
        return status_of(
            some,
            self.rug_tick is not None,
            some and bool(self.sources[0] != Source.MISSING),
            not self.missing,
            not self.backfilled.any(),
            self.corrected,
        )

    @property
    def verified(self) -> bool | None:
        """Whether the game follows from its seed; computed at the first access (some ms).

        The rule is that of `rugs_lab.verify`. True: the seed and every price up to the rug are known, the
        seed matches its published hash (if that is known), and prices, rug price and rug tick follow from it,
        bit for bit (v3 is assumed for a game without a version). False: something known does not follow.
        None: not enough is known, or the version is missing or unknown.
        """
        if not self._verdict:
            rug_tick = -1 if self.rug_tick is None else self.rug_tick
            known = Known(
                [self.id],
                [self.server_seed],
                [self.server_seed_hash],
                [self.version],
                self.prices,
                np.array([0, len(self)]),
                *(np.array([value]) for value in (rug_tick, self.missing, self.peak, self.rug_price)),
            )
            verdict = check_games(known)["verified"][0]
            self._verdict.append(None if verdict < 0 else bool(verdict))
        return self._verdict[0]

    @property
    def verified_already(self) -> bool | None:
        """`verified` if it has been computed; else None, at no cost."""
        return self._verdict[0] if self._verdict else None

    @property
    def frame(self) -> pd.DataFrame:
        """One row per tick: ``price`` (NaN unknown), ``backfilled``, ``source``; index ``tick``."""
        import pandas as pd

        import rugs_lab.recordings.games.pandas_accessor  # noqa: F401

        return pd.DataFrame(
            {
                "price": self.prices,
                "backfilled": self.backfilled,
                "source": pd.Categorical.from_codes(
                    self.sources.astype(np.int8), dtype=pd.CategoricalDtype(list(SOURCE_NAMES))
                ),
            },
            index=pd.RangeIndex(len(self.prices), name="tick"),
        )

    @property
    def trades(self) -> pd.DataFrame:
        """The broadcast trades (5 to 13 % of all), ordered by tick; see `trades_frame`."""
        return trades_frame(sorted(self.recorded_trades, key=lambda trade: trade.tick))

    @property
    def sidebets(self) -> pd.DataFrame:
        """The side bets in the server's history, ordered by start; see `trades_frame`."""
        return bets_frame(self.recorded_bets)

    @property
    def leaderboard(self) -> pd.DataFrame:
        """The last leaderboard of the game, everything settled; empty where none was received."""
        return leaderboard_frame(self.recorded_board)

    @property
    def messages(self) -> pd.DataFrame:
        """Every message of the game as it was received; see `Games.messages`."""
        return messages_frame([self.id], [self.recorded_messages])

    def plot(self, *, ghost: Game | None = None, height: int = 320) -> Figure:
        """Return a figure (log price, x = tick; `ghost` behind it in grey), which is displayed in a notebook.

        Parameters
        ----------
        ghost
            Another game.
        height
            CSS pixels.
        """
        from rugs_lab.figures.figure import Figure
        from rugs_lab.figures.price_figure import game_figure

        behind = "" if ghost is None else f", game {ghost.id} in grey"
        return Figure(
            lambda theme: game_figure(
                self.prices,
                rug_tick=self.rug_tick,
                backfilled=self.backfilled,
                ghost=None if ghost is None else ghost.prices,
                title=f"Price of game {self.id}{behind}",
                theme=theme,
                height=height,
            ),
            f"price of game {self.id}",
        )

    def __dir__(self) -> list[str]:
        return sorted(set(object.__dir__(self)).difference(_INTERNAL.split()))

    def __repr__(self) -> str:
        if not len(self.prices):
            return f"<Game {self.id}: not started>"
        peak = f"peak {self.peak:.4g}x at tick {self.peak_tick}"
        where = f"tick {len(self) - 1}" if self.rug_tick is None else f"rug at tick {self.rug_tick}"
        return f"<Game {self.id}: {where}, {peak}, {self.status}>"


def read_later(game: Game, read: Callable[[], Mapping[str, Any]]) -> Game:
    """Return the game, whose fields of `READ_LATER` are what `read` returns when one is first used."""
    for name in READ_LATER:
        object.__delattr__(game, name)
    object.__setattr__(game, "_read", read)
    return game


def _own(values: Any, dtype: Any) -> NDArray[Any]:
    """Return `values` as an array that cannot change: a read-only one as it is, else a copy."""
    if isinstance(values, np.ndarray) and values.dtype == dtype and not values.flags.writeable:
        return values
    return np.array(values, dtype=dtype)


def start_of(
    started_ns: int | None, presale_ns: int | None, ended_ms: int | None, rug_tick: int | None
) -> int | None:
    """Return when a game began, ns: as received, else by its countdown, else by the server's end."""
    if started_ns is not None or presale_ns is not None:
        return presale_ns if started_ns is None else started_ns
    if ended_ms is None or rug_tick is None:
        return None
    return (ended_ms - TICK_MS * rug_tick) * 1_000_000
