"""A replay in one HTML file: what its widget would be sent, recorded tick by tick and played by the page."""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.progress import progress
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.paper.accounts import accounts_of
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.views.page import assets
from rugs_lab.views.page.page_messages import Stream
from rugs_lab.views.page.part_base import Part
from rugs_lab.views.parts.game_facts import GameFactsPart
from rugs_lab.views.parts.game_list import GameListPart
from rugs_lab.views.parts.other_trades import OtherTradesPart
from rugs_lab.views.parts.replay_controls import REPLAY_PARTS, ReplayControlsPart
from rugs_lab.views.parts.trade_panel import TradePart

MOST_GAMES = 50


def save_replay(
    games: Games, path: str | PathLike[str], *, strategy: Strategy | None, cash_sol: float, height: int
) -> Path:
    """Write a file that replays games without Python or a network; see `ReplayView.save`."""
    file = Path(path).expanduser()
    if file.suffix != ".html":
        raise ArgumentError(f"the name must end in .html; got {file.name!r}")
    if not 1 <= len(games) <= MOST_GAMES:
        raise ArgumentError(f"a file holds 1 to {MOST_GAMES} games; got {len(games):,}: choose some")
    feed = ReplayFeed(games, playing=False, autoplay=False, maxlen=max(len(game) for game in games) + 500)
    paper = accounts_of(feed).hand_account(cash_sol, strategy)
    parts = [
        ReplayControlsPart(feed),
        TradePart(feed, paper),
        OtherTradesPart(feed),
        GameFactsPart(feed, games),
    ]
    if len(games) > 1:
        parts.append(GameListPart(feed, games))
    feed.start()
    try:
        tape = {
            "setup": assets.setup(feed.maxlen, height, [part.name for part in parts], REPLAY_PARTS),
            "games": [
                list(_messages(feed, place, parts))
                for place in progress(range(feed.count), "recording", "games")
            ],
        }
    finally:
        paper.close()
        feed.stop()
    packed = assets.packed(json.dumps(tape, separators=(",", ":")).encode())
    title = f"Replay of {'1 game' if len(games) == 1 else f'{len(games):,} games'}"
    played = "" if strategy is None else f", {repr(strategy)[1:-1]}"
    page = _page(title + played, packed, assets.packed(assets.bokeh_script()))
    file.write_text(page, encoding="utf-8", newline="\n")
    return file


def _messages(feed: ReplayFeed, place: int, parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
    """Yield what a page is sent of one game: a snapshot in presale, then a message for each tick."""
    feed.select(place)
    stream = Stream(feed, lambda: 0, None, parts)
    for moment in range(feed.last_tick + 2):
        if moment:
            feed.step()
        stream.look_again()
        made = stream.next(float(moment))
        message, floats = made if made is not None else ({"kind": "rows", "n": 0}, b"")
        yield {**message, "floats": b64encode(floats).decode()}


def _page(title: str, tape: str, bokeh: str) -> str:
    module = assets.script("replay_file").replace("</script", "<\\/script")
    for order in ("buy", "sell"):  # nobody trades by hand in a file
        module = module.replace(f"your {order}", order)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 13px system-ui, sans-serif; margin: 12px; color-scheme: light dark }}
{assets.style()}
h1 {{ font-size: 15px }}
.rl-trade :is(.rl-column > .rl-row, .rl-restart) {{ display: none }}</style></head>
<body><h1>{escape(title)}</h1><main id="replay"></main>
<script type="module">{module}
openFile("{tape}", "{bokeh}", document.getElementById("replay"));</script></body></html>
"""
