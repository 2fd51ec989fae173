"""Files as others write them: the same few games in every format, made with the tools that others use."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import sqlite3
import zipfile
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = [(name, list(args)) for _, name, args in islice(SimulatedServer(seed=5), 900)]
"""Of a session: name and arguments of each event, some with a trace before the data."""

TIMES = [BEGIN + timedelta(milliseconds=50 * n) for n in range(len(EVENTS))]


def data_of(args: list[Any]) -> Any:
    """The data, or, of several arguments, all of them, as the first capture tool kept it."""
    return args[0] if len(args) == 1 else args


def finished() -> list[dict[str, Any]]:
    """The finished games of the session's first history, the oldest first."""
    for name, args in EVENTS:
        if name == "gameStateUpdate" and "gameHistory" in args[0]:
            return args[0]["gameHistory"][::-1]
    raise AssertionError


FINISHED = finished()


def lines(values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def rows() -> list[tuple[str, int, float]]:
    return [(game["id"], n, float(price)) for game in FINISHED for n, price in enumerate(game["prices"])]


def frame() -> pd.DataFrame:
    return pd.DataFrame(rows(), columns=["game_id", "tick", "price"])


def captured() -> bytes:
    pairs = zip(EVENTS, TIMES, strict=True)
    return lines({"ts": at.isoformat(), "event": name, "data": data_of(args)} for (name, args), at in pairs)


def frames() -> list[str]:
    return ["42" + json.dumps([name, *args]) for name, args in EVENTS]


def har() -> bytes:
    messages = [
        {"type": "receive", "time": at.timestamp(), "opcode": 1, "data": frame}
        for frame, at in zip(frames(), TIMES, strict=True)
    ]
    messages.insert(3, {"type": "send", "time": 1.0, "opcode": 1, "data": "3"})
    page = {"request": {"url": "https://rugs.fun"}, "response": {"status": 200}}
    socket = {"request": {"url": "wss://backend.rugs.fun"}, "_webSocketMessages": messages}
    return json.dumps({"log": {"version": "1.2", "entries": [page, socket]}}, indent=2).encode()


def published() -> list[dict[str, Any]]:
    return [
        {
            "id": game["id"],
            "serverSeed": game["provablyFair"]["serverSeed"],
            "serverSeedHash": game["provablyFair"]["serverSeedHash"],
            "prices": game["prices"],
            "version": "v3",
        }
        for game in FINISHED
    ]


def game_json() -> bytes:
    game = FINISHED[0]
    meta = {
        "game_id": game["id"],
        "start_time": "2026-01-01T12:00:00",
        "server_seed": None,
        "duration_ticks": 9,
    }
    return json.dumps({"meta": meta, "prices": [str(price) for price in game["prices"]]}, indent=1).encode()


def sqlite_events(path: Path, wal: bool = False) -> None:
    database = sqlite3.connect(path)
    if wal:
        database.execute("pragma journal_mode = wal")
    database.execute("create table games(game_id text primary key, rugged integer, tick_count integer)")
    database.execute(
        "create table events(id integer primary key, event_type text not null, game_id text,"
        " timestamp text, timestamp_ms integer, data text not null)"
    )
    database.executemany(
        "insert into events(event_type, timestamp, timestamp_ms, data) values(?, ?, ?, ?)",
        [
            (name, at.isoformat(), ms(at), json.dumps(data_of(args)))
            for (name, args), at in zip(EVENTS, TIMES, strict=True)
        ],
    )
    database.commit()
    database.close()


def sqlite_prices(path: Path) -> None:
    database = sqlite3.connect(path)
    frame().to_sql("prices", database, index=False)
    database.close()


def parquet_events(path: Path) -> None:
    """Write the columns of a recorder that is public: texts, the envelope of each event as JSON."""
    pd.DataFrame(
        {
            "ts": [at.isoformat()[:-6] for at in TIMES],
            "source": "public_ws",
            "doc_type": "ws_event",
            "seq": range(len(EVENTS)),
            "direction": "received",
            "raw_json": [json.dumps({"event": name, "data": data_of(args)}) for name, args in EVENTS],
            "game_id": None,
            "player_id": None,
            "event_name": [name for name, _ in EVENTS],
            "price": None,
            "tick": None,
        }
    ).to_parquet(path)


def parquet_games(path: Path) -> None:
    """Write entries of the history, nested values as JSON, as another public recorder does."""
    flat = [
        {key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in game.items()}
        for game in FINISHED
    ]
    pd.DataFrame(flat).to_parquet(path)


def csv_text() -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["game", "tick", "price"])
    writer.writerows(rows())
    return text.getvalue().encode()


