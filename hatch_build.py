"""Build hook: the notebooks and the sample data travel inside the wheel.

An editable install needs neither, because ``rugs_lab.resources`` finds both folders at the repository root.
Only files a reader is meant to get are taken: no hidden files, no checkpoint folders.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds ``notebooks/*.ipynb`` as ``rugs_lab/_notebooks`` and ``data/**`` as ``rugs_lab/_data``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Register the files of both folders with the wheel that is being built."""
        if version == "editable":
            return
        root = Path(self.root)
        files = [*root.glob("notebooks/*.ipynb"), *(p for p in root.glob("data/**/*") if p.is_file())]
        for file in files:
            inside = file.relative_to(root)
            if not any(part.startswith(".") for part in inside.parts):
                build_data["force_include"][str(file)] = f"rugs_lab/_{inside.as_posix()}"
