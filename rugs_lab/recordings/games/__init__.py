"""Finished games as values, and many of them as one DataFrame.

``game``           `Game`: one game: prices by tick, the source of each, rug tick, seed, trades
``games``          `Games`: a sequence of games that is also a DataFrame; ``selection`` is its sequence part
``games_frame``    one row per game, without its prices
``ticks_frame``    one row per tick
``trades_frame``   trades, side bets and leaderboards, one row each
``message_rows``   one message → one row; of a feed's buffer and of a recording
``gaps_and_anomalies``  frames of gaps, contradictions and the server's statistics
``pandas_accessor``  ``df.rugs``: returns, drawdown and candles of a DataFrame of ticks
``sql``            ``games.sql``: DuckDB over those DataFrames
``html``           how `Games` shows itself in a notebook
``game_stores``    where the games are kept: values, arrays, Parquet, or generated on demand
``seed_prices``    prices of games from their seeds, and the rule of verification
``synthetic``      any number of games of the published price process
``verification``   `verify`: finished games checked against their seeds
``damage``         what was wrong with a file, and what was done about it
"""
