"""Games at rest: written, read, kept, checked, made.

Values
    `game`: `Game`, one game (prices by tick, how each is known, rug tick, seed, trades). `tables`: trades,
    side bets and leaderboards as frames. `damage`: what was wrong with a file, and what was done.
Many games
    `games`: `Games`, a sequence that is also a frame. `selection` is its sequence part, `index` what is known
    without prices, `stores` where the games lie (values, arrays, Parquet, made on the spot), `frames`, `sql`
    and `show` its other faces, `accessor` the ``df.rugs`` of its frames.
Writing
    `recorder`: `Recorder`, on a thread of its own. `line_schema` and `lines` say what a line is, to write and
    to read; `backlog`, `writer`, `journal` and `disk` bring lines to a disk that may fail at any byte.
Reading
    `load`: files of every known format → `Games`. `records` turns bytes into records, every line accounted
    for; `gathering` and `pile` collect what was told of each game; `settle` orders, checks and heals it;
    `captures` sends raw captures through the feed's own door; `times` makes all times UTC.
Keeping
    `seal`: a folder of recordings → Parquet, checked; `catalogue`, `parquet` and `parquet_rows` read and
    write it. `sample`: the games that come with the package.
Seeds
    `fairness`: `verify`, point by point. `synthetic`: as many games of the published process as you like.

A game comes here from the feed (`rugs_lab.feed.book` puts it together by id and tick) or from files. This
floor knows only `rugs_lab.game`.
"""

from rugs_lab.recordings.game import Game, Origin
from rugs_lab.recordings.games import Games

__all__ = ["Game", "Games", "Origin"]
