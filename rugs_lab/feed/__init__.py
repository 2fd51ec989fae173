"""Games in motion: from a socket, a raw event log or a recorded game to a DataFrame.

``core``    what every feed does with an event; `Feed` is what users see
``live``    `LiveFeed`: the live site, or any server with its messages
``replay``  `ReplayFeed`: recorded games and raw event logs, with play, pause, step and seek
``server``  `GameServer`: a local server to play against

Whatever brings events calls ``take(event, args, received_ns)`` of `rugs_lab.feed.core.intake`. After that
all of them run the same code: message → `GameSignal` → phase → row of the buffer and running `Game` →
subscribers.
"""
