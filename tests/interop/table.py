"""What the live feed takes of the official server in each mode: ``python -m tests.interop.table``."""

from __future__ import annotations

from rugs_lab.feed.live.live_feed import LiveFeed
from tests.interop.modes import MESSAGES, MODES, REFUSED, TRADES, Mode, play
from tests.interop.official import OfficialServer
from tests.support.live import until


def served(mode: Mode) -> tuple[int, int, int, int, str]:
    """Return messages and trades, sent and taken, and what the state said."""
    played = play(mode)
    feed, said = played.feed, []
    for state, reason in played.states[1:-1]:  # without "connecting" and "stopped"
        words = f"{state}: {reason}".replace(played.server.url, "URL")
        said += [] if words in said else [words]
    return MESSAGES, feed.health.messages, TRADES, feed.health.trades, "; then ".join(said)


def refused(options: dict[str, object]) -> tuple[int, int, int, int, str]:
    """Return the same of a server that lets nobody in."""
    with OfficialServer(**options) as server, LiveFeed(server.url) as feed:
        until(lambda: feed.state == "reconnecting" and "trying polling" not in feed.state.reason)
        said = f"{feed.state}: {feed.state.reason}"
    return 0, feed.health.messages, 0, feed.health.trades, said


if __name__ == "__main__":
    print("| mode | messages sent | taken | trades sent | taken | feed.state |")
    print("|---|---|---|---|---|---|")
    for name, mode in MODES.items():
        print(f"| {' | '.join(map(str, (name, *served(mode))))} |", flush=True)
    for name, options in REFUSED.items():
        print(f"| {' | '.join(map(str, (name, *refused(options))))} |", flush=True)
