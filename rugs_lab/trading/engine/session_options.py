"""`Options`: the settings of a session; the same for every engine."""

from dataclasses import dataclass
from math import inf
from typing import Any

from rugs_lab.errors import ArgumentError
from rugs_lab.game.money import BET_MAX_SOL, BET_MIN_SOL, lamports
from rugs_lab.trading.account.account import Account


@dataclass(frozen=True, slots=True)
class Options:
    """How games are played.

    Cash at the beginning, SOL; `latency`, ticks from a decision to its fill, at least 1; limits of a buy, a
    short and a stake, SOL. `carry`: one session, whose cash goes from game to game; else every game begins
    with `cash_sol`, as if it were the only one, so that games can be compared and averaged. A session ends
    after the game in which its cash reached `take` times the starting cash (above 1), or lost the share
    `loss` of it (above 0, at most 1), or after `max_games`. `shorts`: None, rejected; ``"linear"``, an
    assumption (see `rugs_lab.trading.account.account.Account`) that is only played tick by tick.
    """

    cash_sol: float = 1.0
    latency: int = 1
    min_sol: float = BET_MIN_SOL
    max_sol: float = BET_MAX_SOL
    carry: bool = True
    take: float | None = None
    loss: float | None = None
    max_games: int | None = None
    shorts: str | None = None

    def __post_init__(self) -> None:
        self.account()
        if self.take is not None and not 1 < self.take < inf:
            raise ArgumentError(f"target must be a multiple of the starting cash above 1; got {self.take!r}")
        if self.loss is not None and not 0 < self.loss <= 1:
            raise ArgumentError(
                f"max_loss must be a share of the starting cash, above 0 and at most 1; got {self.loss!r}"
            )
        count = self.max_games
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
            raise ArgumentError(f"max_games must be an integer >= 0; got {count!r}")
        if not self.carry and (self.take is not None or self.loss is not None):
            why = "with carry=False every game is a session of its own"
            raise ArgumentError(f"target and max_loss end a session and need carry=True; {why}")

    def account(self) -> Account:
        """Return a fresh account."""
        return Account(self.cash_sol, **self.rules)

    @property
    def rules(self) -> dict[str, Any]:
        """What an account is made with beside its cash."""
        return {name: getattr(self, name) for name in ("latency", "min_sol", "max_sol", "shorts")}

    @property
    def take_at(self) -> int | None:
        """Lamports at which the session has won; None: never."""
        return None if self.take is None else lamports(self.cash_sol * self.take)

    @property
    def loss_at(self) -> int | None:
        """Lamports at which the session has lost; None: never."""
        return None if self.loss is None else lamports(self.cash_sol * (1 - self.loss))
