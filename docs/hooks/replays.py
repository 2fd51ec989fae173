"""The file that docs/replay_here.md plays: published real games, by `rl.replay(games).save`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mkdocs.structure.files import File, Files

import rugs_lab as rl

PLACE = "replays/published_games.html"


def on_files(files: Files, config: Any) -> Files:
    """Make the file, with what a strategy does in the games."""
    games = rl.sample()
    view = rl.replay(games[games.frame["file"].str.contains("published")], playing=False)
    with TemporaryDirectory() as folder:
        path = view.save(Path(folder) / "replay.html", strategy="conservative")
        files.append(File.generated(config, PLACE, content=path.read_text("utf-8")))
    view.close()
    return files
