"""The tick-by-tick engine: one account that follows each game. It defines the result of a run.

For each game: the account begins it, the strategy is asked in presale; at each known tick the account takes
the price (which settles a bet and fills what is due), and the strategy is asked; at the rug the account
settles what is open. A game whose rug is not known, or not its price, is refunded at cost at its last known
tick.
"""

import warnings
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError, RugsLabWarning
from rugs_lab.game.limits import MAX_TICKS, START_PRICE
from rugs_lab.game.price_process import expected_price
from rugs_lab.progress import progress
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import hold
from rugs_lab.trading.account.ledger import counts_of
from rugs_lab.trading.account.orders import OrderStatus
from rugs_lab.trading.engine.batches import batches
from rugs_lab.trading.engine.game_results import EXACT, FIELDS, GameResults
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.error_messages import note_of
from rugs_lab.trading.strategy.observation import Observer
from rugs_lab.trading.strategy.strategy import Strategy, actions_of, reaches_back

TIMED: Final = 1_000
"""Ticks after which it is known what one takes."""


def play_ticks(
    strategy: Strategy,
    games: Games,
    options: Options,
    account: Account | None = None,
    timed: Callable[[float], None] | None = None,
    richer: tuple[int, int] | None = None,
) -> GameResults:
    """Play a strategy over games tick by tick; the `GameResults` keeps the account.

    A session continues with `account` where one is given. `timed` gets the seconds that a tick took, once,
    after the first thousand or the last. `richer`: after so many games there are at least so many lamports.
    """
    strategy = strategy.ready().fresh()
    strategy.begin_run(games)
    account = account or options.account()
    accounts = [account] if options.carry else []
    count = len(games) if options.max_games is None else min(options.max_games, len(games))
    stopped = "max_games" if count < len(games) else ""
    observer = Observer(account, MAX_TICKS + 1)
    ids = games.ids
    rows: list[list[int]] = []
    begun, ticks = perf_counter(), 0
    each = ((batch, n) for batch in batches(games, count) for n in range(len(batch)))
    for batch, n in progress(each, "playing", "games", count):
        if not options.carry:
            account = options.account()
            accounts.append(account)
            observer.begin_session(account)
        if richer is not None and len(rows) == richer[0]:
            account.cash = max(account.cash, richer[1])
        prices = batch.flat[batch.offsets[n] : batch.offsets[n] + batch.ends[n]]
        game_id = str(ids[batch.first + n])
        rows.append(_game(strategy, account, observer, game_id, prices, float(batch.rug_prices[n])))
        ticks += len(prices)
        if timed is not None and (ticks >= TIMED or len(rows) == count):
            timed((perf_counter() - begun) / max(ticks, 1))
            timed = None
        if options.take_at is not None and account.cash >= options.take_at:
            stopped = "take"
        elif options.loss_at is not None and account.cash <= options.loss_at:
            stopped = "loss"
        if stopped in ("take", "loss"):
            break
    if undecided := getattr(strategy.function, "undecided", 0):
        warnings.warn(
            f"strategy {strategy.name}: its model answered with NaN or infinity at {undecided:,} of "
            f"{ticks:,} ticks, where it held",
            RugsLabWarning,
            stacklevel=4,
        )
    try:
        values = np.array(rows, np.int64).reshape(len(rows), len(FIELDS))
    except OverflowError:
        raise ArgumentError(f"more than {2**63 / 1e9:.3g} SOL in one game cannot be counted") from None
    if stopped in ("take", "loss") and len(rows) == len(games):
        stopped = ""
    return GameResults(ids[: len(rows)], values, options, "tick", stopped, accounts)


def _game(
    strategy: Strategy,
    account: Account,
    observer: Observer,
    game_id: str,
    prices: NDArray[np.float64],
    rug_price: float,
) -> list[int]:
    """Play one game; return its row of `GameResults.values`."""
    account.begin(game_id)
    observer.begin()
    strategy.begin_game(game_id)
    first_entry, first_order = len(account.entries), len(account.orders)
    begun = highest = account.cash
    lowest, drawdown = begun, 0
    asked = held = with_bet = 0
    function, parameters = strategy.function, strategy.parameters
    nothing = hold()
    low_price, at_risk, expected = START_PRICE, 0.0, 0.0
    looked_at = begun  # the equity of the tick before; -1 with a position
    tick = -1
    try:
        if strategy.presale:
            o = observer.observation()
            try:
                decision = function(o, **parameters)
            except IndexError as error:
                if not reaches_back(error, o):
                    raise
                decision = None
            for action in actions_of(decision):
                account.submit(action)
        for tick, price in enumerate(prices.tolist()):
            if price != price:
                continue
            account.tick(tick, price)
            observer.see(tick, price)
            asked += 1
            if price < low_price:
                low_price = price
            units, short = account.position.nano_units, account.short
            open_now = units or short.nano_units
            bet = account.bet
            equity = account.cash
            if bet is not None:
                with_bet += 1
                equity += bet.stake_lamports
            if open_now or equity != looked_at:
                looked_at = -1 if open_now else equity
                if open_now:
                    held += 1
                    value = round(units * price) + short.value(price)
                    equity += value
                    at_risk += value
                    expected += (units - short.nano_units) * (expected_price(price, low_price) - price)
                if equity > highest:
                    highest = equity
                elif highest - equity > drawdown:
                    drawdown = highest - equity
                if equity < lowest:
                    lowest = equity
            o = observer.observation()
            try:
                decision = function(o, **parameters)
            except IndexError as error:
                if reaches_back(error, o):
                    continue
                raise
            if decision is None or decision is nothing:
                continue
            for action in actions_of(decision):
                account.submit(action)
    except Exception as error:
        error.add_note(note_of(error, strategy, game_id, tick))
        raise
    rugged = rug_price == rug_price
    if rugged:
        account.rug(len(prices), rug_price)
    else:
        account.void()
    observer.end(len(prices) if rugged else None)
    equity = account.cash
    highest = max(highest, equity)
    row: dict[str, Any] = dict.fromkeys(FIELDS, 0)
    statuses = [order.status for order in account.orders[first_order:]]
    row.update(
        counts_of(account.entries[first_entry:])._asdict(),
        profit=account.cash - begun,
        ticks=asked,
        ticks_held=held,
        ticks_bet=with_bet,
        rejected=statuses.count(OrderStatus.REJECTED),
        expired=statuses.count(OrderStatus.EXPIRED),
        lowest=min(lowest, equity) - begun,
        highest=highest - begun,
        drawdown=max(drawdown, highest - equity),
        voided=not rugged,
        at_risk=round(min(at_risk, EXACT)),
        expected=round(max(-EXACT, min(expected, EXACT))) if rugged else 0,
    )
    return [int(row[name]) for name in FIELDS]
