"""The line types of a recording, as values; `rugs_lab.recordings.write.line_format` describes the format.

Bounds are those of messages (`rugs_lab.game.parse_values`): a line that breaks them is damaged.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from rugs_lab.game.leaderboard import MAX_BETS, MAX_ROWS, PlayerBet, Standing
from rugs_lab.game.limits import MAX_TICKS
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.parse_values import MAX_TICK, Amount, Count, Id, Price, Short, Text, TickNumber, TimeMs
from rugs_lab.game.phase import Phase
from rugs_lab.game.session_stats import SessionStats
from rugs_lab.game.signal import MAX_COOLDOWN_MS

FORMAT: Final = "rugs_lab/1"
"""Name and version of the format, in the ``session`` line."""

REVISION: Final = 2
"""What a reader may expect of it: see `SessionLine`."""


Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""A number that fits a column; its meaning is checked later."""

Backfilled = Literal["partial", "snapshot", "history", "seed"]
"""The source of a back-filled price; the names of `Source`."""


class _Line(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type"):
    timestamp: Short | None = None
    ns: Annotated[int, Meta(ge=0, le=999)] = 0


class SessionLine(_Line, kw_only=True, tag="session"):
    """Who wrote the file: `FORMAT`, where the data are from without a query (`url`), version of rugs_lab.

    `revision`: 2 since lines hold everything that a feed has in its tables; 1 in files of version 0.1.
    """

    format: Short
    revision: Annotated[int, Meta(ge=1, le=1000)] = 1
    url: str | None = None
    version: Short | None = None


class GameStartLine(_Line, kw_only=True, tag="game_start"):
    """The first line of a game in a file; ticks may have been missed before it."""

    game_id: Id
    server_seed_hash: Short | None = None
    version: Short | None = None


class TickLine(_Line, kw_only=True, tag="tick"):
    """One accepted message, as a row of ``feed.frame`` (see `GameSignal`); or one price.

    The tick of the kind ``rug1b`` has drifted and is not one of the game. `cooldown_timer`: ms to the start.
    `backfilled`: given, no message but a price of this tick from another source than its own message, and
    which. Neither `backfilled` nor `kind`: a price whose message was received before the recording began.
    """

    game_id: Id
    tick: TickNumber | None = None
    price: Price | None = None
    phase: Phase | None = None
    active: bool | None = None
    rugged: bool | None = None
    cooldown_timer: Annotated[int, Meta(ge=0, le=MAX_COOLDOWN_MS)] | None = None
    allow_pre_round_buys: bool | None = None
    trade_count: Count | None = None
    players: Count | None = None
    kind: MessageKind | None = None
    backfilled: Backfilled | None = None


class TradeLine(_Line, kw_only=True, tag="trade"):
    """One broadcast trade, the fields of `rugs_lab.game.trade.Trade`; `trade_type` is its ``type``.

    `late_ticks`: ticks that its game was ahead of it when it was received.
    """

    game_id: Id
    trade_type: Short
    tick: TickNumber
    id: Text | None = None
    player_id: Text | None = None
    username: Text | None = None
    price: Price | None = None
    amount_sol: Amount | None = None
    units: Amount | None = None
    practice: bool | None = False
    leverage: Amount | None = None
    late_ticks: Annotated[int, Meta(ge=-MAX_TICK, le=MAX_TICK)] | None = None


class GapLine(_Line, kw_only=True, tag="gap"):
    """Something is missing here: ticks of a game, a connection, or lines that could not be written.

    `game_id`: the game that misses ticks; of a lost connection without any the one that was running.
    `first_tick`, `last_tick`, `missing`: ticks that were missed at first; the message itself and later lines
    may back-fill them; without `last_tick` all to the end of the game. `source`: ``recovery`` where the
    server sent them again. `since_ns`: when the message before the gap was received, ns since 1970; the first
    one after it is `timestamp`. `reason`, `state`: state of the feed (or, for `lines`, of the recorder), and
    why; a line with `state` only says that it began. `open`: the connection is down from here on; a line with
    the same `since_ns` and `reason` follows when that ends. `lines`: lines that could not be written.
    """

    game_id: Id | None = None
    first_tick: TickNumber | None = None
    last_tick: TickNumber | None = None
    missing: Count | None = None
    since_ns: Int64 | None = None
    reason: str | None = None
    state: Short | None = None
    lines: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    source: Short | None = None
    open: bool | None = None


class GameEndLine(_Line, kw_only=True, tag="game_end"):
    """The end of a game, as the feed knew it at the rug."""

    game_id: Id
    rug_tick: TickNumber | None = None
    peak: Price | None = None
    peak_tick: TickNumber | None = None
    rug_price: Price | None = None
    status: Short | None = None


class HistoryLine(_Line, kw_only=True, tag="history"):
    """A finished game in the server's history, once for each game, as far as it is known.

    `ended_ms`: when it ended by the server's clock, ms since 1970. `sidebets`: those of its players.
    `prices`, `backfilled`: all prices from tick 0, the rug price last, and their source: only for a game of
    which no tick is in the recording. Back-filled ticks of the others follow as `TickLine`.
    """

    game_id: Id
    server_seed: Short | None = None
    server_seed_hash: Short | None = None
    version: Short | None = None
    rug_tick: TickNumber | None = None
    peak: Price | None = None
    prices: Annotated[list[Price], Meta(min_length=1, max_length=2 * MAX_TICKS + 2)] | None = None
    backfilled: Backfilled | None = None
    ended_ms: TimeMs | None = None
    sidebets: Annotated[list[PlayerBet], Meta(max_length=MAX_BETS)] | None = None


class LeaderboardLine(_Line, kw_only=True, tag="leaderboard"):
    """The last leaderboard of a game, once it is known: see `Boards`."""

    game_id: Id
    rows: Annotated[tuple[Standing, ...], Meta(max_length=MAX_ROWS)]


class StatsLine(_Line, kw_only=True, tag="stats"):
    """The server's own statistics, all that are known, whenever one has changed."""

    stats: SessionStats


class AnomalyLine(_Line, kw_only=True, tag="anomaly"):
    """A value that contradicts a known one, and was not used.

    `known`, `reported`: the value that stays, and the contradicting one (prices: multipliers; rug ticks:
    ticks); `known` is absent where there was none, but the tick is too far to be one. `source`: what reported
    it: the name of a `Source`, ``rug tick``, or ``beyond the rug``: ticks up to the reported one were
    dropped, because the game had ended at the known one.
    """

    game_id: Id
    tick: TickNumber
    reported: Amount
    source: Short
    known: Amount | None = None


class RawLine(_Line, kw_only=True, tag="raw"):
    """One event as it was received; `event_of` returns it.

    `args`: the JSON list of its arguments, character by character. `text`: instead, the whole text of an
    event that is not strict JSON (``NaN``, a line break).
    """

    event: str | None = None
    args: Raw | UnsetType = UNSET
    text: str | None = None


Line = (
    SessionLine
    | GameStartLine
    | TickLine
    | TradeLine
    | GapLine
    | GameEndLine
    | HistoryLine
    | LeaderboardLine
    | StatsLine
    | AnomalyLine
    | RawLine
)
