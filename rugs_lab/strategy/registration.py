"""Tells gymnasium of the environment, without loading it.

Where rugs_lab is installed, gymnasium finds `register_in_namespace` by the entry point that names it, when
gymnasium itself is imported::

    [project.entry-points."gymnasium.envs"]
    rugs_lab = "rugs_lab.strategy.registration:register_in_namespace"

Neither rugs_lab nor gymnasium loads the other before it is used. Elsewhere, importing
`rugs_lab.strategy.environment` registers it.
"""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "rugs_lab"
NAME: Final = "Rugs-v0"
ID: Final = f"{NAMESPACE}/{NAME}"
ENTRY_POINT: Final = "rugs_lab.strategy.environment:RugsEnv"
VECTOR_ENTRY_POINT: Final = "rugs_lab.strategy.vector_environment:RugsVectorEnv"


def register() -> None:
    """Register the environment; does nothing when it is registered already."""
    import gymnasium

    if ID not in gymnasium.registry:
        gymnasium.register(ID, entry_point=ENTRY_POINT, vector_entry_point=VECTOR_ENTRY_POINT)


def register_in_namespace() -> None:
    """Register it when gymnasium loads its plugins, which says the namespace itself."""
    import gymnasium.envs.registration as registration

    if ID not in registration.registry:
        registration.register(NAME, entry_point=ENTRY_POINT, vector_entry_point=VECTOR_ENTRY_POINT)
