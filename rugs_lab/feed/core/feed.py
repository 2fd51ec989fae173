"""`Feed`: what every feed offers to the person who uses it. The work is done in `intake`."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, Self

from rugs_lab.feed.core.alerts import Alerting
from rugs_lab.feed.core.metrics import metrics_of
from rugs_lab.feed.core.recording import Recording
from rugs_lab.game.leaderboard import parse_leaderboard
from rugs_lab.recordings.games.gaps_and_anomalies import anomalies_frame, gaps_frame
from rugs_lab.recordings.games.message_rows import frame_of
from rugs_lab.recordings.games.trades_frame import leaderboard_frame, trades_frame
from rugs_lab.recordings.write.file_writer import ROTATE_BYTES
from rugs_lab.recordings.write.recorder import Recorder

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.game.leaderboard import Standing
    from rugs_lab.game.phase import Phase
    from rugs_lab.game.session_stats import SessionStats
    from rugs_lab.game.signal import GameSignal
    from rugs_lab.recordings.games.game import Game
    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.paper.accounts import Accounts, Paper, StrategyLike

_HANDLER_GRACE_S = 2.0


class Feed(Alerting):
    """What every feed offers; a subclass brings the events (`start`, `stop`).

    Parameters
    ----------
    maxlen
        Rows kept in the buffer, 1 to 10,000,000.
    """

    _internal: ClassVar = (
        "boards book connection_lost connection_made dispatcher epoch forget frontier health moving "
        "never_ends on_arrival present_ns recent_trades recording reject ring set_state source_games "
        "standings take_back take_text tracker"
    )
    """What other modules need of a feed, and its users do not: `dir` leaves it out."""

    def __init__(self, maxlen: int = 5000) -> None:
        super().__init__(maxlen)
        self._record_lock = RLock()
        self._kept_accounts: Accounts | None = None

    def start(self) -> Self:
        """Start; does nothing when already started. Returns the feed itself, without waiting for data."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop; does nothing when already stopped. The data are kept."""
        raise NotImplementedError

    @property
    def maxlen(self) -> int:
        """Size of the buffer, rows."""
        return self.ring.maxlen

    @property
    def frame(self) -> pd.DataFrame:
        """The newest accepted ``gameStateUpdate`` messages, a copy; see `frame_of`."""
        return frame_of(self.ring.since(0))

    @property
    def signal(self) -> GameSignal | None:
        """The newest accepted signal; None before the first."""
        return self._signal

    @property
    def phase(self) -> Phase:
        """Phase of the running game; UNKNOWN before the first full message."""
        return self.tracker.phase

    @property
    def game(self) -> Game | None:
        """The running game, every known tick in it, back-filled ones too; None before the first message."""
        return self.book.running

    @property
    def games(self) -> Games:
        """Games of this session that are over, in order of time, also those of the server's history.

        The newest 2,000. The rug of a game whose end was missed is not known.
        """
        return self.book.finished

    @property
    def games_finished(self) -> int:
        """How many games have finished: those of the server's history, too, and those `games` had before."""
        return self.book.finished_count

    @property
    def trades(self) -> pd.DataFrame:
        """The newest 5,000 broadcast trades (5 to 13 % of all) in order of arrival.

        They are sent 0 to 8 ticks late: place them by ``tick``. Amounts in SOL, prices multipliers;
        ``practice`` marks play money, ``late_ticks`` how many ticks its game was ahead of it when it was
        received, missing when another game was running. See `rugs_lab.recordings.games.trades_frame`.
        """
        return trades_frame(tuple(self.recent_trades))

    @property
    def gaps(self) -> pd.DataFrame:
        """What was missed, the newest 10,000 gaps: ticks, and lost connections; see `gaps_frame`."""
        return gaps_frame(self.book.gaps, self.book.get)

    @property
    def anomalies(self) -> pd.DataFrame:
        """The newest thousand values that contradict known ones, and were not used; see `anomalies_frame`."""
        return anomalies_frame(self.book.anomalies)

    @property
    def leaderboard(self) -> pd.DataFrame:
        """The newest leaderboard, at most ten rows: profit in SOL, average cost a multiplier.

        Its profits lag one tick behind the price. Columns as in `rugs_lab.recordings.games.trades_frame`.
        """
        return leaderboard_frame(self.standings)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """The rows of `leaderboard` as values."""
        update = self._update
        return parse_leaderboard(None if update is None else update.rest.get("leaderboard"))

    @property
    def stats(self) -> SessionStats:
        """The server's own statistics: last hundred games, the day's best, god candles, rug pool."""
        return self.book.stats

    @property
    def metrics(self) -> pd.Series[Any]:
        """Counters and times since the feed was made, labelled, with units."""
        return metrics_of(self)

    def on(self, name: str, handler: Callable[..., object]) -> Callable[[], None]:
        """Subscribe to an event; returns the function that unsubscribes.

        The handler is called on a thread of its own, in order. It may be slow, block or raise: the feed goes
        on (see ``feed.metrics`` for what was dropped).

        Parameters
        ----------
        name
            ``"signal"``: every accepted message, a `GameSignal`. ``"tick"``: every new price, a `Tick`.
            ``"phase"``: a change of phase, a `Transition`. ``"game"``: a game that ended, a `Game`.
            ``"trade"``: a broadcast `Trade`. ``"state"``: a `FeedState`. ``"event"``: any other event,
            called with its name and its data. ``"gap"``: ticks that were missed, a `Gap`.
        handler
            Kept until unsubscribed.

        Raises
        ------
        ArgumentError
            Unknown event name, or a handler that cannot be called.
        """
        return self.dispatcher.on(name, handler, owner=self)

    def follow(self, handler: Callable[..., object], *, synchronous: bool = False) -> Callable[[], None]:
        """Subscribe to everything at once, in one order: ``handler(name, *what)``; see `on` for the names.

        Returns the function that unsubscribes. With `synchronous`, a feed that can wait (a replay) sends
        nothing more until the handler is done with what it was sent; a live feed does not wait.
        """
        return self.dispatcher.on(None, handler, owner=self, synchronous=synchronous)

    def frontier(self) -> int | None:
        """Return the furthest tick of the running game that a replay has sent to its subscribers.

        -1 before the first. None on a feed that cannot go back, such as a live one.
        """
        return None

    @property
    def source_games(self) -> Games | None:
        """The games that a replay plays, as they were given; None on a live feed and in a raw event log."""
        return None

    def forget(self) -> None:
        """Have a replay send every game again, as to a new paper session; a live feed does nothing."""

    def never_ends(self, game_id: str) -> bool:
        """Return whether it is certain that a game's end will not become known."""
        return False

    def present_ns(self) -> int | None:
        """Now, by the clock of ``received``: ns since 1970 in UTC. None: the wall clock."""
        return None

    @property
    def recorder(self) -> Recorder | None:
        """The recorder, with its ``state`` and ``reason``; None while nothing is recorded."""
        recording = self.recording
        return None if recording is None else recording.recorder

    def record(
        self,
        folder: str | PathLike[str] | None,
        *,
        raw: bool = False,
        rotate: str | int = ROTATE_BYTES,
        names: str = "keep",
    ) -> Recorder | None:
        r"""Write everything that is received to files in a folder, from now on; None ends it.

        Files are called ``live_game_<UTC time>.jsonl``; see `rugs_lab.recordings.write.line_format` for what
        is in them. A separate thread writes them: a slow, full or vanished disk never stops the
        feed. The recorder's ``state`` and ``reason`` report that, `metrics` counts what was lost, and writing
        continues in a new file when the disk is back. Recording continues over `stop` and `start`.

        Parameters
        ----------
        folder
            Made when it is missing. A recorder never writes to another one's files, so several may share it.
        raw
            Write every event as it was received, too; ``rugs_lab.GameServer(capture=...)`` plays such a file.
        rotate
            ``"game"``: a file for each game. A number of bytes: the next game begins a new file when the old
            one has that size.
        names
            Names and ids of players, in trades, side bets and leaderboards. ``"hash"``: they are written as
            hashes, the same ones in all recordings of the folder, whose salt is in its file ``.names_salt``.
            ``"drop"``: neither is written. With `raw`, only ``"keep"`` is allowed.

        Returns
        -------
        Recorder or None
            The same as `recorder`. Calling it again with the same arguments changes nothing.

        Raises
        ------
        ArgumentError
            `folder` is not a path, `rotate` or `names` is not of that form, or there can be no salt.

        Examples
        --------
        >>> import rugs_lab as rl
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, rl.demo(speed=50, seed=7) as feed:
        ...     recorder = feed.record(folder)
        ...     _ = feed.wait(ticks=3).record(None)
        ...     recorder.path.read_text().splitlines()[0][:31], recorder.lost
        ('{"type":"session","timestamp":"', 0)
        """
        with self._record_lock:
            old, new = self.recording, None
            if folder is not None:
                new = Recording(self, folder, raw=raw, rotate=rotate, names=names)
                if old is not None and old.settings == new.settings:
                    return old.recorder
            self.recording = new
            if old is not None:
                old.recorder.close()
            if new is not None and self.running:
                new.recorder.open()
                new.outage()
            return self.recorder

    def paper(
        self,
        strategy: StrategyLike | None = None,
        cash: float = 1.0,
        *,
        shorts: str | None = None,
        limit_s: float = 1.0,
        **parameters: Any,
    ) -> Paper:
        """Trade paper money on this feed, by a strategy or by hand; see `Paper`.

        Parameters
        ----------
        strategy
            Decides on the feed's ticks; its orders are filled at the next one. None: only by hand.
        cash
            SOL at the beginning.
        shorts
            None: rejected. ``"linear"``: an assumption, see `rugs_lab.trading.account.account.Account`.
        limit_s
            Seconds that the strategy has for a decision (at least 10 for the first). If it takes longer it is
            paused; the third time it is stopped.
        **parameters
            Values of the strategy's parameters.

        Returns
        -------
        Paper
            With ``trades``, ``equity``, ``ledger``; ``strategy_state`` and ``strategy_error``; ``trace``,
            every decision; ``versus_humans``, each game beside the people who played it; ``close()`` ends it.
            Several on one feed each have their own account; `bots` is all of them in a table.

        Examples
        --------
        >>> import rugs_lab as rl
        >>> def hasty(o, size=0.01):
        ...     return rl.buy(size) if not o.units else rl.hold()
        >>> with rl.demo(speed=50, seed=7) as feed:
        ...     paper = feed.paper(hasty, cash=1.0, size=0.1)
        ...     _ = feed.wait(games=1)
        >>> paper.strategy_state
        'running'
        """
        return self._accounts.open(strategy, cash, shorts=shorts, params=parameters, limit_s=limit_s)

    @property
    def papers(self) -> tuple[Paper, ...]:
        """The accounts that `paper` made, until each is closed; each trades for itself."""
        return self._accounts.papers

    @property
    def bots(self) -> pd.DataFrame:
        """The accounts of `papers` in one table; see `rugs_lab.trading.paper.bots_table.bots_frame`."""
        return self._accounts.bots

    @property
    def _accounts(self) -> Accounts:
        from rugs_lab.trading.paper.accounts import accounts_of

        return accounts_of(self)

    def __dir__(self) -> list[str]:
        return sorted(set(super().__dir__()).difference(self._internal.split()))

    def __deepcopy__(self, memo: object = None) -> Self:
        """Return the feed itself: there is one of it, and gymnasium copies what an environment is given."""
        return self

    __copy__ = __deepcopy__

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        name, messages = type(self).__name__, self.health.messages
        return f"<{name} {self.source}: {self.state}, {messages} messages, phase {self.phase}>"

    def _end_handlers(self) -> None:
        self.dispatcher.end(_HANDLER_GRACE_S)
        if (recorder := self.recorder) is not None:
            recorder.rest(_HANDLER_GRACE_S)
