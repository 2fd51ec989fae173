"""Reinforcement learning: ``gymnasium.make("rugs_lab/Rugs-v0", games=...)``.

``gym_env``       `RugsEnv`: a step is a tick
``vector_env``    `RugsVectorEnv`: thousands of games stepped together; ``vector_loop`` is its compiled loop
``sb3_vec_env``   `sb3_vec_env`: the same for Stable-Baselines3
``game_source``   the environment's games: recorded or synthetic
``feed_source``   the environment's games: those of a feed, at its pace
``registration``  registers the environment with gymnasium
"""
