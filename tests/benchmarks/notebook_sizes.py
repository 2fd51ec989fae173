"""The size of each executed notebook: ``python -m tests.benchmarks.notebook_sizes FOLDER``; has a limit.

Without the state of widgets, as JupyterLab saves a notebook, and with it, as nbclient does.
"""

import json
import sys
from pathlib import Path

MOST_BYTES = 300_000


def sizes(path: Path) -> tuple[int, int]:
    """Return the bytes of a notebook without and with the state of its widgets."""
    notebook = json.loads(path.read_text("utf-8"))
    whole = len(json.dumps(notebook, indent=1))
    notebook["metadata"].pop("widgets", None)
    return len(json.dumps(notebook, indent=1)), whole


def main() -> None:
    """Print the sizes of the notebooks of a folder."""
    paths = sorted(Path(sys.argv[1]).glob("*.ipynb"))
    if not paths:
        raise SystemExit(f"there are no notebooks in {sys.argv[1]}")
    large = []
    for path in paths:
        bare, whole = sizes(path)
        print(f"{path.name:32} {bare / 1000:6.0f} kB, with the state of its widgets {whole / 1000:6.0f} kB")
        large += [path.name] * (bare >= MOST_BYTES)
    if large:
        raise SystemExit(f"more than {MOST_BYTES / 1000:.0f} kB as saved: {', '.join(large)}")


if __name__ == "__main__":
    main()
