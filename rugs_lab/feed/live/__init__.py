"""The live feed: a Socket.IO client that only listens.

``live_feed``     `LiveFeed`: its address, start and stop
``reconnection``  what keeps it connected, and how long it waits: in silence, before the next attempt
``client``        one connection, from the handshake to its end; it never emits an event
``demo``          `demo`: a live feed that is already started against the built-in server
"""