def csv_events() -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["timestamp_ms", "event", "data"])
    for (name, args), at in zip(EVENTS, TIMES, strict=True):
        writer.writerow([ms(at), name, json.dumps(data_of(args))])
    return text.getvalue().encode()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("session/capture.jsonl", captured())
        archive.writestr("__MACOSX/session/._capture.jsonl", b"\0\5\26\7")
    return file.getvalue()


def zstandard(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def typed() -> bytes:
    return lines(
        {"event_type": name, "timestamp_ms": ms(at), "data": data_of(args)}
        for (name, args), at in zip(EVENTS, TIMES, strict=True)
    )


EVENT_FILES: dict[str, Any] = {
    "capture.jsonl": captured,
    "all_arguments.jsonl": lambda: lines({"event": name, "data": args} for name, args in EVENTS),
    "args.jsonl": lambda: lines({"ts": 1767225600.5, "event": name, "args": args} for name, args in EVENTS),
    "typed.jsonl": typed,
    "events.json": lambda: json.dumps(
        {
            "meta": {"by": "someone"},
            "events": [{"event": name, "data": data_of(args)} for name, args in EVENTS],
        },
        indent=1,
    ).encode(),
    "array.json": lambda: json.dumps(
        [{"event": name, "data": data_of(args)} for name, args in EVENTS]
    ).encode(),
    "payloads.jsonl": lambda: lines(args[0] for name, args in EVENTS if name == "gameStateUpdate"),
    "frames.txt": lambda: "\n".join(["0{}", "40", "2", *frames()]).encode(),
    "timed_frames.log": lambda: "\n".join(
        f"{at.isoformat()} {text}" for at, text in zip(TIMES, frames(), strict=True)
    ).encode(),
    "devtools.har": har,
    "events.db": sqlite_events,
    "events.parquet": parquet_events,
    "events.csv": csv_events,
    "capture.jsonl.gz": lambda: gzip.compress(captured()),
    "capture.jsonl.bz2": lambda: bz2.compress(captured(), 1),
    "capture.jsonl.xz": lambda: lzma.compress(captured(), preset=0),
    "capture.jsonl.zst": lambda: zstandard(captured()),
    "capture.zip": zipped,
}
"""Name → how it is made: the events of the session."""

GAME_FILES: dict[str, Any] = {
    "history.json": lambda: json.dumps(FINISHED, indent=2).encode(),
    "history.jsonl": lambda: lines(FINISHED),
    "seeds.json": lambda: json.dumps(
        [{key: value for key, value in game.items() if key != "prices"} for game in published()]
    ).encode(),
    "published.json": lambda: json.dumps(published()).encode(),
    "published.jsonl": lambda: lines(published()),
    "prices.jsonl": lambda: lines(
        {"gameId": game, "tickCount": tick, "price": price} for game, tick, price in rows()
    ),
    "prices.csv": csv_text,
    "pandas.csv": lambda: frame().to_csv().encode(),
    "prices.sqlite": sqlite_prices,
    "prices.parquet": lambda path: frame().to_parquet(path),
    "games.parquet": parquet_games,
}
"""Name → how it is made: the finished games."""


def write(folder: Path, name: str) -> Path:
    """Write one of the files."""
    path, make = folder / name, {**EVENT_FILES, **GAME_FILES, "one.game.json": game_json}[name]
    try:
        data = make()
    except TypeError:
        make(path)
    else:
        path.write_bytes(data)
    return path
