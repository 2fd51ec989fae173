"""One game's table: the accounts of all players, what they do tick by tick, and what the server writes down.

What players do between the messages of ticks t and t + 1 is filled at the price of tick t and first shown in
message t + 1, valued at the price of tick t: this is why pnl lags one tick.
"""

from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import UUID

from rugs_lab.feed.server.simulation.player_accounts import PlayerAccount, stake_fields
from rugs_lab.feed.server.simulation.players import Player
from rugs_lab.feed.server.simulation.rounds import Round, number
from rugs_lab.game.limits import MESSAGE_MS, PRACTICE_COIN, PRESALE_MS, SOL_COIN
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, SideBet

BOARD_ROWS: Final = 10
PRESALE_BET_CHANCE: Final = 0.25
_SPARE_MS: Final = 240


@dataclass(frozen=True, slots=True)
class Fill:
    """One filled order, as the server would broadcast it."""

    player: Player
    type: str
    tick: int
    price: float
    amount_sol: float
    units: float


class PlayerTrading:
    """The players' side of one game.

    `trades`: buys and sells so far, forced sells included: the server's ``tradeCount``. `sidebets`: entries
    of ``globalSidebets`` so far, in order of time.
    """

    def __init__(self, game: Round, players: tuple[Player, ...], rng: Random) -> None:
        self.trades = 0
        self.sidebets: list[dict[str, Any]] = []
        self._game = game
        self._rng = rng
        self._accounts = [PlayerAccount(player) for player in players]
        self._presale = sorted(
            (rng.randrange(MESSAGE_MS, PRESALE_MS, MESSAGE_MS), place)
            for place, player in enumerate(players)
            if rng.random() < player.presale
        )

    def presale_orders(self, timer_ms: int) -> list[Fill]:
        """Take the presale orders that come while the countdown falls to `timer_ms`; they fill at tick 0."""
        fills = []
        while self._presale and self._presale[-1][0] >= timer_ms:
            account = self._accounts[self._presale.pop()[1]]
            fills += self._buy(account, 0)
            player = account.player
            if player.bet > 0.001 and self._rng.random() < PRESALE_BET_CHANCE:
                account.place(player.bet_sol, 0)
        return fills

    def play(self, tick: int, now_ms: int) -> list[Fill]:
        """Let everybody act after the message of `tick`; return the fills."""
        price = self._game.prices[tick]
        draw = self._rng.random
        fills: list[Fill] = []
        entries: list[dict[str, Any]] = []
        for account in self._accounts:
            player, bet = account.player, account.bet
            if bet is not None and bet.end_tick <= tick:
                entries.append(self._payout(account, None, now_ms))
                bet = None
            if account.position.units:
                if tick:
                    fills += self._exit(account, tick, price)
            elif tick and draw() < player.entry:
                fills += self._buy(account, tick)
            if tick and bet is None and draw() < player.bet:
                entries.append(self._placed(player, account.place(player.bet_sol, tick), now_ms))
        entries.sort(key=lambda entry: entry["timestamp"])
        self.sidebets += entries
        return fills

    def rug(self, now_ms: int) -> None:
        """Settle everything at the rug: positions at the rug price, open side bets as won."""
        tick = self._game.rug_tick
        price = self._game.prices[tick]
        entries = []
        for account in self._accounts:
            if account.position.units:
                account.sell(1.0, price)
                self.trades += 1
            if account.bet is not None:
                entries.append(self._payout(account, tick, now_ms))
        entries.sort(key=lambda entry: entry["timestamp"])
        self.sidebets += entries

    def board(self, price: float, *, presale: bool = False) -> list[dict[str, Any]]:
        """Return the leaderboard valued at `price`: at most ten rows, the highest pnl first."""
        active = [account for account in self._accounts if account.active]
        pnls = [account.pnl(price) for account in active]
        ranks = [(-sum(pnl), -account.invested_sol) for account, pnl in zip(active, pnls, strict=True)]
        best = sorted(range(len(active)), key=ranks.__getitem__)[:BOARD_ROWS]
        return [
            active[n].row(place, self._game.id, pnls[n], presale=presale)
            for place, n in enumerate(best, start=1)
        ]

    def stake_sol(self) -> float:
        """Return the real money put in so far, SOL."""
        return sum(account.invested_sol for account in self._accounts if not account.player.practice)

    def _buy(self, account: PlayerAccount, tick: int) -> list[Fill]:
        price = self._game.prices[tick]
        amount = account.player.stake_sol
        units = account.buy(amount, price, tick)
        return [self._fill(account.player, "buy", tick, price, amount, units)] if units else []

    def _exit(self, account: PlayerAccount, tick: int, price: float) -> list[Fill]:
        player = account.player
        gain = account.position.value_sol(price) / account.position.cost_sol
        if gain >= player.take ** (account.cuts + 1):
            fraction = player.cut
        elif gain <= player.stop or tick - account.entered >= player.patience:
            fraction = 1.0
        else:
            return []
        units, proceeds = account.sell(fraction, price)
        return [self._fill(player, "sell", tick, price, proceeds, units)] if units else []

    def _fill(self, player: Player, kind: str, tick: int, price: float, amount: float, units: float) -> Fill:
        self.trades += 1
        return Fill(player, kind, tick, price, amount, units)

    def _placed(self, player: Player, bet: SideBet, now_ms: int) -> dict[str, Any]:
        return {
            "playerId": player.id,
            "username": player.username,
            "gameId": self._game.id,
            **stake_fields(bet.stake_sol, player),
            "timestamp": now_ms + self._rng.randrange(_SPARE_MS),
            "type": "placed",
            "startedAtTick": bet.start_tick,
            "end": bet.end_tick,
            "id": draw_id(self._rng),
        }

    def _payout(self, account: PlayerAccount, rug_tick: int | None, now_ms: int) -> dict[str, Any]:
        player = account.player
        bet, payout = account.settle_bet(rug_tick)
        head: dict[str, Any] = {"playerId": player.id, "gameId": self._game.id, "username": player.username}
        sums = {
            "betAmount": number(bet.stake_sol),
            "payout": number(payout),
            "profit": number(payout - bet.stake_sol),
            "xPayout": SIDEBET_PAYOUT,
            "coinAddress": PRACTICE_COIN if player.practice else SOL_COIN,
            "endTick": bet.end_tick,
            "startTick": bet.start_tick,
        }
        tail = {
            "timestamp": now_ms + self._rng.randrange(_SPARE_MS),
            "type": "payout",
            "id": draw_id(self._rng),
        }
        if rug_tick is None:
            return {**head, **sums, "tickIndex": bet.start_tick, **tail}
        price = number(self._game.prices[rug_tick])
        return {**head, "level": player.level, **sums, "tickIndex": rug_tick, "price": price, **tail}


def draw_id(rng: Random) -> str:
    """Draw an id of the form that trades and side bets have."""
    return str(UUID(int=rng.getrandbits(128), version=4))
