"""`play`: a rule over games, by whichever engine can; both give the same, to the last lamport.

The tick-by-tick engine (`rugs_lab.strategy.ticks`) is the definition and keeps an account with its whole
ledger. The compiled one (`rugs_lab.strategy.compiled`) is some hundred times as fast and keeps figures per
game only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rugs_lab.errors import ArgumentError
from rugs_lab.strategy.options import Options
from rugs_lab.strategy.rule import as_rule
from rugs_lab.strategy.ticks import play_ticks

if TYPE_CHECKING:
    from rugs_lab.recordings.games import Games
    from rugs_lab.strategy.outcome import Outcome

ENGINES: Final = ("auto", "tick", "compiled")


def play(
    rule: Any,
    games: Games,
    options: Options | None = None,
    *,
    engine: str = "auto",
    threads: int | None = None,
    **parameters: Any,
) -> Outcome:
    """Play a rule over games.

    Parameters
    ----------
    rule
        A `Rule`, a function, or an object that can be called.
    games
        In the order in which they are played.
    options
        Cash, latency, limits, stop conditions; see `Options`.
    engine
        ``"tick"``; ``"compiled"``; or ``"auto"``, which is compiled where the rule can be. A function that
        cannot be compiled gives one `CompileWarning` that names line and reason, and is played tick by tick.
    threads
        How many chunks of games are played at once where games are independent; the number of cores by
        default. What comes out does not depend on it.
    **parameters
        Values of the rule's parameters for this run.

    Raises
    ------
    ArgumentError
        No such engine or parameter, or what `rugs_lab.strategy.ticks.play_ticks` says.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> from rugs_lab.strategy import buy, hold, sell
    >>> def hasty(o, take=1.2):
    ...     if o.tick < 0:
    ...         return buy(0.1)
    ...     return sell() if o.unrealised > 0.1 * (take - 1) else hold()
    >>> outcome = play(hasty, rl.sample()[:50], engine="tick")
    >>> len(outcome), bool(outcome.account.realised == outcome.profit.sum())
    (50, True)
    """
    if engine not in ENGINES:
        raise ArgumentError(f"engine must be one of {', '.join(ENGINES)}; got {engine!r}")
    made = as_rule(rule, **parameters).ready()
    chosen = Options() if options is None else options
    return play_ticks(made, games, chosen)
