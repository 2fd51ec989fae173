import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.phase import Phase
from rugs_lab.game.phase_tracker import PhaseTracker, Transition
from rugs_lab.game.signal import GameSignal

A, B, C = "20260101-a", "20260101-b", "20260101-c"


def active(tick, game=A, **changes):
    fields = {"active": True, "rugged": False, "tickCount": tick, "price": 1.0, "kind": MessageKind.ACTIVE}
    return GameSignal(gameId=game, **{**fields, **changes})


def rug(tick, game=A, kind=MessageKind.RUG1A):
    return active(tick, game, rugged=True, kind=kind)


def delta(cooldown_ms, game=A, *, presale=False):
    kind = MessageKind.PRESALE if presale else MessageKind.COOLDOWN
    return GameSignal(gameId=game, cooldownTimer=cooldown_ms, allowPreRoundBuys=presale, kind=kind)


def genesis(game):
    return GameSignal(
        gameId=game,
        active=False,
        rugged=False,
        tickCount=0,
        price=1.0,
        cooldownTimer=15000,
        kind=MessageKind.RUG2,
    )


def presale_open(game):
    return GameSignal(
        gameId=game,
        active=False,
        rugged=False,
        cooldownTimer=10000,
        allowPreRoundBuys=True,
        kind=MessageKind.PRESALE_OPEN,
    )


def phases(tracker, *signals):
    return [tracker.take(signal).phase for signal in signals]


def whole_round(game):
    return [
        genesis(game),
        delta(14900, game),
        presale_open(game),
        delta(9900, game, presale=True),
        active(0, game, kind=MessageKind.START),
        active(1, game),
        rug(2, game),
        rug(4, game, MessageKind.RUG1B),
    ]


def test_two_rounds_go_through_every_phase_without_an_illegal_transition():
    tracker = PhaseTracker()
    names = phases(tracker, *whole_round(A), *whole_round(B))
    one = [
        Phase.GENESIS,
        Phase.COOLDOWN,
        Phase.PRESALE,
        Phase.PRESALE,
        Phase.ACTIVATION,
        Phase.ACTIVE,
        Phase.RUG,
        Phase.RUG,
    ]
    assert names == one * 2
    assert (tracker.illegal_count, tracker.late, tracker.overtaken) == (0, 0, 0)


def test_frames_before_the_first_full_one_are_unknown():
    tracker = PhaseTracker()
    assert phases(tracker, delta(3000, presale=True), active(0), active(1)) == [
        Phase.UNKNOWN,
        Phase.ACTIVATION,
        Phase.ACTIVE,
    ]


def test_seven_keys_keep_what_they_do_not_mention_but_a_new_game_resets_it():
    tracker = PhaseTracker()
    assert phases(tracker, active(5), delta(0), rug(6), delta(14900, B)) == [
        Phase.ACTIVE,
        Phase.ACTIVE,
        Phase.RUG,
        Phase.COOLDOWN,
    ]


def test_rugged_wins_over_active():
    assert phases(PhaseTracker(), rug(0)) == [Phase.RUG]


def test_a_genesis_overtaken_by_cooldown_frames_is_genesis_and_counted():
    tracker = PhaseTracker()
    assert phases(tracker, rug(3), delta(14900, B), genesis(B), delta(14800, B))[1:] == [
        Phase.COOLDOWN,
        Phase.GENESIS,
        Phase.COOLDOWN,
    ]
    assert (tracker.overtaken, tracker.illegal_count) == (1, 0)


def test_a_late_frame_of_the_old_game_does_not_bring_it_back():
    tracker = PhaseTracker()
    names = phases(tracker, rug(3), delta(14900, B), rug(5, A, MessageKind.RUG1B), delta(14800, B))
    assert names == [Phase.RUG, Phase.COOLDOWN, Phase.RUG, Phase.COOLDOWN]
    assert (tracker.late, tracker.illegal_count, tracker.game_id) == (1, 0, B)


def test_a_tick_from_before_the_rug_is_late():
    tracker = PhaseTracker()
    assert phases(tracker, active(4), rug(6), active(5))[-1] is Phase.ACTIVE
    assert (tracker.phase, tracker.late, tracker.illegal_count) == (Phase.RUG, 1, 0)


