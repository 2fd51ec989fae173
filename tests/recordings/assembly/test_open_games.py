import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.game.limits import RUG_FACTOR
from rugs_lab.game.provably_fair import replay_prices, seed_hash
from rugs_lab.game.signal import parse_update
from rugs_lab.recordings.assembly.open_games import OpenGames

A, B = "20260101-000000000000000a", "20260101-000000000000000b"
SEED = "5" * 64


def window(prices, last):
    first = max(0, last - 4)
    values = {str(tick): prices[tick] for tick in range(first, last + 1)}
    return {"startTick": first, "endTick": last, "values": values}


def active(values, tick, game=A, **more):
    payload = {
        "gameId": game,
        "active": True,
        "rugged": False,
        "tickCount": tick,
        "price": values[tick],
        "partialPrices": window(values, tick),
    }
    return parse_update({**payload, **more})


def rug(prices, game=A, *, drift=0, history=None):
    n = len(prices) - 1
    more = {} if history is None else {"gameHistory": history}
    return parse_update(
        {
            "gameId": game,
            "active": True,
            "rugged": True,
            "tickCount": n + drift,
            "price": prices[n],
            "partialPrices": window(prices, n),
            **more,
        }
    )


def genesis(game, history):
    return parse_update(
        {
            "gameId": game,
            "active": False,
            "rugged": False,
            "tickCount": 0,
            "price": 1,
            "cooldownTimer": 15000,
            "allowPreRoundBuys": False,
            "partialPrices": {"startTick": 0, "endTick": 0, "values": {"0": 1}},
            "gameHistory": history,
        }
    )


def later(book, frames=12):
    """Let the book replay the seeds it knows: one game with each frame."""
    for _ in range(frames):
        book.take(parse_update({"gameId": B, "cooldownTimer": 14000, "allowPreRoundBuys": False}))


def record(game, prices=None, seed=None, **more):
    entry = {"id": game, "rugged": True, "gameVersion": "v3", **more}
    if prices is not None:
        entry["prices"] = list(prices)
    if seed is not None:
        entry["provablyFair"] = {"serverSeed": seed, "serverSeedHash": seed_hash(seed)}
    return entry


def path(n=8):
    before = [1.0 + 0.1 * tick for tick in range(n)]
    return [*before, min(before) * RUG_FACTOR]


def played(book, prices, ticks, game=A):
    new = []
    for tick in ticks:
        new += book.take(active(prices, tick, game)).ticks
    return new


def test_every_tick_is_told_once_and_in_order():
    book, prices = OpenGames(), path()
    new = played(book, prices, range(8))
    ended = book.take(rug(prices))
    assert [tick.tick for tick in new] == list(range(8))
    assert [(tick.tick, tick.rug) for tick in ended.ticks] == [(8, True)]
    game = ended.ended
    assert game.status == "complete"
    assert game.prices.tolist() == prices
    assert book.revision == 0


def test_missed_ticks_are_backfilled_from_the_window_and_marked():
    book, prices = OpenGames(), path()
    new = played(book, prices, [0, 1, 2, 6, 7])
    assert [(tick.tick, tick.backfilled) for tick in new][3:7] == [
        (3, True),
        (4, True),
        (5, True),
        (6, False),
    ]
    assert book.running.prices.tolist() == prices[:8]
    assert book.backfilled == 3
    assert book.revision > 0


def test_a_hole_wider_than_the_window_stays_a_hole_until_the_history_fills_it():
    book, prices = OpenGames(), path(20)
    played(book, prices, [0, 1, 12, 13])
    assert book.running.missing == 6
    assert book.missed == 10
    assert np.isnan(book.running.prices[5])
    book.take(rug(prices))
    assert book.finished[A].status == "gaps"
    book.take(genesis(B, [record(A, prices)]))
    assert book.finished[A].prices.tolist() == prices
    assert book.finished[A].source == "history"
    assert book.running.id == B
    assert book.running.status == "pregame_only"


def test_without_prices_in_the_history_the_seed_gives_them():
    prices = replay_prices(SEED, A).tolist()
    book = OpenGames()
    book.take(genesis(B, [record(A, seed=SEED)]))
    later(book)
    game = book.finished[A]
    assert game.prices.tolist() == prices
    assert (game.source, game.server_seed, game.rug_tick) == ("seed", SEED, len(prices) - 1)


def test_a_seed_that_does_not_fit_its_commitment_verifies_nothing():
    book = OpenGames()
    entry = record(A, path())
    entry["provablyFair"] = {"serverSeed": SEED, "serverSeedHash": seed_hash("other")}
    book.take(genesis(B, [entry]))
    assert book.finished[A].verified is False
    assert book.finished[A].server_seed_hash == seed_hash("other")


def test_a_join_in_mid_game_is_backfilled_from_the_snapshot():
    book, prices = OpenGames(), path()
    book.take(active(prices, 5, prices=prices[:6], partialPrices={}))
    assert book.running.prices.tolist() == prices[:6]
    assert book.running.backfilled.tolist() == [True] * 5 + [False]


