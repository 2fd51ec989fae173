"""`Holdings`: what a player owns, and the ledger, which has an entry for every change of cash."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from rugs_lab.game.money import Position, Short, sol
from rugs_lab.game.sidebet import SideBet
from rugs_lab.trading.account.account_frames import closed_frame, equity_frame, ledger_frame
from rugs_lab.trading.account.ledger import AccountGame, Entry
from rugs_lab.trading.account.orders import Order

if TYPE_CHECKING:
    import pandas as pd

NOTHING = Position()
NO_SHORT = Short()


class Holdings:
    """Cash, a long position, a short, a side bet, and the ledger of their changes. Money in lamports."""

    def __init__(self, start: int) -> None:
        self.game_id: str | None = None
        self.price = float("nan")
        """The newest price, a multiplier; NaN before the first."""
        self.start = start
        """Cash at the beginning of the session."""
        self.open_ledger()

    def open_ledger(self) -> None:
        """Begin an empty ledger with the cash of the beginning and nothing open."""
        self.cash = self.start
        self.position = NOTHING
        self.short = NO_SHORT
        self.bet: SideBet | None = None
        self.entries: list[Entry] = []
        """The ledger, oldest first; `ledger` is the same as a frame."""
        self.games: list[AccountGame] = []
        """Its games, oldest first: which ticks were theirs, and how each ended."""
        self.ticks = array("q")
        self.prices = array("d")
        self._opened: dict[type[Position], int] = {Position: -1}

    @property
    def start_sol(self) -> float:
        """Cash at the beginning of the session, SOL."""
        return sol(self.start)

    @property
    def cash_sol(self) -> float:
        """Cash, SOL."""
        return sol(self.cash)

    @property
    def stake(self) -> int:
        """The open stake, lamports."""
        return 0 if self.bet is None else self.bet.stake_lamports

    @property
    def opened_tick(self) -> int:
        """Tick of the open position's first buy; -1 without a position."""
        return self._opened[Position] if self.position.nano_units else -1

    @property
    def realised(self) -> int:
        """Profit of everything closed so far, lamports."""
        open_cost = self.position.cost_lamports + self.short.cost_lamports + self.stake
        return self.cash + open_cost - self.start

    @property
    def realised_sol(self) -> float:
        """Profit of everything closed so far, SOL."""
        return sol(self.realised)

    @property
    def unrealised(self) -> int:
        """Profit if all were closed at the newest price, lamports; an open bet counts at its cost."""
        open_ones = [held for held in (self.position, self.short) if held.nano_units]
        return sum(held.value(self.price) - held.cost_lamports for held in open_ones)

    @property
    def unrealised_sol(self) -> float:
        """Profit if all were closed at the newest price, SOL; an open bet counts at its cost."""
        return sol(self.unrealised)

    @property
    def equity_sol(self) -> float:
        """Cash, position and short at the newest price, and the open stake, SOL."""
        return sol(self.start + self.realised + self.unrealised)

    @property
    def ledger(self) -> pd.DataFrame:
        """Every change of cash, in order; see `rugs_lab.trading.account.account_frames.ledger_frame`."""
        return ledger_frame(self.entries)

    @property
    def trades(self) -> pd.DataFrame:
        """Everything closed, with its profit; see `rugs_lab.trading.account.account_frames.closed_frame`."""
        return closed_frame(self.entries)

    @property
    def equity(self) -> pd.DataFrame:
        """One row per tick: what there is, and its sum; see `equity_frame`."""
        return equity_frame(self.start, self.entries, self.games, self.ticks, self.prices)

    def __repr__(self) -> str:
        open_ones = [f"position {self.position.units:g} units"] if self.position.nano_units else []
        open_ones += [f"short {self.short.cost_sol:g} SOL"] if self.short.nano_units else []
        open_ones += [f"side bet {self.bet.stake_sol:g} SOL"] if self.bet is not None else []
        words = ", ".join(open_ones) or "nothing open"
        money = f"cash {self.cash_sol:.9g} SOL, realised {self.realised_sol:+.9g} SOL"
        return f"<{type(self).__name__} {money}, {words}>"

    def hold(self, after: Position, what: str, change: int, tick: int, order: Order | None = None) -> None:
        """Hold `after` instead of the position or the short, for a change of cash; as in `Entry`."""
        before = self.short if isinstance(after, Short) else self.position
        if not before.nano_units:
            self._opened[type(after)] = tick
        if isinstance(after, Short):
            self.short = after
        else:
            self.position = after
        units = abs(after.nano_units - before.nano_units)
        cost = max(before.cost_lamports - after.cost_lamports, 0)
        self.book(what, tick, units, self._opened[type(after)], cost, change, order)

    def settle_bet(self, tick: int, *, won: bool) -> None:
        """Pay the open side bet out, or write it off."""
        bet, self.bet = self.bet, None
        if bet is not None:
            what, payout = ("won", bet.payout(tick)) if won else ("lost", 0)
            self.book(what, min(tick, bet.end_tick), 0, bet.start_tick, bet.stake_lamports, payout)

    def refund(self, tick: int) -> None:
        """Close all that is open at cost, without profit."""
        if self.bet is not None:
            stake, opened = self.bet.stake_lamports, self.bet.start_tick
            self.bet = None
            self.book("void", tick, 0, opened, stake, stake)
        if self.position.nano_units:
            self.hold(NOTHING, "void", self.position.cost_lamports, tick)
        if self.short.nano_units:
            self.hold(NO_SHORT, "void", self.short.cost_lamports, tick)

    def book(
        self,
        what: str,
        tick: int,
        units: int,
        opened: int,
        cost: int,
        change: int,
        order: Order | None = None,
    ) -> None:
        """Change the cash, with a ledger entry; the parameters are those of `Entry`."""
        self.cash += change
        self.entries.append(
            Entry(
                game_id=self.game_id or "",
                tick=tick,
                what=what,
                price=self.price,
                nano_units=units,
                opened_tick=opened,
                cost=cost,
                cash_change=change,
                cash=self.cash,
                held=self.position.nano_units,
                stake=self.stake,
                place=len(self.ticks) - 1,
                order=None if order is None else order.number,
                shorted=self.short.nano_units,
                margin=self.short.cost_lamports,
            )
        )
