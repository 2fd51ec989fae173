"""``rugs-lab verify FILE...``: check recorded games against their published seeds."""

from __future__ import annotations

from collections.abc import Sequence


def run(*, files: Sequence[str], every_game: bool) -> int:
    """Load the files, verify every game, print what does not agree and a count of each verdict.

    Parameters
    ----------
    files
        Recordings in any known format, folders, or glob patterns.
    every_game
        Print every game, not only those that do not agree.

    Returns
    -------
    int
        0 when at least one game could be verified and none disagrees, else 1.

    Raises
    ------
    RugsLabError
        A file that is not there, or nothing in it that could be loaded.
    """
    from rugs_lab.recordings.games.verification import verify
    from rugs_lab.recordings.read.load import load

    verdicts = verify(load(list(files)))
    disagree = verdicts["verified"].eq(False).fillna(False)
    shown = verdicts if every_game else verdicts[disagree]
    if len(shown):
        print(shown.astype(object).where(shown.notna(), "-").to_string())
    count = {
        "verified": int(verdicts["verified"].fillna(False).sum()),
        "disagree": int(disagree.sum()),
        "not known (no seed)": int(verdicts["verified"].isna().sum()),
    }
    print(f"{len(verdicts)} games: " + ", ".join(f"{n} {name}" for name, n in count.items()))
    if count["disagree"]:
        print("games that disagree were changed after they were played, or received wrongly")
        return 1
    if not count["verified"]:
        print("no game could be verified: the files hold no published seed")
        return 1
    return 0
