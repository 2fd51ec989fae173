"""`LabOptions`: what a strategy widget is made for; one value for all its layers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.views.page.notebook_place import NOWHERE, Place
from rugs_lab.views.strategy_lab.parameter_fields import ParameterField


class SessionField(NamedTuple):
    """A field of the session: which option it sets, its label, and what it is for."""

    option: str
    label: str
    why: str


SESSION: Final = {
    "cash": SessionField("cash_sol", "cash", "SOL at the beginning"),
    "target": SessionField(
        "take", "target", "end the session at so many times the starting cash (1.5); empty: never"
    ),
    "max_loss": SessionField(
        "loss", "loss", "end it when so much of the cash is lost, as a share of it (0.3); empty: never"
    ),
    "max_games": SessionField("max_games", "games", "end it after so many games; empty: after all"),
}
"""Fields of the session by the name that `rugs_lab.lab` calls them by."""


@dataclass(frozen=True, slots=True)
class LabOptions:
    """What a strategy widget is made for; `feed` is what "run on live" trades on, None: made when needed."""

    strategy: Strategy
    games: Games
    fields: tuple[ParameterField, ...]
    session: Options
    feed: Feed | None = None
    place: Place = NOWHERE


def session_values(options: Options) -> dict[str, float | None]:
    """Return the values of the session's fields."""
    return {name: getattr(options, field.option) for name, field in SESSION.items()}


def with_session(options: Options, values: Mapping[str, Any]) -> Options:
    """Return options with some fields of the session changed."""
    strange = [each for each in values if each not in SESSION]
    if strange:
        raise ArgumentError(f"a session has {', '.join(SESSION)}; got {strange[0]!r}")
    games = values.get("max_games")
    whole = {"max_games": int(games)} if isinstance(games, float) and games.is_integer() else {}
    return replace(options, **{SESSION[name].option: value for name, value in {**values, **whole}.items()})
