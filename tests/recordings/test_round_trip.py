"""Frames → feed → recorder → (killed, opened again) → sealed → loaded: the ticks that the feed had."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.rounds import draw_round
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.recordings.catalogue.seal import seal
from rugs_lab.recordings.read.load import load

_draws = Random(11)
GAMES = [game for game in (draw_round(_draws, "20260101") for _ in range(300)) if 2 < game.rug_tick < 30][:12]
EPOCH_NS = 1_767_268_800_000_000_000


def events(games, seed):
    """The frames and trades of some games, most of the rows before each left out."""
    at_ns = EPOCH_NS
    for delay_ms, event, args in SimulatedServer(seed=seed, games=games):
        at_ns += delay_ms * 1_000_000
        frame = args[-1]
        timer = frame.get("cooldownTimer", 0) if event == "gameStateUpdate" else 0
        if timer % 5000 == 0:
            yield event, args, at_ns


TOLD = list(events(GAMES, 3))
EXPECTED = {
    "gap",
    "late_start",
    "no_rug",
    "pregame_only",
    "split",
    "backfilled_by_seed",
    "rug_price",
    "after_rug",
}


def games_of(feed):
    """All games the feed knows anything of, by id."""
    games = {game.id: game for game in feed.games}
    if feed.game is not None:
        games.setdefault(feed.game.id, feed.game)
    return games


def assert_same(loaded, feed):
    """Prices, marks, rugs, seeds and trades of every game."""
    assert {game.id for game in games_of(feed).values() if len(game)} <= set(loaded.ids)
    for game in loaded:
        if not len(game):
            continue
        had = feed.book.get(game.id)
        np.testing.assert_array_equal(game.prices, had.prices)
        assert (game.rug_tick, game.status) == (had.rug_tick, had.status)
        assert (game.backfilled == had.backfilled).all()
        if game.source not in ("history", "seed"):
            np.testing.assert_array_equal(game.sources, had.sources)
        assert game.server_seed == had.server_seed
        # A trade that came before any frame of its game is recorded; the feed has no game to keep it with.
        assert set(game.recorded_trades) >= set(had.recorded_trades)


@st.composite
def streams(draw):
    """Events of a few games, some lost, some late, some told twice, from any moment to any moment."""
    begin = draw(st.integers(0, len(TOLD) - 1))
    told = range(len(TOLD))[begin : begin + draw(st.integers(1, 200))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if draw(st.booleans()):
        told = [each for each in told if rng.random() > 0.2]
    if draw(st.booleans()):
        told = [
            told[place]
            for place in np.argsort(np.arange(len(told)) + rng.integers(0, 3, len(told)), kind="stable")
        ]
    if draw(st.booleans()):
        told = [each for each in told for _ in range(1 + (rng.random() < 0.1))]
    return list(told)


@settings(max_examples=40)
@given(streams(), st.booleans())
def test_what_was_recorded_is_loaded(told, by_game):
    with TemporaryDirectory() as name:
        folder = Path(name)
        feed = LiveFeed("http://127.0.0.1:9")
        feed.record(folder, rotate="game" if by_game else 10_000_000)
        for event, args, at_ns in map(TOLD.__getitem__, told):
            feed.take(event, args, at_ns)
        recorder = feed.recorder
        feed.record(None)
        if not list(folder.glob("*.jsonl")):
            assert not games_of(feed)
            return
        assert recorder.lost == 0
        loaded = load(folder)
        assert_same(loaded, feed)
        assert set(loaded.damage["kind"]) <= EXPECTED
        seal(folder)
        sealed = load(folder)
        assert_same(sealed, feed)
        np.testing.assert_array_equal(sealed.sources, loaded.sources)


@settings(max_examples=40)
@given(streams(), st.data())
def test_killed_at_any_byte_it_holds_everything_before(told, data):
    """A file cut anywhere, as by kill -9, gives the ticks of its whole lines; opened again it goes on."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        feed = LiveFeed("http://127.0.0.1:9")
        feed.record(folder)
        for event, args, at_ns in map(TOLD.__getitem__, told):
            feed.take(event, args, at_ns)
        feed.record(None)
        files = list(folder.glob("*.jsonl"))
        if not files:
            return
        whole = load(folder)
        text = files[0].read_bytes()
        cut = data.draw(st.integers(0, 1_000_000)) * len(text) // 1_000_000
        files[0].write_bytes(text[:cut])
        if not text[:cut].count(b"\n"):
            return
        part = load(folder)
        for game in part:
            had = whole[game.id]
            known = np.flatnonzero(game.sources)
            np.testing.assert_array_equal(game.prices[known], had.prices[known])
        torn = not text[:cut].endswith(b"\n") and text[cut : cut + 1] != b"\n"
        assert part.damage["kind"].tolist().count("torn_line") == torn
        seal(folder)
        np.testing.assert_array_equal(load(folder).prices, part.prices)
        again = LiveFeed("http://127.0.0.1:9")
        again.record(folder)
        for event, args, at_ns in map(TOLD.__getitem__, told):
            again.take(event, args, at_ns)
        again.record(None)
        assert_same(load(folder), again)
