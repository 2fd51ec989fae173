"""Games in motion: from a socket to a frame.

The way of one event, and who does what:

`live`
    `LiveFeed`: connection, reconnection, state; runs on its own thread. `client` is the Socket.IO client
    that only listens; `demo` starts a feed against the built-in server.
`intake`, `decode`
    `Intake`: the one door, ``take(event, args, received_ns)`` or ``take_text(text, received_ns)``. It parses
    (`rugs_lab.game.signal`, `rugs_lab.game.wire`), tracks the phase, appends to the ring, puts games together
    and tells subscribers. Whatever brings events (socket, capture, replay, simulation) calls it, so all of
    them run the same code.
`base`
    `Feed`: the face that people use, over that door: frame, game, games, trades, metrics, `on`, `wait`.
`schema`, `ring`
    The one tick-to-row schema, and the bounded buffer of such rows: one owner, readers with cursors.
`assembly`, `book`
    One game put together tick by tick; the running and the finished ones by id, healed from what later
    frames tell and checked against their seeds.
`boards`
    The last leaderboard of each game: what people made of it.
`dispatch`
    Subscribers: a bounded queue and a thread each, so that none can slow the feed.
`recording`
    ``feed.record``: what is taken, turned into lines for `rugs_lab.recordings.recorder`.
`state`, `health`, `metrics`
    Where the feed stands and why; counters and times; how ``feed.metrics`` shows them.
`replay`, `player`, `ticker`
    `ReplayFeed`: recorded games or a raw capture as a feed with a transport; how it goes forward and back;
    its thread.
`playlist`, `order`, `scene`, `staging`, `segments`, `pace`
    What a replay plays and in which order; one game as a row of events with their ticks and times; how a
    recorded game, and a game of a capture, becomes one; virtual time.
`server`, `wire`, `simulation`
    `GameServer`: a local server with the true wire format; how it sends; the simulated world it plays.
`faults`, `toxics`, `oracle`
    For trials: a proxy that spoils connections, what it can do to them; what must hold at the door.

This floor knows `rugs_lab.game` and `rugs_lab.recordings`.
"""
