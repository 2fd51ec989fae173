"""A server on loopback that says exactly what a test scripts, byte by byte, over a real WebSocket."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType, web

OPEN = "0" + json.dumps(
    {"sid": "s1", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 1000000}
)
CONNECTED = '40{"sid":"n1"}'


def event(name, *args):
    """Return the text of an event message."""
    return "42" + json.dumps([name, *args])


class ScriptedServer:
    """Runs `script(ws, number of this connection)` for every WebSocket connection.

    `received` holds every text message of every client, in order.
    """

    def __init__(self, script: Callable[[web.WebSocketResponse, int], Awaitable[None]]) -> None:
        self._script = script
        self.received: list[str] = []
        self.connections = 0
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="scripted server")

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._end is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        app = web.Application()
        app.router.add_get("/socket.io/", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._end.wait()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        self.connections += 1
        number = self.connections
        reader = asyncio.ensure_future(self._read(ws))
        try:
            await self._script(ws, number)
        finally:
            reader.cancel()
            await ws.close()
        return ws

    async def _read(self, ws: web.WebSocketResponse) -> None:
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                self.received.append(message.data)
            else:
                self.received.append(f"({message.type.name})")


async def greet(ws: web.WebSocketResponse) -> None:
    """Say what a Socket.IO server says to a new client."""
    await ws.send_str(OPEN)
    await ws.send_str(CONNECTED)


async def stay(ws: web.WebSocketResponse) -> None:
    """Keep the connection open until the client leaves or the server ends."""
    while not ws.closed:
        await asyncio.sleep(0.01)
