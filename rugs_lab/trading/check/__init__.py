"""`check`: whether a strategy sees the future, and whether it trades the same everywhere.

``check``            `check`: the games, the probes, the verdict
``retained_data``    whether a strategy carries the prices of games with it
``replay_and_live``  the same strategy in a replay and on a live feed, compared with the engine
``check_report``     `Report`: one finding for each thing that was tried
"""
