"""Who plays: simulated players with simple habits. Names are inert text, some of it not ASCII."""

from dataclasses import dataclass
from random import Random
from typing import Final

PLAYERS: Final = 72
PRACTICE_SHARE: Final = 0.06
ANONYMOUS_SHARE: Final = 0.08

_NAMES: Final = (
    "amber", "basalt", "cedar", "dahlia", "ember", "fjord", "granite", "hazel", "indigo", "juniper",
    "kestrel", "lichen", "maple", "nectar", "onyx", "pebble", "quartz", "raven", "sable", "thistle", "umber",
    "violet", "willow", "yarrow", "zephyr", "Zoë", "Łukasz", "João", "Jürgen", "Søren", "Ağaç", "рассвет",
    "ночь", "Αθηνά", "たぬき", "さくら", "小熊", "바람", "ليلى", "שקד", "𐌰𐌹𐌽𐍃", "Ñandú",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Player:
    """One simulated player: who it is and how it plays.

    `practice`: with practice money only. `presale`, `entry`, `bet`: chance to buy in presale (per game), to
    enter and to place a side bet (per tick). `take`, `stop`: value of a position over its cost at which it
    sells. `cut`: fraction it sells on profit. `patience`: ticks it holds at most.
    """

    id: str
    username: str | None
    level: int
    practice: bool
    stake_sol: float
    bet_sol: float
    presale: float
    entry: float
    bet: float
    take: float
    stop: float
    cut: float
    patience: int


def draw_players(rng: Random, size: int = PLAYERS) -> tuple[Player, ...]:
    """Make `size` players."""
    return tuple(_player(rng, place) for place in range(size))


def _player(rng: Random, place: int) -> Player:
    practice = rng.random() < PRACTICE_SHARE or place == 0
    anonymous = rng.random() < ANONYMOUS_SHARE or place == 1
    habit = rng.random()
    return Player(
        id=f"did:privy:c{rng.getrandbits(96):024x}",
        username=None if anonymous else f"{_NAMES[place % len(_NAMES)]}_{rng.randrange(1, 1000)}",
        level=min(1 + int(rng.expovariate(1 / 22)), 99),
        practice=practice,
        stake_sol=_round_amount(rng, 0.005, 1.2),
        bet_sol=_round_amount(rng, 0.001, 0.1),
        presale=rng.uniform(0.2, 0.8),
        entry=rng.uniform(0.004, 0.025),
        bet=rng.uniform(0.01, 0.04) if habit < 0.3 else 0.001,
        take=rng.uniform(1.05, 1.8),
        stop=rng.uniform(0.4, 0.9),
        cut=rng.choice((0.1, 0.25, 0.5, 1.0, 1.0, 1.0)),
        patience=rng.randrange(8, 60),
    )


def _round_amount(rng: Random, low: float, high: float) -> float:
    """Draw an amount, small ones more often, with three decimals."""
    return round(float(low * (high / low) ** rng.random()), 3)
