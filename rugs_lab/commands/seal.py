"""``rugs-lab seal FOLDER``: put recordings into a catalogue of Parquet files."""

from __future__ import annotations


def run(*, folder: str, to: str | None) -> int:
    """Seal the recordings of a folder, say what was done, and return 0.

    Parameters
    ----------
    folder
        Where the recordings are.
    to
        Where the catalogue goes; None: ``catalogue`` in the folder.

    Raises
    ------
    RugsLabError
        No recordings there, another seal is at work, or the disk did not keep what was written.
    """
    from rugs_lab.errors import RugsLabError
    from rugs_lab.recordings.catalogue.seal import seal

    try:
        done = seal(folder, to)
    except OSError as error:
        raise RugsLabError(
            f"{error.filename or folder} could not be written ({error.strerror}); "
            "the recordings are as they were"
        ) from error
    print(f"{done.files} files sealed now; {done.games} games in {done.folder}")
    if done.source_bytes:
        ratio = done.source_bytes / max(done.bytes, 1)
        print(
            f"{done.source_bytes / 1e6:.1f} MB of lines, {done.bytes / 1e6:.2f} MB of catalogue, "
            f"{ratio:.1f} times smaller"
        )
    return 0
