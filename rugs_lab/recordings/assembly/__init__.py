"""Games put together from messages: by game id and tick, in whatever order the messages come.

``events``         the data of an event, and its place among the phases
``open_games``     the running and the finished games of a session
``game_assembly``  one game: prices from its own ticks, later messages, snapshot, history and seed
``outages``        what is missed while a connection is lost, as gaps
``final_leaderboards``  the last leaderboard of each game

No clock, no thread, no file: a feed and the reader of captures use the same code.
"""
