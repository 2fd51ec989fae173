"""The live feed: a Socket.IO client that only listens.

``live_feed``     `LiveFeed`
``address``       where to connect and what the handshake says: URL, headers, proxy, transports, TLS
``reconnection``  how long it waits: for a connection, in silence, before the next one
``connection_thread``  makes one connection after the other
``connection``    one connection, from its first request to why it ended
``client``        its Socket.IO side: events out, nothing in; recovers what was missed
``dialer``        its HTTP side: what is sent and received, bounded
``session``       what one connection leaves behind for the next
``refusals``      a sentence for each way in which a connection cannot be made
``diagnosis``     each stage of a connection tried on its own, for ``rugs-lab check``
``demo``          `demo`: a live feed that is already started against the built-in server
"""
