"""The official Socket.IO server (npm ``socket.io``) as a process of its own, for tests: `OfficialServer`."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, Self

SCRIPT = Path(__file__).with_name("server.mjs")
DEADLINE_S = 30


class OfficialServer:
    """The server of ``tests/interop/server.mjs``, which says there what `options` it takes.

    Attributes
    ----------
    url
        Where it listens.
    said
        Everything that it printed so far, in order.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self.said: list[dict[str, Any]] = []
        self._lines: Queue[dict[str, Any] | None] = Queue()

    def __enter__(self) -> Self:
        node = shutil.which("node")
        assert node is not None
        self._process = subprocess.Popen(
            [node, str(SCRIPT), json.dumps(self._options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = f"http://127.0.0.1:{self.wait('listening')['listening']}"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        self._process.stdout.close()

    def do(self, command: str, value: Any = None) -> None:
        """Give a command; see ``server.mjs``."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps({command: value})}\n")
        self._process.stdin.flush()

    def emit(self, event: str, *args: Any) -> None:
        """Send an event to everybody."""
        self.do("emit", [event, *args])

    def wait(self, key: str, value: Any = None) -> dict[str, Any]:
        """Wait until a line with `key` (and that value) is printed that was not returned before."""
        while True:
            line = self._lines.get(timeout=DEADLINE_S)
            assert line is not None, f"the server ended before it said {key!r}: {self.said[-3:]}"
            if key in line and value in (None, line[key]):
                return line

    def freeze(self) -> None:
        """Stop the process as it is: it neither answers nor sends, and its connections stay open."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the process go on."""
        self._process.send_signal(signal.SIGCONT)

    def settled(self) -> None:
        """Wait until everything before this call was handled by the server."""
        self.do("mark", len(self.said))
        self.wait("mark")

    def all(self, key: str) -> list[Any]:
        """Return what was said under `key` so far."""
        return [line[key] for line in self.said if key in line]

    @property
    def sent_by_clients(self) -> list[tuple[str, str | None]]:
        """Every Engine.IO packet that came from a client: kind and data."""
        return [(line["sent"], line["data"]) for line in self.said if "sent" in line]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            line = json.loads(text)
            self.said.append(line)
            self._lines.put(line)
        self._lines.put(None)
