"""What the live feed takes of the official server in each mode: ``python -m tests.interop.table``."""

from __future__ import annotations

from rugs_lab.feed.live.live_feed import LiveFeed
from tests.interop.official import OfficialServer
from tests.interop.test_official_server import EVENTS, MESSAGES, MODES, TRADES
from tests.support.live import until


def row(mode: str) -> tuple[str, int, int, int, int, str]:
    """Serve the events in a mode; return messages and trades, sent and taken, and what the state said."""
    options = MODES[mode]
    headers = {"Origin": "https://rugs.fun"} if "origin" in options else None
    with OfficialServer(**options) as server:
        feed = LiveFeed(server.url + ("/relay" if "path" in options else ""), headers=headers)
        with feed:
            feed.wait(state="live", timeout=30)
            server.settled()
            for event, args in EVENTS:
                server.emit(event, *args)
            until(lambda: feed.health.messages + feed.health.trades >= MESSAGES + TRADES)
            said = f"{feed.state!r}, {feed.transport}".replace(server.url, "URL")
    return mode, MESSAGES, feed.health.messages, TRADES, feed.health.trades, said


if __name__ == "__main__":
    print("| mode | messages sent | taken | trades sent | taken | feed.state, transport |")
    print("|---|---|---|---|---|---|")
    for name in MODES:
        print(f"| {' | '.join(map(str, row(name)))} |", flush=True)
