"""The live feed: a Socket.IO client that only listens.

``live_feed``  `LiveFeed`: its thread, its states, when it connects anew
``client``     one connection, from the handshake to its end; it never emits an event
``demo``       `demo`: a live feed that is already started against the built-in server
"""
