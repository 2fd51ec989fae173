"""`check`: whether a strategy sees the future, and whether it trades the same everywhere.

``check``            `check`: the games, the probes, the verdict
``look_ahead``       other futures and other ids of the games
``foresight``        bets, rugs and moves against chance
``ledger_check``     the ledger, computed once more
``retained_data``    whether a strategy contains the prices of games
``replay_and_live``  the same strategy in a replay and on a live feed, compared with the engine
``check_report``     `Report`: one finding for each thing that was tried
"""
