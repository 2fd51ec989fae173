"""Keys of JSON objects and columns of tables → events, finished games, prices.

A name means something only if it is listed here, in upper or lower case; none is guessed.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from rugs_lab.errors import PayloadError
from rugs_lab.game.event_text import arguments_of, read_json
from rugs_lab.game.parse_values import as_price, as_whole, is_game_id
from rugs_lab.recordings.assembly.events import TRADE_EVENT, UPDATE_EVENT
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.read.formats.items import Event, FinishedGame, Item, Price, Time

EVENT: Final = ("event", "event_type", "event_name", "eventname")
DATA: Final = ("data", "payload", "args", "raw_json")
TIME: Final = ("timestamp_ms", "ts", "timestamp", "time", "start_time", "starttime")
GAME: Final = ("game_id", "gameid", "game")
TICK: Final = ("tick", "tickcount", "tick_count", "tickindex", "tick_index")
PRICE: Final = ("price", "multiplier")
FLAGS: Final = ("active", "rugged", "source", "direction")
SEED: Final = ("serverseed", "server_seed")
HASH: Final = ("serverseedhash", "server_seed_hash")
VERSION: Final = ("gameversion", "version")
RUG_TICK: Final = ("rug_tick", "rugtick", "ruggedat")
WHOLE: Final = ("id", "meta", "prices", "provablyfair", "globalsidebets")
ALL: Final = frozenset(
    (*EVENT, *DATA, *TIME, *GAME, *TICK, *PRICE, *FLAGS, *SEED, *HASH, *VERSION, *RUG_TICK, *WHOLE)
)
LISTS: Final = ("events", "games", "gamehistory", "history", "log", "entries", "_websocketmessages")
"""Keys of documents under which events or games are, the last three of a browser's network log (HAR)."""

_OF_UPDATES: Final = {"active", "cooldowntimer", "partialprices", "gamehistory"}
_OF_TRADES: Final = {"qty", "amount", "amount_sol", "units"}
_OF_GAMES: Final = {"prices", "provablyfair", *SEED}
_SOURCES: Final = {source.name.lower(): int(source) for source in Source}


def pick(fields: Mapping[str, Any], names: Iterable[str]) -> Any:
    """Return the first value of some names that is there and not null."""
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def are_known(names: Iterable[str]) -> bool:
    """Return whether names in lower case are those of an event, a game, or a price."""
    given = {*names}
    event = not given.isdisjoint(EVENT) and not given.isdisjoint(DATA)
    return event or _is_price(given) or not (given.isdisjoint(("id", *GAME)) or given.isdisjoint(_OF_GAMES))


def lists_in(fields: Mapping[Any, Any]) -> list[Any]:
    """Return what an object, itself no event and no game, has under `LISTS`."""
    names = {str(key).casefold() for key in fields}
    if not names.isdisjoint((*EVENT, *_OF_GAMES)) or len(names & _OF_UPDATES) > 1:
        return []
    return [value for key, value in fields.items() if str(key).casefold() in LISTS]


def items_of(given: Mapping[Any, Any], line: int | None) -> Iterable[Item] | None:
    """Return what an object, or a row of a table, holds; None where it is nothing of a game."""
    fields = {str(key).casefold(): value for key, value in given.items()}
    name, game_id = pick(fields, EVENT), pick(fields, GAME)
    if isinstance(name, str) and not fields.keys().isdisjoint(DATA):
        return _event(name, fields, line)
    if game_id is not None and len(_OF_UPDATES & fields.keys()) > 1 and "type" not in fields:
        return (Event(line, UPDATE_EVENT, (given,), *_time(fields)),)
    if isinstance(meta := fields.get("meta"), Mapping):
        fields |= {str(key).casefold(): value for key, value in meta.items()}
    if pick(fields, ("id", *GAME)) is not None and pick(fields, _OF_GAMES) is not None:
        return (FinishedGame(line, fields),)
    return _price(fields, line) if _is_price(fields.keys()) else None


def _is_price(names: Iterable[str]) -> bool:
    given = {*names}
    return given.isdisjoint(_OF_TRADES) and not any(given.isdisjoint(some) for some in (GAME, TICK, PRICE))


def time_of(value: object, unit: int = 0) -> Time:
    """Return a time; a number counts `unit` ns, or, without one, s, ms, µs or ns by its size."""
    if isinstance(value, str) and value.isdecimal():
        value = number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**63:
        return value if isinstance(value, str) else getattr(value, "isoformat", lambda: None)()
    unit = unit or next(unit for unit in (10**9, 10**6, 10**3, 1) if value * unit < 2**63)
    return int(value * unit) if value * unit < 2**63 else None


def number(value: object) -> object:
    """Return the number in a text such as ``"1.5"``; of a text without one None, anything else as it is."""
    try:
        return value if not isinstance(value, str) else float(value) if len(value) < 64 else None
    except ValueError:
        return None


def _time(fields: Mapping[str, Any]) -> tuple[Time, bool]:
    key = next((name for name in TIME if fields.get(name) is not None), "")
    return time_of(fields.get(key), 10**6 if key == "timestamp_ms" else 0), key == "ts"


def _event(name: str, fields: Mapping[str, Any], line: int | None) -> Iterator[Item]:
    direction = fields.get("direction")
    if direction == "sent":  # by a browser, never by the server
        return
    if direction not in (None, "received"):
        done = f"no event: direction should be received or sent; got {str(direction)[:40]!r}: skipped"
        yield Damage("", line, "fragment", None, done)
        return
    key = next(key for key in DATA if key in fields)
    data = fields[key]
    if isinstance(data, str | bytes) and data[:1] in ("{", "[", b"{", b"["):  # JSON in a column
        try:
            data = read_json(data)
        except PayloadError as error:
            yield Damage("", line, "fragment", None, f"no event: {str(error)[:160]}: skipped")
            return
    if key == "raw_json" and isinstance(data, dict) and "event" in data:
        data = data.get("data")
    several = key == "args" or name in (UPDATE_EVENT, TRADE_EVENT)  # whose data are never a list
    args = tuple(data) if isinstance(data, list) and several else arguments_of(data)
    yield Event(line, name, args, *_time(fields))


def _price(fields: Mapping[str, Any], line: int | None) -> Iterator[Item]:
    game_id, tick, price = (pick(fields, names) for names in (GAME, TICK, PRICE))
    if str(fields.get("active")).lower() in ("false", "0"):
        return  # a placeholder before the game
    game_id = str(game_id) if isinstance(game_id, int) else game_id
    known_id = str(game_id) if is_game_id(game_id) else None
    if price is None or price != price:
        if fields.get("source") != "missing":
            done = f"game {game_id!r:.80}, tick {tick!r:.40} without a price: dropped"
            yield Damage("", line, "bad_value", known_id, done)
        return
    whole, value = as_whole(number(tick)), as_price(number(price))
    if known_id is None or whole is None or value is None:
        done = f"game {game_id!r:.80}, tick {tick!r:.40}, price {price!r:.40}: dropped"
        yield Damage("", line, "bad_value", known_id, done)
        return
    rugged = str(fields.get("rugged")).lower() in ("true", "1")
    named = fields.get("source")
    source = 1 if named is None else _SOURCES.get(str(named))
    if source is None:
        yield Damage("", line, "bad_value", known_id, f"source {str(named)[:40]!r} is not known: dropped")
        return
    yield Price(line, known_id, whole, value, rugged, source, _time(fields)[0])
