"""`Account`: the one ledger of paper money, used by hand, in a backtest, in a replay and on the live feed.

An order decided at tick t is due at tick t + latency, one decided in presale at tick 0; it is filled at the
price of the first known tick from then on; if the rug comes first, it expires.
Everything is counted in whole lamports (`rugs_lab.game.money`), so at any moment

    cash + cost of the open position + margin of the open short + open stake
        = starting cash + realised profit

holds exactly. Source of the rules: see docs/the_game.md.
"""

from math import inf, isfinite
from typing import Final

from rugs_lab.errors import ArgumentError
from rugs_lab.game.money import BET_MAX_SOL, BET_MIN_SOL, BILLION, lamports
from rugs_lab.game.sidebet import SideBet
from rugs_lab.trading.account.actions import Action, Kind, is_size
from rugs_lab.trading.account.holdings import NO_SHORT, NOTHING, Holdings
from rugs_lab.trading.account.ledger import AccountGame
from rugs_lab.trading.account.orders import Order, Rejection

SHORTS: Final = (None, "linear")
"""What may be assumed of shorts."""

_ORDERS = tuple(kind for kind in Kind if kind != Kind.HOLD)
_CLOSES: Final = {Kind.SELL: Kind.BUY, Kind.COVER: Kind.SHORT}


