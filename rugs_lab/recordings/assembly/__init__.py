"""Games put together from messages: by game id and tick, in whatever order the messages come.

``open_games``     the running and the finished games of a session
``game_assembly``  one game: prices from its own ticks, later messages, snapshot, history and seed
"""
