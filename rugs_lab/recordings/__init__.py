"""Games at rest: written, read, archived, checked, generated.

``games``      `Game` and `Games`: values and DataFrames
``assembly``   games put together from messages, by id and tick; used by feeds and by `load` alike
``write``      `Recorder`: events → files
``read``       `load`: files → games
``catalogue``  `seal`: a folder of recordings → Parquet

A game comes from a feed (``assembly``) or from files (``read``, which uses ``assembly`` for raw event logs).
"""