def test_a_snapshot_that_comes_after_newer_ticks_changes_nothing_but_holes():
    book, prices = OpenGames(), path()
    played(book, prices, [6, 7])
    book.take(active(prices, 5, prices=prices[:6], partialPrices={}))
    assert book.running.prices.tolist() == prices[:8]


def test_the_drifted_frame_of_a_dead_game_adds_nothing():
    book, prices = OpenGames(), path()
    played(book, prices, range(8))
    book.take(rug(prices))
    taken = book.take(rug(prices, drift=2, history=[]))
    assert (taken.ticks, taken.ended) == ((), None)
    assert book.finished[A].rug_tick == 8
    assert len(book.finished[A]) == 9


def test_a_missed_rug_frame_is_told_by_the_late_frame_with_its_exact_tick():
    book, prices = OpenGames(), path()
    played(book, prices, range(8))
    taken = book.take(rug(prices, drift=3, history=[]))
    assert [tick.tick for tick in taken.ticks] == [8]
    assert taken.ended.rug_tick == 8


def test_history_is_matched_by_id_and_not_by_position():
    book, first, second = OpenGames(), path(5), path(9)
    played(book, first, range(5))
    book.take(rug(first))
    book.take(rug(first, drift=1, history=[record(B, second)]))
    assert book.finished[A].prices.tolist() == first
    assert book.finished[B].prices.tolist() == second


def test_history_on_joining_comes_out_oldest_first():
    book = OpenGames()
    book.take(genesis("20260101-9", [record(B, path()), record(A, path())]))
    assert [game.id for game in book.finished] == [A, B]


def test_a_gap_is_told_once_with_what_is_missing():
    book, prices = OpenGames(), path(20)
    gaps = [next(iter(book.take(active(prices, tick)).gaps), None) for tick in (0, 1, 12, 13)]
    assert [gap and (gap.first_tick, gap.last_tick, gap.missing) for gap in gaps] == [
        None,
        None,
        (2, 11, 10),
        None,
    ]


def test_a_join_without_a_snapshot_is_a_gap_from_the_start():
    book, prices = OpenGames(), path(20)
    (gap,) = book.take(active(prices, 9)).gaps
    assert (gap.first_tick, gap.last_tick) == (0, 8)


def test_a_finished_game_is_verified_by_its_seed():
    prices = replay_prices(SEED, A).tolist()
    book = OpenGames()
    played(book, prices, range(len(prices) - 1))
    book.take(rug(prices))
    assert book.finished[A].verified is None
    revealed = book.take(genesis(B, [record(A, prices, SEED)])).revealed
    assert revealed == (A,)
    later(book)
    assert book.finished[A].verified is True
    assert book.finished[A].status == "complete"


def test_a_tampered_price_is_found_by_the_seed_and_kept():
    prices = replay_prices(SEED, A).tolist()
    tampered = [*prices]
    tampered[3] += 0.001
    book = OpenGames()
    played(book, tampered, range(len(prices) - 1))
    book.take(rug(prices))
    book.take(genesis(B, [record(A, seed=SEED)]))
    assert book.finished[A].verified is False
    assert book.finished[A].prices[3] == tampered[3]


def test_a_backfilled_price_that_contradicts_a_received_one_is_reported_and_not_patched_over():
    prices = replay_prices(SEED, A).tolist()
    tampered = [*prices]
    tampered[3] += 0.001
    book = OpenGames()
    played(book, tampered, [*range(5), *range(30, len(prices) - 1)])
    book.take(genesis(B, [record(A, seed=SEED)]))
    later(book)
    assert book.finished[A].prices[3] == tampered[3]
    assert book.finished[A].missing == 0
    (anomaly,) = book.anomalies
    assert (anomaly.tick, anomaly.known, anomaly.reported) == (3, tampered[3], prices[3])
    assert anomaly.source == "seed"


def test_games_without_a_seed_do_not_hold_up_one_that_has_one():
    book = OpenGames()
    book.take(genesis(B, [record(f"fresh-{n}") for n in range(100)]))
    book.take(genesis(B, [record(A, seed=SEED)]))
    later(book, 1)
    assert book.finished[A].source == "seed"


def test_seeds_are_replayed_while_every_frame_brings_a_history():
    book = OpenGames()
    book.take(genesis(B, [record(A, seed=SEED)]))
    book.take(genesis(B, []))
    assert book.finished[A].source == "seed"


def test_what_waits_for_its_seed_to_be_replayed_has_a_bound(monkeypatch):
    monkeypatch.setattr("rugs_lab.recordings.assembly.open_games.KEPT_GAMES", 50)
    book, other = OpenGames(), {"provablyFair": {"serverSeed": SEED, "serverSeedHash": seed_hash("other")}}
    for frame in range(20):
        book.take(genesis(B, [record(f"fresh-{frame}-{n}", **other) for n in range(100)]))
    book.take(genesis(B, [record(A, seed=SEED)]))
    later(book, 50)
    assert book.finished[A].source == "seed"


