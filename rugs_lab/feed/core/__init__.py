"""What every feed does with an event: parse, buffer, assemble games, send it to subscribers.

``feed``                `Feed`, as its users see it: frame, game, games, trades, metrics, `on`, `wait`
``intake``              the one way in: ``take(event, args, received_ns)``, or ``take_text``
``ring_buffer``         the bounded buffer of those rows: one writer, readers with cursors
``waiting``             what ``feed.wait`` waits for
``subscribers``         a bounded queue and a thread for each subscriber, so that none can slow the feed
``alerts``              a condition on ticks, reported once per game
``feed_thread``         a thread that works for a feed and does not keep it alive
``recording``           ``feed.record``: what is taken, as lines for `rugs_lab.recordings.write.recorder`
``state``               connecting, live, stale, reconnecting, stopped, and why
``health``, ``metrics``  counters and times; ``feed.metrics`` shows them with units
"""