def test_a_game_that_goes_on_after_its_rug_is_illegal_and_kept():
    tracker = PhaseTracker()
    names = phases(tracker, active(426), rug(427), active(505), active(506), rug(807))
    assert names[2:] == [Phase.ACTIVE, Phase.ACTIVE, Phase.RUG]
    assert tracker.illegal_count == 1
    (only,) = tracker.illegal
    assert (only.before, only.after, only.tick) == (Phase.RUG, Phase.ACTIVE, 505)


def test_only_the_last_twenty_illegal_transitions_are_kept_but_all_are_counted():
    tracker = PhaseTracker()
    for tick in range(0, 60, 2):
        phases(tracker, rug(tick), active(tick + 1))
    assert tracker.illegal_count > 20
    assert len(tracker.illegal) == 20
    assert tracker.illegal[-1].tick == 59


def test_a_new_connection_starts_unknown_and_keeps_the_counters():
    tracker = PhaseTracker()
    phases(tracker, rug(1), active(2))
    counted = tracker.illegal_count
    tracker.reset()
    assert (tracker.phase, tracker.illegal_count) == (Phase.UNKNOWN, counted)
    assert phases(tracker, active(9, B)) == [Phase.ACTIVE]
    assert tracker.illegal_count == counted


def test_a_game_that_starts_over_a_running_one_is_illegal():
    tracker = PhaseTracker()
    phases(tracker, active(5), active(0, B, kind=MessageKind.START))
    assert tracker.illegal_count == 1


@pytest.mark.parametrize(
    ("original", "phase"),
    [
        ("GAME_ACTIVATION", Phase.ACTIVATION),
        ("ACTIVE_GAMEPLAY", Phase.ACTIVE),
        ("RUG_EVENT_1", Phase.RUG),
        ("RUG_EVENT_2", Phase.GENESIS),
        ("COOLDOWN", Phase.COOLDOWN),
        ("PRESALE", Phase.PRESALE),
        ("UNKNOWN", Phase.UNKNOWN),
        ("anything", Phase.UNKNOWN),
    ],
)
def test_the_six_names_of_the_original_are_read(original, phase):
    assert Phase.of_original(original) is phase


signals = st.builds(
    GameSignal,
    gameId=st.sampled_from([A, B, C]),
    active=st.none() | st.booleans(),
    rugged=st.none() | st.booleans(),
    tickCount=st.none() | st.integers(0, 9),
    cooldownTimer=st.none() | st.integers(0, 15000),
    allowPreRoundBuys=st.none() | st.booleans(),
    kind=st.sampled_from(MessageKind),
)


@given(st.lists(signals, max_size=40))
def test_no_stream_of_signals_breaks_the_tracker(stream):
    tracker = PhaseTracker()
    seen_full = False
    for signal in stream:
        seen_full = seen_full or signal.active is not None
        phase = tracker.take(signal).phase
        if signal.rugged and seen_full:
            assert phase is Phase.RUG
        if not seen_full:
            assert phase is Phase.UNKNOWN
    assert len(tracker.illegal) <= 20
    assert tracker.illegal_count + tracker.late <= len(stream)


def test_taken_up_after_a_known_game_its_last_frames_are_late():
    tracker = PhaseTracker()
    phases(tracker, *whole_round(A), *whole_round(B))
    tracker.reset(after=A)
    assert phases(tracker, delta(14_900, B), rug(5, A), delta(14_800, B)) == [
        Phase.COOLDOWN,
        Phase.RUG,
        Phase.COOLDOWN,
    ]
    assert (tracker.game_id, tracker.late) == (B, 1)


def test_only_the_last_sixteen_games_are_former_ones():
    """A message of an older one is of a server that has begun again, and none is a former game any more."""
    tracker = PhaseTracker()
    games = [f"20260101-{number:02}" for number in range(18)]
    for game in games:
        tracker.take(active(1, game))
    assert tracker.take(active(2, games[5])).phase is Phase.ACTIVE
    assert (tracker.late, tracker.game_id) == (1, games[17])
    tracker.take(active(2, games[0]))
    assert (tracker.late, tracker.game_id) == (1, games[0])


