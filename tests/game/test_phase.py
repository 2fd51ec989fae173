"""The one rule that gives a phase, over everything that may be known of a message."""

from itertools import product

import pytest

from rugs_lab.game.phase import Phase, phase_of


@pytest.mark.parametrize(
    ("active", "rugged", "tick", "presale", "cooldown_ms", "phase"),
    [
        (None, None, None, None, None, Phase.UNKNOWN),
        (None, False, None, False, None, Phase.UNKNOWN),
        (None, False, None, False, 0, Phase.UNKNOWN),
        (None, None, None, None, 14_900, Phase.COOLDOWN),
        (False, False, None, False, 0, Phase.COOLDOWN),
        (False, None, 0, None, None, Phase.COOLDOWN),
        (None, None, None, True, 9_900, Phase.PRESALE),
        (False, False, 0, True, 9_900, Phase.PRESALE),
        (True, False, 0, True, 0, Phase.ACTIVATION),
        (True, False, 1, False, 0, Phase.ACTIVE),
        (True, None, None, None, None, Phase.ACTIVE),
        (True, True, 300, False, 0, Phase.RUG),
        (False, True, 300, False, 15_000, Phase.RUG),
    ],
)
def test_what_the_facts_of_a_message_mean(active, rugged, tick, presale, cooldown_ms, phase):
    assert phase_of(active, rugged, tick, presale, cooldown_ms) is phase


def test_only_a_game_that_does_not_run_can_be_in_genesis():
    flags = (True, False, None)
    for active, rugged, presale in product(flags, repeat=3):
        found = phase_of(active, rugged, 3, presale, 15_000, genesis=True)
        expected = Phase.RUG if rugged else Phase.ACTIVE if active else Phase.GENESIS
        assert found is expected


def test_names_of_the_older_program():
    assert Phase.of_original("RUG_EVENT_2") is Phase.GENESIS
    assert Phase.of_original("ACTIVE_GAMEPLAY") is Phase.ACTIVE
    assert Phase.of_original("rug_event_2") is Phase.UNKNOWN
