"""Registers the environment with gymnasium by name; loads neither gymnasium nor the environment.

Gymnasium has no way to find the environments of installed packages: a package registers its own. So it is
done wherever rugs_lab meets gymnasium: when rugs_lab is imported after it, when a public name of rugs_lab is
first used after it was loaded, and when `rugs_lab.trading.environment.gym_env` is imported. In any order it
works to name the module: ``gymnasium.make("rugs_lab.trading.environment.gym_env:rugs_lab/Rugs-v0")``.
"""

import sys
from typing import Final

ID: Final = "rugs_lab/Rugs-v0"
ENTRY_POINT: Final = "rugs_lab.trading.environment.gym_env:RugsEnv"
VECTOR_ENTRY_POINT: Final = "rugs_lab.trading.environment.vector_env:RugsVectorEnv"


def register() -> None:
    """Register the environment where gymnasium is loaded and does not know it yet."""
    gymnasium = sys.modules.get("gymnasium")
    if gymnasium is None or not hasattr(gymnasium, "make_vec"):  # being loaded just now
        return
    if ID not in gymnasium.registry:
        gymnasium.register(ID, entry_point=ENTRY_POINT, vector_entry_point=VECTOR_ENTRY_POINT)
