"""The soak run: what it compares, and a few seconds of it."""

from collections import Counter
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest

from rugs_lab.recordings.games.game import Game, Source
from tests.support import soak


def test_a_few_seconds_lose_nothing_and_leave_nothing(capsys):
    assert soak.main(["--minutes", "0.12", "--hours-of-play", "2", "--seed", "4"]) == 0
    head, *rows, verdict = capsys.readouterr().out.splitlines()
    assert verdict == "nothing lost, nothing grew"
    names = head.replace("played h", "played").replace("RSS MB", "RSS").split()
    last = dict(zip(names, rows[-1].split(), strict=True))
    assert int(last["messages"]) > 100
    assert int(last["games"]) > 0
    assert (last["lost"], last["wrong"]) == ("0", "0")
    assert int(last["faults"]) > 0


@pytest.fixture
def played():
    return soak.draw(Random(1), 0.01)[0]


def test_a_whole_game_is_whole(played):
    game = Game(played.id, np.array(played.prices), rug_tick=played.rug_tick)
    assert soak.compare(game, played) == (len(played.prices), 0, 0)


def test_what_is_missing_backfilled_or_wrong_is_told_apart(played):
    prices = np.array(played.prices)
    sources = np.full(len(prices), Source.RECEIVED)
    prices[0], sources[0] = np.nan, Source.MISSING
    prices[1] += 1
    sources[2] = Source.HISTORY
    game = Game(played.id, np.append(prices, 5.0), np.append(sources, Source.RECEIVED))
    assert soak.compare(game, played) == (len(prices) - 3, 1, 2)


class _Feed:
    def __init__(self, games, away):
        self.games, self.away = games, away
        self.signal = SimpleNamespace(gameId=games[-1].id)


def test_loss_is_seen_outside_of_what_was_played_while_away():
    games = soak.draw(Random(2), 0.01)[:6]
    kept = [Game(game.id, np.array(game.prices), rug_tick=game.rug_tick) for game in games]
    whole = soak.Soak(games, _Feed(kept, [(None, games[0].id)]), None)
    assert whole.judge() == soak.Verdict(games=4, away=1)
    del kept[2]
    lossy = soak.Soak(games, _Feed(kept, [(None, games[0].id)]), None)
    assert lossy.judge().lost == len(games[2].prices)
    excused = soak.Soak(games, _Feed(kept, [(None, games[0].id), (games[1].id, games[3].id)]), None)
    assert excused.judge() == soak.Verdict(games=1, away=4)


def test_draws_enough_games_for_the_hours():
    games = soak.draw(Random(3), 3.0)
    hours = sum(15 + game.rug_tick / 4 for game in games) / 3600
    assert 3.0 <= hours < 3.5
    assert soak.draw(Random(3), 3.0) == games


def test_growth_and_leftovers_are_problems():
    parts = SimpleNamespace(
        judge=lambda: soak.Verdict(games=10),
        feed=SimpleNamespace(health=SimpleNamespace(rejected=Counter())),
        rows=[(0, 90.0), (10, 100.0), (20, 100.0), (120, 190.0)],
    )
    said = list(soak._problems(parts, (1, 0)))
    assert "memory grew by 90 MB" in said[0]
    assert "1 threads and 0 files are left over" in said[1]
