"""The parts of a widget beside its price chart; each has a JavaScript file of the same name in ``static/``.

``trade_panel``        paper money by hand, with its fills, settlements and side bets on the chart
``strategy_panel``     a strategy picked in the page, trading paper money
``bots_panel``         the bots of a feed, beside the people who play
``replay_controls``    play, pause, step, seek, speed
``game_list``          the games of a replay, sorted and filtered
``game_facts``         figures of the game that is replayed
``past_games``         earlier games, shown instead of the running one, over it or behind it
``other_trades``       trades of other people, as marks
``own_lines``          lines that the reader computes from the prices
``leaderboard_panel``  the leaderboard
``trade_tape``         the tape of broadcast trades
``alerts_panel``       the alerts of a feed, with what met them last
``record_button``      begin and end a recording
"""
