"""Recorded games, or a raw event log, played through the same code as a live feed.

``replay_feed``     `ReplayFeed`: play, pause, step, seek, speed, next game
``pace``            virtual time against a monotonic clock
``playback``        takes a game's events through the feed's intake, forward, and back by starting over;
                    the thread that plays what is due
``timeline``        one game as events, each with its time and tick
``game_events``     a recorded `Game` → its timeline
``capture_events``  a game of a raw event log → its timeline
``playlist``, ``play_order``  which games are played, and in which order
``argument_checks`` what callers may pass
"""
