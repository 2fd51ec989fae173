"""The account of one simulated player in one game: position, side bet, and what the leaderboard says of it.

Arithmetic by `rugs_lab.game.money`; amounts and quantities carry nine decimals as on the wire.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from rugs_lab.feed.server.simulation.players import Player
from rugs_lab.feed.server.simulation.rounds import Number, number
from rugs_lab.game.limits import PRACTICE_COIN, SOL_COIN
from rugs_lab.game.money import BILLION, Position, lamports, sol
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, SideBet

DECIMALS: Final = 9

PRACTICE_TOKEN: Final = {
    "address": PRACTICE_COIN,
    "ticker": "FREE",
    "name": "Free Practice Token",
    "max_bet": 10000,
    "max_win": 50000,
    "logoURI": "/icons/Icon_Free_Solana.png",
}


@dataclass(slots=True, eq=False)
class PlayerAccount:
    """What one player owns and owes in one game.

    `position`, `bet`: open ones, None without. `entered`: tick of the last buy. `cuts`: sells since then.
    """

    player: Player
    position: Position = field(default_factory=Position)
    bet: SideBet | None = None
    entered: int = 0
    cuts: int = 0
    _invested: int = 0
    _cash: int = 0
    _net: int = 0
    _sidebet: int = 0

    @property
    def active(self) -> bool:
        """Whether the player has done anything in this game."""
        return self._invested > 0

    @property
    def invested_sol(self) -> float:
        """Highest net outlay so far, SOL: the server's ``totalInvested``."""
        return sol(self._invested)

    def buy(self, amount_sol: float, price: float, tick: int) -> float:
        """Spend `amount_sol`; return the units received (0.0: too few to count, nothing happens)."""
        amount = lamports(amount_sol)
        bought = self.position.buy(amount, price)
        units = bought.nano_units - self.position.nano_units
        if not units:
            return 0.0
        self.position = bought
        self.entered, self.cuts = tick, 0
        self._cash -= amount
        self._spend(amount)
        return units / BILLION

    def sell(self, fraction: float, price: float) -> tuple[float, float]:
        """Sell a fraction; return units sold and proceeds, SOL."""
        rest, proceeds = self.position.sell(fraction, price)
        units = self.position.nano_units - rest.nano_units
        self.position = rest
        self.cuts += 1
        self._cash += proceeds
        self._net -= proceeds
        return units / BILLION, sol(proceeds)

    def place(self, stake_sol: float, tick: int) -> SideBet:
        """Place a side bet; one at a time is the caller's strategy."""
        self.bet = SideBet(lamports(stake_sol), tick)
        self._spend(self.bet.stake_lamports)
        return self.bet

    def settle_bet(self, rug_tick: int | None) -> tuple[SideBet, float]:
        """Close the side bet (`rug_tick` None: no rug in its window); return it and its payout, SOL."""
        bet = self.bet
        if bet is None:
            raise AssertionError("no side bet to settle")
        won = rug_tick is not None and bet.wins(rug_tick)
        payout = SIDEBET_PAYOUT * bet.stake_lamports if won else 0
        self.bet = None
        self._sidebet += payout - bet.stake_lamports
        self._net -= payout
        return bet, SIDEBET_PAYOUT * bet.stake_sol if won else 0.0  # multiplied as floats, as the server does

    def pnl(self, price: float) -> tuple[float, float]:
        """Return the pnl of the position at `price` and that of settled side bets, SOL."""
        held = self.position.value(price) if self.position.nano_units else 0
        return sol(self._cash + held), sol(self._sidebet)

    def row(self, place: int, game_id: str, pnl: tuple[float, float], *, presale: bool) -> dict[str, Any]:
        """Return the leaderboard row with this `pnl`; presale rows lack its three parts."""
        regular, sidebet = pnl
        total = regular + sidebet
        invested = self.invested_sol
        percent = number(100 * total / invested if invested else 0.0)
        who: dict[str, Any] = {
            "id": self.player.id,
            "username": self.player.username,
            "level": self.player.level,
            "pnl": number(total),
        }
        bet = {
            "sidebetActive": True if self.bet else None,
            "sideBet": self._open_bet(self.bet, game_id) if self.bet else None,
            "shortPosition": None,
        }
        owned = {
            "hasActiveTrades": True,
            "positionQty": number(self.position.units),
            "avgCost": number(round(self.position.average_cost, DECIMALS)),
            "totalInvested": number(invested),
            "selectedCoin": PRACTICE_TOKEN if self.player.practice else None,
            "position": place,
        }
        if presale:
            return {**who, "pnlPercent": percent, **bet, **owned}
        parts = {"regularPnl": number(regular), "sidebetPnl": number(sidebet), "shortPnl": 0}
        return {**who, **parts, **bet, "pnlPercent": percent, **owned}

    def _open_bet(self, bet: SideBet, game_id: str) -> dict[str, Any]:
        return {
            "startedAtTick": bet.start_tick,
            "gameId": game_id,
            "end": bet.end_tick,
            **stake_fields(bet.stake_sol, self.player),
        }

    def _spend(self, amount: int) -> None:
        self._net += amount
        self._invested = max(self._invested, self._net)


def stake_fields(stake_sol: float, player: Player) -> dict[str, Any]:
    """Return the fields of a side bet's stake, in the order of the wire; practice money has no portions."""
    stake: Number = number(stake_sol)
    return {
        "betAmount": stake,
        "xPayout": SIDEBET_PAYOUT,
        "coinAddress": PRACTICE_COIN if player.practice else SOL_COIN,
        "bonusPortion": 0,
        "realPortion": 0 if player.practice else stake,
    }
