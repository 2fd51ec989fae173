import numpy as np
import pytest

from rugs_lab.game import compiled_process as kernel
from rugs_lab.game.price_process import price_path
from rugs_lab.game.provably_fair import SeedRandom, replay_prices


def packed(keys):
    units = np.frombuffer("".join(keys).encode("utf-16-le", "surrogatepass"), np.uint16)
    lengths = [len(key.encode("utf-16-le", "surrogatepass")) // 2 for key in keys]
    return units, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def play(keys, version=3, room=None, first=0):
    units, starts = packed(keys)
    out = np.full(len(keys) * kernel.GAME_ROOM if room is None else room, np.nan)
    where, lengths = np.full(len(keys), -1, np.int64), np.zeros(len(keys), np.int64)
    done = kernel.play(units, starts, version, out, where, lengths, first)
    return done, [
        out[at : at + n].tolist() if at >= 0 else None for at, n in zip(where, lengths, strict=True)
    ]


KEYS = [f"{n:064x}-20260101-{n:016x}" for n in range(40)]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_game_equals_the_one_rule_bit_for_bit(version):
    done, games = play(KEYS, version)
    assert done == len(KEYS)
    for n, prices in enumerate(games):
        assert prices == replay_prices(f"{n:064x}", f"20260101-{n:016x}", f"v{version}").tolist()


@pytest.mark.parametrize("key", ["god-391", "god-986", "god-1030"])
def test_a_game_with_a_god_candle_is_played_right(key):
    _, games = play([*KEYS[:5], key, *KEYS[5:9]])
    prices = np.array(games[5])
    assert (prices[1:] / prices[:-1] > 9.99).any()
    assert games[5] == price_path(SeedRandom(key))


@pytest.mark.parametrize("key", ["", "x" * 300, "ключ é " * 60, "\0\u00ff\uffff"])
def test_keys_of_any_length_and_script(key):
    _, games = play([key, "a"])
    assert games == [price_path(SeedRandom(key)), price_path(SeedRandom("a"))]


def test_without_room_the_rest_is_left_for_the_next_call():
    done, games = play(KEYS, room=2 * kernel.GAME_ROOM)
    assert 2 <= done < len(KEYS)
    assert games[done:] == [None] * (len(KEYS) - done)
    again, rest = play(KEYS, first=done)
    assert again == len(KEYS)
    assert games[:done] + rest[done:] == play(KEYS)[1]


def test_no_games_and_no_room():
    assert play([])[0] == 0
    assert play(KEYS[:1], room=10) == (0, [None])