class Account(Holdings):
    """Paper money: cash, one long position, one side bet, a short if assumed, and every change of them.

    `cash_sol` carries over from game to game; `latency` is in ticks from a decision to its fill, at least 1;
    `min_sol` and `max_sol` limit a buy, a short and a stake. `shorts` None: they are rejected, for how the
    site settles them is not known; ``"linear"``: they are filled under an assumption,
    `rugs_lab.game.money.Short`, which two observations contradict: profit ``size * (entry - price) / entry``,
    settled at the rug price. At the first tick from twice the average entry on, the size is lost
    (``liquidated``), before orders of that tick are filled.
    """

    def __init__(
        self,
        cash_sol: float = 1.0,
        *,
        latency: int = 1,
        min_sol: float = BET_MIN_SOL,
        max_sol: float = BET_MAX_SOL,
        shorts: str | None = None,
    ) -> None:
        if shorts not in SHORTS:
            raise ArgumentError(f'shorts must be None (rejected) or "linear", an assumption; got {shorts!r}')
        if isinstance(latency, bool) or not isinstance(latency, int) or latency < 1:
            raise ArgumentError(f"latency must be a number of ticks, at least 1; got {latency!r}")
        if not 0 < min_sol <= max_sol < inf:
            raise ArgumentError(f"limits must be 0 < min_sol <= max_sol; got {min_sol!r} and {max_sol!r}")
        self.latency = latency
        self.shorts = shorts
        self.min_sol, self.max_sol = min_sol, max_sol
        self._least, self._most = lamports(min_sol), lamports(max_sol)
        super().__init__(0)
        self.now = -1
        """The newest tick of the game; -1 before the first."""
        self.tradeable = False
        """Whether a game is open: from `begin` to `rug` or `void`."""
        self.idle_from: int | None = None
        """Place in `games` from which on its strategy is paused or stopped; None where it is not."""
        self.reset(cash_sol)

    def reset(self, cash_sol: float | None = None) -> None:
        """Begin a new session: the original cash (or `cash_sol`), nothing open, an empty ledger.

        The game continues; what is open is forgotten.
        """
        if cash_sol is not None:
            if not is_size(cash_sol) or not 0 <= cash_sol < inf:
                raise ArgumentError(f"cash must be a finite number of SOL >= 0; got {cash_sol!r}")
            self.start = lamports(cash_sol)
        self.pending: list[Order] = []
        """Orders that wait for their tick, oldest first."""
        self.orders: list[Order] = []
        """Every order of the session."""
        self.idle: set[str] = set()
        """Games through which its strategy was paused."""
        self.open_ledger()
        if self.tradeable and self.game_id is not None:
            self.games.append(AccountGame(self.game_id, 0))

    @property
    def finished(self) -> list[AccountGame]:
        """The games that are over and count.

        Not those of which no tick was received, nor those in which nothing was traded while the strategy was
        paused or after it had been stopped (`idle_from`, `idle`).
        """
        traded = {entry.game_id for entry in self.entries}
        first = len(self.games) if self.idle_from is None else self.idle_from
        idle = self.idle.union(game.game_id for game in self.games[first:]) - traded
        over = [game for game in self.games if game.end is not None and game.end > game.begin]
        return [game for game in over if game.game_id not in idle]

    def end_idle(self) -> None:
        """Note that its strategy continues, in the running game too."""
        self.idle.update(game.game_id for game in self.games[self.idle_from :] if game.end is not None)
        self.idle_from = None

    @property
    def flat(self) -> bool:
        """Whether nothing is open: no position, no short, no side bet, no pending order."""
        return not (self.position.nano_units or self.short.nano_units or self.bet or self.pending)

    def begin(self, game_id: str) -> None:
        """Open a game, in its presale; the game before must be settled."""
        if self.tradeable and not self.flat:
            raise ArgumentError(
                f"game {self.game_id} is not settled: call rug() or void() before begin({game_id!r})"
            )
        if self.tradeable:
            self._end(None)
        self.game_id = game_id
        self.now, self.price = -1, float("nan")
        self.tradeable = True
        self.games.append(AccountGame(game_id, len(self.ticks)))

    def submit(
        self, action: Action, seen_tick: int | None = None, rejection: Rejection | None = None
    ) -> Order:
        """Give an order; it is pending or rejected when this returns, for `rejection` where that is given.

        `seen_tick`: the tick on which it was decided. It may be newer than the account has received; an older
        one is kept for the record only.
        """
        if not isinstance(action, Action) or action.kind not in _ORDERS:
            raise ArgumentError(f"an order is buy(), sell(), sidebet(), short() or cover(); got {action!r}")
        if not is_size(action.size):
            raise ArgumentError(f"the size of an order is a number; got {action!r}")
        seen = self.now if seen_tick is None else seen_tick
        decided = max(self.now, seen)
        due = due_tick(decided, self.latency)
        order = Order(len(self.orders) + 1, self.game_id, action, decided, due, seen)
        self.orders.append(order)
        reason = rejection or self._rejection(action, due)
        if reason is None:
            self.pending.append(order)
        else:
            order.reject(reason)
        return order

    def drop_orders(self, reason: Rejection) -> None:
        """Reject every pending order."""
        for order in self.pending:
            order.reject(reason)
        self.pending = []

    def cancel(self, order: Order) -> bool:
        """Cancel an order that is still pending; return whether it was."""
        if order not in self.pending:
            return False
        self.pending.remove(order)
        order.reject(Rejection.CANCELLED)
        return True

    def tick(self, tick: int, price: float) -> None:
        """Take the next price of the game: settle a bet whose window has passed, fill what is due.

        Ticks may be missing, but not go back. A fill that was due at a missing tick happens at this one.
        """
        if not (self.tradeable and tick > self.now and 0 < price < inf):
            self._see(tick, price)  # raises with the reason
        self.now, self.price = tick, price
        self.ticks.append(tick)
        self.prices.append(price)
        if self.bet is not None and tick >= self.bet.end_tick:
            self.settle_bet(tick, won=False)
        if self.short.nano_units and not self.short.value(price):
            self.hold(NO_SHORT, "liquidated", 0, tick)
        if self.pending:
            self._fill_due(tick, price)

    def rug(self, tick: int, price: float) -> None:
        """Take the end of the game: settle the bet and the position; pending orders expire."""
        self._see(tick, price)
        if self.bet is not None:
            self.settle_bet(tick, won=self.bet.wins(tick))
        if self.position.nano_units:
            self.hold(NOTHING, "rug", self.position.value(price), tick)
        if self.short.nano_units:
            self.hold(NO_SHORT, "short rug", self.short.value(price), tick)
        self._end(tick)

    def void(self) -> None:
        """End a game whose rug will never be known: what is open is refunded at cost."""
        self.refund(max(self.now, 0))
        self._end(None)

    def _rejection(self, action: Action, due: int) -> Rejection | None:
        """Return why an order is rejected when it is given, or None."""
        kind, size = action
        if not self.tradeable:
            return Rejection.NOT_TRADEABLE
        if not isfinite(size):
            return Rejection.NOT_FINITE
        if kind in (Kind.SHORT, Kind.COVER) and self.shorts is None:
            return Rejection.SHORTS_UNKNOWN
        if kind in _CLOSES:
            if not 0 < size <= 1:
                return Rejection.BELOW_MINIMUM if size <= 0 else Rejection.ABOVE_MAXIMUM
            held = self.position.nano_units if kind == Kind.SELL else self.short.nano_units
            if held or any(order.action.kind == _CLOSES[Kind(kind)] for order in self.pending):
                return None
            return Rejection.NO_POSITION if kind == Kind.SELL else Rejection.NO_SHORT
        if kind == Kind.SIDEBET and self._bet_stands_at(due):
            return Rejection.BET_ALREADY_OPEN
        if not isfinite(size * BILLION):
            return Rejection.BELOW_MINIMUM if size < 0 else Rejection.ABOVE_MAXIMUM
        return self._amount_rejection(lamports(size))

    def _amount_rejection(self, amount: int) -> Rejection | None:
        if amount < self._least:
            return Rejection.BELOW_MINIMUM
        if amount > self._most:
            return Rejection.ABOVE_MAXIMUM
        promised = sum(lamports(each.action.size) for each in self.pending if each.action.kind not in _CLOSES)
        return Rejection.NOT_ENOUGH_CASH if amount > self.cash - promised else None

    def _bet_stands_at(self, tick: int) -> bool:
        if self.bet is not None and tick < self.bet.end_tick:
            return True
        return any(order.action.kind == Kind.SIDEBET for order in self.pending)

    def _see(self, tick: int, price: float) -> None:
        if not self.tradeable:
            raise ArgumentError(f"no game is open: begin() one first; got tick {tick}")
        if tick <= self.now:
            raise ArgumentError(f"ticks of a game must grow: the newest is {self.now}; got {tick}")
        if not 0 < price < inf:
            raise ArgumentError(f"a price must be a finite number above 0; got {price!r} at tick {tick}")
        self.now, self.price = tick, price
        self.ticks.append(tick)
        self.prices.append(price)

    def _fill_due(self, tick: int, price: float) -> None:
        waiting, self.pending = self.pending, [order for order in self.pending if order.due_tick > tick]
        for order in waiting:
            if order.due_tick <= tick:
                fill(self, order, tick, price)

    def _end(self, rug_tick: int | None) -> None:
        self.drop_orders(Rejection.GAME_ENDED)
        if self.tradeable:
            self.games[-1].end, self.games[-1].rug_tick = len(self.ticks), rug_tick
        self.tradeable = False


