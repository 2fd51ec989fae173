"""Files of every known format → `Games`.

``formats``         the formats: each yields the same values
``load``            `load`: which files, in which order; one bad file never costs another; `sample`
``find_files``      a file, folder or pattern → files, and what cannot be read
``take_items``      what a format yields → the parts of games
``read_records``    bytes → records of a recording, every line accounted for
``captures``        events as they were received → games
``version_0_1``     words of version 0.1 → those of today
``timestamps``      any time → nanoseconds since 1970 in UTC
``game_parts``      the records of one game, in the order of the files
``merge_parts``     the same game in several files → one
``backfill``        one game's records → the `Game`: ordered, checked, missing ticks filled
"""
