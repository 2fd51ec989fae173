"""`GameSource`: recorded or synthetic games, played as the tick-by-tick engine does, a decision at a time."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.game.limits import MAX_TICKS
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.actions import Action
from rugs_lab.trading.account.orders import OrderStatus
from rugs_lab.trading.engine.batches import BATCH, batch_of, spans
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.observation import Observation, Observer


class Moment(NamedTuple):
    """What a source of episodes shows: `equity` lamports, `rejected` orders since the moment before.

    `ended` is empty while the game continues; then ``rug``, or ``void`` where its end is not known.
    """

    observation: Observation
    game_id: str
    equity: int
    ended: str = ""
    rejected: int = 0


class GameSource:
    """Recorded or synthetic games, one after the other, the first one again after the last."""

    def __init__(self, games: Games, options: Options) -> None:
        if not len(games):
            raise ArgumentError("an environment needs games; got none")
        self._games = games
        self._ids = games.ids
        self._options = options
        self._spans = spans(len(games), BATCH)
        self._loaded = -1
        self.account = options.account()
        self.restart(None)

    def restart(self, order: np.random.Generator | None) -> None:
        """Begin at the first game, or in a random order, drawn again each time all were played."""
        self._random = order
        self._turn = 0
        self._fresh = False
        self._chosen: int | None = None
        self._observer = Observer(self.account, MAX_TICKS + 1)

    def choose(self, game: int | str) -> None:
        """Play this game next, given by position or id; then the order continues where it was."""
        if isinstance(game, str):
            found = np.flatnonzero(self._ids == game)
            place = int(found[0]) if len(found) else -1
        else:
            place = int(game)
        if not 0 <= place < len(self._games):
            raise ArgumentError(
                f"a game is given by its position, 0 to {len(self._games) - 1}, or by its id; got {game!r}"
            )
        self._chosen = place

    def begin(self, *, session: bool) -> Moment:
        """Begin the next game; with `session` with a fresh account."""
        if session:
            self.account = self._options.account()
            self._observer.begin_session(self.account)
            if self._fresh and self._random is None and self._chosen is None:
                self._chosen = self._now  # nothing was done in it
        elif self.account.tradeable:
            raise ArgumentError(f"game {self.account.game_id} is not over")
        self._fresh = session
        self._place(self._next())
        self.account.begin(self._game_id)
        self._observer.begin()
        return Moment(self._observer.observation(), self._game_id, self.account.cash)

    def act(self, actions: Iterable[Action]) -> Moment:
        """Give orders, and continue to the next known tick, or to the end of the game."""
        account, observer = self.account, self._observer
        self._fresh = False
        rejected = sum([account.submit(action).reason is not None for action in actions])
        waiting = account.pending
        found = next(self._path, None)
        if found is None:
            return self._end(rejected)
        self._tick, price = found
        account.tick(self._tick, price)
        observer.see(self._tick, price)
        if waiting:
            rejected += sum(order.status is OrderStatus.REJECTED for order in waiting)
        seen = observer.observation()
        return Moment(seen, self._game_id, round(seen.equity * 1e9), "", rejected)

    def close(self) -> None:
        """Nothing is open."""

    def _next(self) -> int:
        if self._chosen is not None:
            place, self._chosen = self._chosen, None
            return place
        turn, self._turn = self._turn, (self._turn + 1) % len(self._games)
        if self._random is None:
            return turn
        if not turn:
            self._order = self._mixed(self._random)
        return self._order[turn]

    def _mixed(self, random: np.random.Generator) -> list[int]:
        """Draw an order: blocks of some thousand games, and games within each."""
        blocks = [self._spans[place] for place in random.permutation(len(self._spans)).tolist()]
        return [begin + place for begin, end in blocks for place in random.permutation(end - begin).tolist()]

    def _place(self, place: int) -> None:
        self._now = place
        block = place // BATCH
        if block != self._loaded:
            self._batch = batch_of(self._games, *self._spans[block])
            self._loaded = block
        batch, n = self._batch, place - self._batch.first
        self._end_tick, self._rug_price = int(batch.ends[n]), float(batch.rug_prices[n])
        self._prices = batch.flat[batch.offsets[n] : batch.offsets[n] + self._end_tick]
        self._tick = -1
        known = ((tick, price) for tick, price in enumerate(self._prices.tolist()) if price == price)
        self._path: Iterator[tuple[int, float]] = known
        self._game_id: str = str(self._ids[place])

    def _end(self, rejected: int) -> Moment:
        account, observer = self.account, self._observer
        if self._rug_price != self._rug_price:
            account.void()
            observer.end(None)
            return Moment(observer.observation(), self._game_id, account.cash, "void", rejected)
        account.rug(self._end_tick, self._rug_price)
        observer.end(self._end_tick)
        seen = at_the_rug(observer.observation(), self._end_tick, self._rug_price, self._prices)
        return Moment(seen, self._game_id, account.cash, "rug", rejected)


def at_the_rug(o: Observation, tick: int, price: float, prices: np.ndarray) -> Observation:
    """Return the observation of a settled game, with the rug as its present."""
    whole = np.append(prices, price)
    whole.flags.writeable = False
    return o._replace(tick=tick, price=price, prices=whole)
