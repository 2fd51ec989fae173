"""``rugs-lab``: open JupyterLab on the live notebook.

The notebooks are copied to ``rugs_lab_notebooks`` in the working folder first, so that neither a checkout nor
an installation changes; a copy that is there already is never overwritten. JupyterLab runs in this very
process and listens on loopback only, with an access token of Jupyter; the kernel behind "python3"
is this interpreter (see `rugs_lab.commands.kernels`).
"""

import os
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from filecmp import cmp
from importlib.util import find_spec
from pathlib import Path

from rugs_lab.commands import argument_types
from rugs_lab.errors import ArgumentError, RugsLabError
from rugs_lab.resources import notebooks_dir

FIRST_NOTEBOOK = "01_live_watch.ipynb"
COPY_FOLDER = "rugs_lab_notebooks"


def add_arguments(parser: ArgumentParser) -> None:
    """Say what ``rugs-lab`` alone takes; `rugs_lab.cli` adds ``options.extra``, what follows ``--``."""
    parser.description = (
        "Open JupyterLab on the live notebook, which starts with the built-in game server. "
        "JupyterLab listens on this machine only."
    )
    parser.add_argument(
        "--port",
        type=argument_types.port,
        help="port of JupyterLab (default: the first free one from 8888 up)",
    )
    parser.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        help="do not open a browser; only print the address",
    )


def run(options: Namespace) -> int:
    """Open JupyterLab, stay until it is stopped, and return 0.

    A port that was asked for by number and is taken is an error, not a reason to take another.
    """
    if find_spec("jupyterlab") is None:
        raise RugsLabError(
            f"JupyterLab is not installed for {sys.executable}. Install it with "
            f"`{sys.executable} -m pip install jupyterlab`, or open {notebooks_dir() / FIRST_NOTEBOOK} "
            "in the Jupyter that you have."
        )
    folder = copy_notebooks(notebooks_dir(), Path(COPY_FOLDER))
    # No question about Jupyter news over the first chart.
    config = [str(Path(__file__).with_name("jupyter")), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, config))
    arguments = lab_arguments(
        folder.resolve(), port=options.port, browser=options.browser, extra=options.extra
    )
    print(f"Opening JupyterLab on {folder / FIRST_NOTEBOOK}; Ctrl-C stops it.", flush=True)

    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(arguments)
    return 0


def copy_notebooks(source: Path, target: Path) -> Path:
    """Copy the notebooks of `source` into `target`, leave those alone that are there, and say so."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        for original in sorted(source.glob("*.ipynb")):
            copy = target / original.name
            if not copy.exists():
                shutil.copyfile(original, copy)
                print(f"copied {copy}")
            elif not cmp(original, copy, shallow=False):
                print(f"kept your {copy}, which differs from the original {original}")
    except OSError as error:
        raise RugsLabError(
            f"the notebooks cannot be copied to {target.absolute()} ({error}). Start rugs-lab in a folder "
            "where you can write."
        ) from error
    return target


def lab_arguments(folder: Path, *, port: int | None, browser: bool, extra: Sequence[str]) -> list[str]:
    """Return the arguments of ``jupyter lab`` that open the live notebook in `folder` on loopback."""
    for argument in extra:
        if argument.split("=")[0] in ("--ip", "--ServerApp.ip", "--NotebookApp.ip"):
            raise ArgumentError(
                f"{argument}: rugs-lab opens JupyterLab for this machine only (loopback). To offer it to "
                f"others, start `jupyter lab {folder}` yourself, with the protection that this needs."
            )
    arguments = [
        "--ip=127.0.0.1",
        f"--ServerApp.root_dir={folder.parent}",
        f"--LabApp.default_url=/lab/tree/{folder.name}/{FIRST_NOTEBOOK}",
        "--ServerApp.kernel_spec_manager_class=rugs_lab.commands.kernels.OwnPythonKernels",
        "-y",  # Ctrl-C stops at once instead of asking first
    ]
    if port is not None:
        arguments += [f"--port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Jupyter refuses this account because others may reach its servers; this one they cannot reach.
        arguments.append("--allow-root")
    return [*arguments, *extra]
