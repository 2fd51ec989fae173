"""Registers the environment with gymnasium by name; loads neither gymnasium nor the environment.

Gymnasium has no way to find the environments of installed packages: a package registers its own. So it is
done when rugs_lab is imported after gymnasium, and when gymnasium is imported after rugs_lab. Where nobody
imports rugs_lab, its name does: ``gymnasium.make("rugs_lab:rugs_lab/Rugs-v0")``.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

ID: Final = "rugs_lab/Rugs-v0"
ENTRY_POINT: Final = "rugs_lab.trading.environment.gym_env:RugsEnv"
VECTOR_ENTRY_POINT: Final = "rugs_lab.trading.environment.vector_env:RugsVectorEnv"


class _WhenImported:
    """Registers the environment once gymnasium has been imported."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how gymnasium is loaded, with the registration after it; None for any other module."""
        if name != "gymnasium":
            return None
        others = (each.find_spec(name, path, target) for each in sys.meta_path if each is not self)
        found = next(filter(None, others), None)
        if found is not None and found.loader is not None:
            load = found.loader.exec_module

            def load_and_register(module: ModuleType) -> None:
                load(module)
                register()

            found.loader.exec_module = load_and_register  # type: ignore[method-assign]
        return found


def register() -> None:
    """Register the environment with gymnasium, now or as soon as that is imported."""
    gymnasium = sys.modules.get("gymnasium")
    if gymnasium is None:
        waiting = (type(each).__qualname__ for each in sys.meta_path)  # by name: a reload makes another class
        if _WhenImported.__qualname__ not in waiting:
            sys.meta_path.insert(0, _WhenImported())
    elif ID not in gymnasium.registry:
        gymnasium.register(ID, entry_point=ENTRY_POINT, vector_entry_point=VECTOR_ENTRY_POINT)
