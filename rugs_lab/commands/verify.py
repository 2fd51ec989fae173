"""``rugs-lab verify FILE...``: check recorded games against their published seeds."""

from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Check every price of recorded games against their published seeds, bit for bit. The exit status is "
        "0 when games could be verified and none disagrees, else 1."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="recordings, folders or glob patterns")
    parser.add_argument("--all", action="store_true", help="print every game, not only those that disagree")
    parser.add_argument("--json", action="store_true", help="print a JSON list of all games")


def run(options: Namespace) -> int:
    """Load the files, verify every game, print what does not agree and a count of each verdict."""
    from rugs_lab.recordings.games.verification import verify
    from rugs_lab.recordings.read.load import load

    verdicts = verify(load(options.files))
    disagree = verdicts["verified"].eq(False).fillna(False)
    if options.json:
        print(verdicts.reset_index().to_json(orient="records"))
        return int(bool(disagree.any()) or not verdicts["verified"].fillna(False).any())
    shown = verdicts if options.all else verdicts[disagree]
    if len(shown):
        print(shown.astype(object).where(shown.notna(), "-").to_string())
    count = {
        "verified": int(verdicts["verified"].fillna(False).sum()),
        "disagree": int(disagree.sum()),
        "not known (no seed, or a price process that is not known)": int(verdicts["verified"].isna().sum()),
    }
    print(f"{len(verdicts)} games: " + ", ".join(f"{n} {name}" for name, n in count.items()))
    if count["disagree"]:
        print("a game that disagrees was altered after it was played, or was not received correctly")
        return 1
    if not count["verified"]:
        print("no game could be verified: the files hold no published seed of a known price process")
        return 1
    return 0
