"""`RugsEnv`: the game as an environment of gymnasium, ``gymnasium.make("rugs_lab/Rugs-v0", games=...)``.

The ledger, the observations and the order of things are those of `rugs_lab.trading.engine.tick_engine`, so an
episode has the result of `rugs_lab.backtest` for the same policy, exactly. `vector_env`
is the same over thousands of games at once. Importing this module loads gymnasium.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.game.money import BET_MAX_SOL, BET_MIN_SOL
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.engine.batches import GamesLike, as_games
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.environment.feed_source import FeedSource
from rugs_lab.trading.environment.game_source import GameSource, Moment
from rugs_lab.trading.features.feature_set import Features, check_defined
from rugs_lab.trading.features.feature_vector import BUILT_IN, HIGH, LOW
from rugs_lab.trading.models.action_space import ActionSpace
from rugs_lab.trading.strategy.observation import Observation

SHAPING: Final = MappingProxyType(
    {
        "rejected": "for each order that was rejected",
        "held": "for each tick at which a position is held",
        "drawdown": "for each SOL by which the equity is further below its highest than ever in the episode",
    }
)
"""Terms that may be added to the reward, by name; each is multiplied by the weight that was given for it."""

SYNTHETIC_GAMES: Final = 10_000
"""Games of the published process that are played when none are given."""


class RugsEnv(gymnasium.Env["NDArray[np.float32]", np.int64]):
    """The game, one tick per step.

    An episode is one game, from its presale to its rug, or a session of several games with one account. At
    each step the agent decides on what it sees; what it ordered is filled at the next tick, whose
    observation the step returns.

    **Observation**: float32 of shape (18,), the features of
    `rugs_lab.trading.features.feature_vector.FEATURES`, each within known bounds, or those given. The
    `Observation` that strategies are given is in ``env.unwrapped.observation``.

    **Action**: the number of one of `actions`; by default 0 hold, 1 buy for 0.01 SOL, 2 sell everything,
    3 a side bet of 0.01 SOL. An order that the account rejects does nothing.

    **Reward**: the change of equity since the step before, in SOL; equity is cash, the position at the
    current price, and the open stake. Their sum over an episode is its profit.

    **End**: ``terminated`` at the rug. In a session of several games the next one follows in the same
    episode, and it ends ``truncated`` with its last game. A game whose rug is not known is refunded at cost
    and ends the episode ``truncated``.

    Parameters
    ----------
    games
        `Games`, a `Game`, an iterable of them. A feed (`rugs_lab.ReplayFeed`, `rugs_lab.LiveFeed`, ...): a
        step waits for its next tick. By default 10,000 synthetic games.
    session
        Games of an episode.
    actions
        `ActionSpace`, or decisions as a strategy returns them.
    cash, latency, min_sol, max_sol
        As in `rugs_lab.backtest`.
    shaping
        Weights by name, see `SHAPING`: ``{"rejected": -0.001}``. They are added to the reward, and listed
        in ``info["shaping"]``.
    shuffle
        Play the games in a random order, drawn again each time all were played, so that parallel environments
        play different ones; `reset` with a seed repeats it. False, to evaluate: in their order, the first one
        again after the last. By default True, and False for a feed.
    features
        Those that `rugs_lab.features` defined, in place of the 18; without bounds.
    timeout_s
        How long a step waits for a feed, seconds.
    render_mode
        ``"ansi"``: `render` returns a line of text.

    Raises
    ------
    ArgumentError
        No games, a session of none, no such shaping, or an amount out of range.

    Notes
    -----
    `reset` with a seed starts again: at the first game, without memory of any before. Without one the next
    game follows, in order only once the current one was stepped: an ``EvalCallback`` of Stable-Baselines3
    with ``RugsEnv(held_out[:50], shuffle=False)`` and ``n_eval_episodes=50`` plays the same games each time.
    ``reset(options={"game": id_or_position})`` plays a certain one.

    ``info`` holds ``game_id``, ``tick``, ``equity_lamports``, ``profit_lamports`` (since the episode began,
    without shaping), ``rejected``; ``ended`` (``rug`` or ``void``) where a game ended; ``shaping`` where it
    was asked for.

    Of a feed every tick is seen once: if a replay is taken back, steps continue where it was. Who steps too
    slowly for a live feed acts on what is past, and gets the prices of the present.

    Examples
    --------
    >>> import gymnasium
    >>> import rugs_lab as rl
    >>> env = gymnasium.make("rugs_lab.trading.environment.gym_env:rugs_lab/Rugs-v0", games=rl.sample()[:3])
    >>> seen, info = env.reset(seed=1)
    >>> seen.shape, info["tick"]
    ((18,), -1)
    >>> seen, reward, terminated, truncated, info = env.step(1)
    >>> info["tick"], reward, env.unwrapped.observation.units
    (0, 0.0, 0.01)
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (gymnasium declares it so)
        "render_modes": ["ansi"],
        "render_fps": 4,
    }

    def __init__(
        self,
        games: GamesLike | Feed | None = None,
        *,
        session: int = 1,
        actions: Iterable[Decision] | None = None,
        cash: float = 1.0,
        latency: int = 1,
        min_sol: float = BET_MIN_SOL,
        max_sol: float = BET_MAX_SOL,
        shaping: Mapping[str, float] | None = None,
        shuffle: bool | None = None,
        features: Features = BUILT_IN,
        timeout_s: float = 60.0,
        render_mode: str | None = None,
    ) -> None:
        self.session = checked_session(session)
        self.actions = ActionSpace(actions)
        self.options = Options(cash_sol=cash, latency=latency, min_sol=min_sol, max_sol=max_sol)
        self.shaping = checked_shaping(shaping)
        self.render_mode = render_mode
        self.features = features
        check_defined(features)
        bounds = (LOW, HIGH) if features == BUILT_IN else (-np.inf, np.inf, (len(features.columns),))
        self.observation_space = Box(*bounds, dtype=np.float32)
        self.action_space = Discrete(len(self.actions))
        self._shuffle = not isinstance(games, Feed) if shuffle is None else bool(shuffle)
        self._source: GameSource | FeedSource
        if isinstance(games, Feed):
            self._source = FeedSource(games, self.options, self.session, timeout_s)
        else:
            self._source = GameSource(default_games(games), self.options)
        self._now: Moment | None = None
        self._over = True

    @property
    def observation(self) -> Observation:
        """What a strategy would see now."""
        if self._now is None:
            raise ArgumentError("nothing is seen before reset()")
        return self._now.observation

    @property
    def account(self) -> Account:
        """The account of this episode, with its ledger."""
        return self._source.account

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode; see the notes above."""
        super().reset(seed=seed)
        if seed is not None or self._now is None:
            self._source.restart(self.np_random if self._shuffle else None)
        if options and "game" in options:
            self._source.choose(options["game"])
        now = self._now = self._source.begin(session=True)
        self._begun = self._equity = self._highest = now.equity
        self._drawdown = self._played = 0
        self._over = False
        return self.features(now.observation), self._info(now)

    def step(self, action: np.int64 | int) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Give the order of `action`, and continue to the next tick."""
        if self._over:
            raise ArgumentError("the episode is over: call reset() first")
        number = int(action)
        if not 0 <= number < len(self.actions):
            raise ArgumentError(f"an action is a number from 0 to {len(self.actions) - 1}; got {action!r}")
        now = self._now = self._source.act(self.actions.orders[number])
        reward = (now.equity - self._equity) / 1e9
        self._equity = now.equity
        terminated = truncated = False
        info = self._info(now)
        if self.shaping:
            reward += self._shape(now, info)
        if now.ended:
            info["ended"] = now.ended
            self._played += 1
            if self._played >= self.session:
                terminated = now.ended == "rug" and self.session == 1
                truncated = not terminated
                self._over = True
            else:
                now = self._now = self._source.begin(session=False)
        return self.features(now.observation), reward, terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Tell which actions are possible now, as MaskablePPO of sb3-contrib asks."""
        return self.actions.possible(self.observation)

    def render(self) -> str | None:
        """Return a line about the current tick where ``render_mode`` is ``"ansi"``."""
        if self.render_mode != "ansi" or self._now is None:
            return None
        o = self._now.observation
        where = "presale" if o.tick < 0 else f"tick {o.tick}"
        return f"{self._now.game_id} {where}: {o.price:.4f}x, equity {o.equity:.9f} SOL"

    def close(self) -> None:
        """Leave the feed, where there is one; it continues."""
        self._source.close()

    def _info(self, now: Moment) -> dict[str, Any]:
        return {
            "game_id": now.game_id,
            "tick": now.observation.tick,
            "equity_lamports": now.equity,
            "profit_lamports": now.equity - self._begun,
            "rejected": now.rejected,
        }

    def _shape(self, now: Moment, info: dict[str, Any]) -> float:
        self._highest = max(self._highest, now.equity)
        drawdown = max(self._drawdown, self._highest - now.equity)
        amounts = {
            "rejected": float(now.rejected),
            "held": float(now.observation.units > 0),
            "drawdown": (drawdown - self._drawdown) / 1e9,
        }
        self._drawdown = drawdown
        terms = {name: weight * amounts[name] for name, weight in self.shaping.items()}
        info["shaping"] = terms
        return sum(terms.values())


def checked_session(session: int) -> int:
    """Return the number of games of an episode, if it is one."""
    if isinstance(session, bool) or not isinstance(session, int) or session < 1:
        raise ArgumentError(f"a session has a number of games, at least 1; got {session!r}")
    return session


def checked_shaping(shaping: Mapping[str, float] | None) -> dict[str, float]:
    """Return the weights of `SHAPING`, if they are such."""
    given = dict(shaping or {})
    for name, weight in given.items():
        if name not in SHAPING:
            raise ArgumentError(f"no shaping is called {name!r}; there are {', '.join(SHAPING)}")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not np.isfinite(weight):
            raise ArgumentError(f"the weight of shaping {name!r} must be a finite number; got {weight!r}")
    return given


def default_games(games: GamesLike | None) -> Games:
    """Return the games to play: those given, or synthetic ones."""
    return synthetic(SYNTHETIC_GAMES, seed=1) if games is None else as_games(games)