def test_side_bets_come_with_the_history():
    book = OpenGames()
    bet = {"type": "payout", "playerId": "p", "startTick": 0, "endTick": 40, "betAmount": 0.1, "payout": 0.5}
    book.take(genesis(B, [record(A, path(), globalSidebets=[bet, "x"])]))
    assert book.finished[A].sidebets["payout_sol"].tolist() == [0.5]


def test_a_contradiction_is_counted_and_the_received_value_kept():
    book, prices = OpenGames(), path()
    played(book, prices, range(4))
    changed = [*prices]
    changed[2] = 7.0
    book.take(active(changed, 4))
    assert book.running.prices[2] == prices[2]
    assert book.contradictions == 1


def test_ticks_after_the_rug_are_counted_and_kept_out():
    book, prices = OpenGames(), path(30)
    played(book, prices, range(5))
    cut = [*prices[:5], prices[0] * RUG_FACTOR]
    book.take(rug(cut))
    book.take(active(prices, 20))
    assert len(book.finished[A]) == 6
    assert book.after_rug > 0


def test_a_wild_tick_number_does_not_eat_the_memory():
    book, prices = OpenGames(), path()
    played(book, prices, range(3))
    book.take(
        parse_update({"gameId": A, "active": True, "rugged": False, "tickCount": 900_000, "price": 1.0})
    )
    assert len(book.running) == 3
    assert book.contradictions == 1


def far(tick=9_999):
    return parse_update({"gameId": A, "active": True, "rugged": False, "tickCount": tick, "price": 3.0})


def test_a_frame_with_a_far_tick_does_not_keep_a_game_from_its_rug():
    book, prices = OpenGames(), path(4)
    played(book, prices, range(4))
    book.take(far())
    revision = book.revision
    taken = book.take(rug(prices))
    assert taken.ended.prices.tolist() == prices
    assert taken.ended.status == "complete"
    assert [(tick.tick, tick.rug) for tick in taken.ticks] == [(4, True)]
    assert book.revision > revision
    (anomaly,) = book.anomalies
    assert (anomaly.known, anomaly.reported, anomaly.source) == (4, 9_999, "beyond the rug")
    assert book.contradictions == 1


def test_a_frame_with_a_far_tick_does_not_keep_the_history_from_ending_a_game():
    book, prices = OpenGames(), path(4)
    played(book, prices, range(4))
    book.take(far())
    book.take(genesis(B, [record(A, prices)]))
    assert book.finished[A].prices.tolist() == prices
    assert book.contradictions == 1


def test_a_frame_with_a_far_tick_does_not_keep_the_seed_from_ending_a_game():
    prices = replay_prices(SEED, A).tolist()
    book = OpenGames()
    played(book, prices, range(4))
    book.take(far(len(prices) + 3))
    book.take(genesis(B, [record(A, seed=SEED)]))
    later(book)
    assert book.finished[A].prices.tolist() == prices
    assert book.finished[A].verified is True


def test_a_wrong_rug_tick_does_not_cut_what_was_received():
    book, prices = OpenGames(), path(20)
    played(book, prices, range(20))
    wrong = {"gameId": A, "active": True, "rugged": True, "tickCount": 3, "price": 0.02}
    assert book.take(parse_update(wrong)).ended is None
    assert book.running.prices.tolist() == prices[:20]
    book.take(genesis(B, [record(A, prices[:5])]))
    assert book.get(A).prices.tolist() == prices[:20]
    assert book.contradictions > 0


def test_presale_frames_make_no_ticks():
    book = OpenGames()
    book.take(genesis(A, []))
    book.take(parse_update({"gameId": A, "cooldownTimer": 3000, "allowPreRoundBuys": True}))
    assert len(book.running) == 0


@given(st.data())
def test_any_loss_and_order_of_frames_gives_the_same_game_with_the_same_prices(data):
    prices = path(12)
    frames = [active(prices, tick) for tick in range(12)] + [rug(prices)]
    kept = data.draw(st.lists(st.sampled_from(range(13)), unique=True, min_size=1))
    book = OpenGames()
    for index in kept:
        book.take(frames[index])
    book.take(genesis(B, [record(A, prices)]))
    game = book.finished[A]
    assert game.prices.tolist() == prices
    assert game.rug_tick == 12
    assert book.contradictions == 0
    assert (game.status == "complete") == (game.sources == 1).all()


def test_a_forgotten_game_is_put_together_anew():
    prices = [1.0, 1.5, 1.2, 1.2 * RUG_FACTOR]
    book = OpenGames()
    for tick in range(3):
        book.take(active(prices, tick))
    book.take(rug(prices))
    revision = book.revision
    book.forget((A, "never heard of"))
    assert A not in book
    assert (book.running, book.running_length, len(book.finished)) == (None, 0, 0)
    assert book.revision > revision
    assert [tick.tick for tick in book.take(active(prices, 0)).ticks] == [0]
    assert A in book
