"""`sweep`: a strategy over a grid of parameters, on the same games for each combination.

``sweep``           `sweep`
``parameter_grid``  the parameter combinations
``sweep_tasks``     the unit of work: some combinations over some games
``sweep_workers``   where they run: here, on threads, in processes, on a cluster
``sweep_result``    `Sweep`: the table, the best combination on held-out games, the heat map
"""