def test_a_tracker_knows_nothing_at_first_and_after_a_lost_connection():
    tracker = PhaseTracker()
    assert (tracker.phase, tracker.game_id) == (Phase.UNKNOWN, None)
    tracker.take(active(1))
    tracker.take(active(1, B))
    tracker.take(active(2))
    tracker.take(active(3))
    assert (tracker.late, tracker.game_id) == (2, B)
    tracker.reset()
    assert (tracker.phase, tracker.game_id, tracker.late) == (Phase.UNKNOWN, None, 2)
    # What was carried is forgotten: seven keys alone no longer say that a game runs.
    assert tracker.take(delta(14_900)).phase is Phase.UNKNOWN
    # Which games are former ones is not known, for the server may have begun again.
    assert tracker.take(active(1)).phase is Phase.ACTIVE
    assert (tracker.late, tracker.game_id) == (2, A)


def test_a_capture_that_is_taken_up_again_knows_the_game_before():
    tracker = PhaseTracker()
    tracker.take(active(1, B))
    tracker.reset(after=A)
    assert tracker.game_id is None
    assert tracker.take(delta(14_900, C)).phase is Phase.COOLDOWN
    assert tracker.take(rug(90)).phase is Phase.RUG
    assert (tracker.late, tracker.game_id) == (1, C)
    assert tracker.take(active(1, B)).phase is Phase.ACTIVE  # no longer a former one
    assert tracker.late == 1


def test_an_illegal_change_is_kept_with_both_games_its_tick_and_its_time():
    tracker = PhaseTracker()
    tracker.take(active(5))
    tracker.take(active(7, B, received_ns=123))
    tracker.take(active(8, C, received_ns=456))
    assert tracker.illegal == (
        Transition(Phase.ACTIVE, Phase.ACTIVE, A, B, 7, 123),
        Transition(Phase.ACTIVE, Phase.ACTIVE, B, C, 8, 456),
    )
    assert tracker.illegal_count == 2


def test_a_message_that_says_little_leaves_what_was_known():
    tracker = PhaseTracker()
    tracker.take(rug(90))
    assert tracker.take(GameSignal(gameId=A, kind=MessageKind.COOLDOWN)).phase is Phase.RUG
    tracker.take(presale_open(B))
    assert tracker.take(GameSignal(gameId=B, kind=MessageKind.COOLDOWN)).phase is Phase.PRESALE
    tracker.take(active(0, B))
    assert tracker.take(GameSignal(gameId=B, kind=MessageKind.ACTIVE)).phase is Phase.ACTIVATION
    tracker = PhaseTracker()
    tracker.take(active(3))
    tracker.take(delta(900, B))
    assert tracker.take(GameSignal(gameId=B, kind=MessageKind.COOLDOWN)).phase is Phase.COOLDOWN


def test_what_a_late_message_is():
    """After the rug: of a running game, and of an earlier tick."""
    for signal, late in (
        (active(89), True),
        (active(90), False),
        (active(None), False),
        (rug(89), False),
        (GameSignal(gameId=A, tickCount=89, kind=MessageKind.ACTIVE), False),
    ):
        tracker = PhaseTracker()
        tracker.take(active(50))
        tracker.take(rug(90))
        tracker.take(signal)
        assert bool(tracker.late) is late, signal
    tracker = PhaseTracker()
    tracker.take(active(50))
    tracker.take(active(49))  # out of order, but no rug is known
    assert tracker.late == 0


def test_overtaken_genesis_messages_are_counted():
    tracker = PhaseTracker()
    for game in (A, B):
        tracker.take(delta(14_900, game))
        tracker.take(genesis(game))
        tracker.take(active(0, game))
        tracker.take(rug(1, game))
    tracker.take(delta(14_900, C))
    tracker.take(genesis(C))
    assert tracker.overtaken == 2  # the first is not known as one: nothing was known of its game before


@pytest.mark.parametrize("first", [genesis(B), delta(14_900, B)])
def test_a_game_that_begins_before_the_rug_of_the_last_is_illegal(first):
    tracker = PhaseTracker()
    tracker.take(active(5))
    tracker.take(first)
    assert [(each.before, each.after_game) for each in tracker.illegal] == [(Phase.ACTIVE, B)]