def due_tick(decided: int, latency: int) -> int:
    """Return the tick from which on an order is filled that was decided at a tick (-1: presale)."""
    return 0 if decided < 0 else decided + latency


def fill(holdings: Holdings, order: Order, tick: int, price: float) -> None:
    """Fill an order at the price of a tick, or reject it where there is nothing to fill any more."""
    if order.action.kind in (Kind.BUY, Kind.SHORT):
        reason = _open(holdings, order, tick, price)
    elif order.action.kind in (Kind.SELL, Kind.COVER):
        reason = _close(holdings, order, tick, price)
    else:
        reason = _bet(holdings, order, tick)
    if reason is None:
        order.fill(tick, price)
    else:
        order.reject(reason)


def _open(holdings: Holdings, order: Order, tick: int, price: float) -> Rejection | None:
    kind, size = order.action
    before = holdings.position if kind == Kind.BUY else holdings.short
    amount = lamports(size)
    after = before.buy(amount, price)
    if after.nano_units == before.nano_units:
        return Rejection.BELOW_MINIMUM
    holdings.hold(after, "buy" if kind == Kind.BUY else "short", -amount, tick, order)
    return None


def _close(holdings: Holdings, order: Order, tick: int, price: float) -> Rejection | None:
    kind, fraction = order.action
    before = holdings.position if kind == Kind.SELL else holdings.short
    if not before.nano_units:
        return Rejection.NO_POSITION if kind == Kind.SELL else Rejection.NO_SHORT
    rest, proceeds = before.sell(fraction, price)
    if rest.nano_units == before.nano_units:
        return Rejection.BELOW_MINIMUM
    holdings.hold(rest, "sell" if kind == Kind.SELL else "cover", proceeds, tick, order)
    return None


def _bet(holdings: Holdings, order: Order, tick: int) -> Rejection | None:
    if holdings.bet is not None:
        return Rejection.BET_ALREADY_OPEN
    stake = lamports(order.action.size)
    holdings.bet = SideBet(stake, tick)
    holdings.book("sidebet", tick, 0, tick, 0, -stake, order)
    return None
