"""Settings for the tests of the environment."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def compiled_environment() -> None:
    """Compile the loop of the vector environment, outside of any test's time limit."""
    pytest.importorskip("gymnasium")
    from rugs_lab.recordings.games.synthetic import synthetic
    from rugs_lab.trading.environment.vector_env import RugsVectorEnv

    env = RugsVectorEnv(1, synthetic(2, seed=1))
    env.reset(seed=1)
    env.step(env.action_space.sample())
