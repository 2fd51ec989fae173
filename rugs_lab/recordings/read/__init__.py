"""Files of every known format → `Games`.

``load``          `load`: which files, in which order; one bad file never costs another
``read_records``  bytes → records, every line accounted for
``captures``      raw captures → games
``version_0_1``   words of version 0.1 → those of today
``timestamps``    any time → nanoseconds since 1970 in UTC
``game_parts``    the records of one game, in the order of the files
``merge_parts``   the same game in several files → one
``backfill``      one game's records → the `Game`: ordered, checked, missing ticks filled
"""
