"""`Alerting`: conditions on the ticks of a feed, reported once per game in Python and in the widgets."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from math import inf
from typing import Final

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.waiting import Waiting
from rugs_lab.recordings.assembly.game_assembly import Tick

Condition = Callable[[Tick], object]

MOST_ALERTS: Final = 32
"""Of one feed at once; each has a thread of its own."""

_numbers = count(1)


class Alert:
    """Conditions on a feed, made by ``feed.alert``; ``str`` has them in words.

    `met`: in how many games they were met. `last`: the `Tick` that met them last; None: none did.
    """

    def __init__(self, conditions: dict[str, Condition], call: Condition | None) -> None:
        self.number = next(_numbers)
        self.met = 0
        self.last: Tick | None = None
        self.remove: Callable[[], None] = lambda: None
        """Ends it; again does nothing."""
        self._conditions, self._call = conditions, call

    def look(self, tick: Tick) -> None:
        """Report a tick if it is the first of its game to meet the conditions."""
        if self.last is not None and self.last.game_id == tick.game_id:
            return
        if all(met(tick) for met in self._conditions.values()):
            self.last = tick
            self.met += 1
            if self._call is not None:
                self._call(tick)

    def __str__(self) -> str:
        return " and ".join(self._conditions)

    def __repr__(self) -> str:
        return f"<Alert {self}: met in {self.met} games>"


class Alerting(Waiting):
    """A feed with alerts."""

    def __init__(self, maxlen: int) -> None:
        super().__init__(maxlen)
        self._alerts: dict[int, Alert] = {}

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """What `alert` made and nobody has removed, in that order."""
        return tuple(self._alerts.values())

    def alert(
        self,
        *,
        price: float | None = None,
        after: int | None = None,
        on: str | None = None,
        when: Condition | None = None,
        call: Condition | None = None,
    ) -> Alert:
        """Report when all of these hold, once per game, until ``alert.remove()``; the widgets show it too.

        Parameters
        ----------
        price
            Multiplier to be reached: from below, or under 1, where every game begins, from above. The price
            of the rug does not count.
        after
            Ticks from the beginning of the game.
        on
            ``"rug"``: the end of the game.
        when
            A function of a `Tick` (``game_id``, ``tick``, ``price``, ``rug``, ``backfilled``).
        call
            Called with the `Tick` that met it, as handlers of ``feed.on`` are.

        Raises
        ------
        ArgumentError
            Nothing to report, a value that cannot be met, or more than 32 alerts at once.

        Examples
        --------
        >>> import rugs_lab as rl
        >>> feed = rl.ReplayFeed(rl.sample()[0], speed=float("inf"))
        >>> rug = feed.alert(on="rug", call=lambda tick: print("rug at tick", tick.tick))
        >>> feed.start().wait(games=1).stop()
        rug at tick 30
        >>> feed.alerts
        (<Alert rug: met in 1 games>,)
        """
        if not all(each is None or callable(each) for each in (when, call)):
            raise ArgumentError(f"when and call must be functions of a tick; got {when!r} and {call!r}")
        numbers = [each for each in (price, after) if each is not None]
        known = all(isinstance(each, int | float) and 0 <= each < inf for each in numbers)
        if not known or price == 0 or on not in (None, "rug"):
            got = f"{price!r}, {after!r} and {on!r}"
            raise ArgumentError(f"price must be above 0, after 0 or more, on 'rug'; got {got}")
        given: dict[str, Condition] = {} if on is None else {on: lambda tick: tick.rug}
        if price is not None:
            words, sign = ("or more", 1) if price >= 1 else ("or less", -1)
            given[f"price {price:g}x {words}"] = lambda tick: (
                not tick.rug and sign * (tick.price - price) >= 0
            )
        if after is not None:
            given[f"tick {after} or later"] = lambda tick: tick.tick >= after
        if when is not None:
            given[getattr(when, "__name__", type(when).__name__)] = when
        if not given or len(self._alerts) >= MOST_ALERTS:
            reason = f"a feed has at most {MOST_ALERTS}: remove() some of feed.alerts"
            raise ArgumentError(reason if given else "say what to report: price=, after=, on= or when=")
        made = Alert(given, call)
        off = self.dispatcher.on("tick", made.look, owner=self)

        def remove() -> None:
            off()
            self._alerts.pop(made.number, None)

        made.remove = remove
        self._alerts[made.number] = made
        return made
