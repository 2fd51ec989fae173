"""``rugs-lab seal FOLDER``: archive recordings as Parquet files."""

import json
from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Put the recordings of a folder into Parquet files, one a month; the recordings stay. It can be "
        "repeated, even while a recorder is writing: files that have grown are archived again. "
        "`rugs_lab.load` of the folder then reads the archive (of another place, with --to, by its own path)."
    )
    parser.add_argument("folder", metavar="FOLDER", help="where the recordings are")
    parser.add_argument("--to", metavar="FOLDER", help="where the archive goes (default: FOLDER/catalogue)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: Namespace) -> int:
    """Archive the recordings of a folder, say what was done, and return 0."""
    from rugs_lab.errors import RugsLabError
    from rugs_lab.recordings.catalogue.seal import seal

    try:
        done = seal(options.folder, options.to)
    except OSError as error:
        raise RugsLabError(
            f"{error.filename or options.folder} could not be written ({error.strerror}); "
            "the recordings are as they were"
        ) from error
    if options.json:
        print(json.dumps(vars(done), default=str))
        return 0
    print(f"{done.files} files archived now; {done.games} games in {done.folder}{done.left}")
    if done.source_bytes:
        ratio = done.source_bytes / max(done.bytes, 1)
        print(
            f"{done.source_bytes / 1e6:.1f} MB of lines, {done.bytes / 1e6:.2f} MB of Parquet, "
            f"{ratio:.1f} times smaller"
        )
    return 0
