"""What the command line does, one module a command.

``lab``      ``rugs-lab``: opens JupyterLab; ``kernels`` makes its notebooks run on this Python
``check``    listens to a feed and prints what was received
``record``   writes a feed to files
``seal``     archives recordings as Parquet
``verify``   checks recorded games against their seeds
``report``   prints the statistics of recorded games
``serve``    runs the built-in server
``argument_types``  text of an argument in, value out: ports, sizes, speeds
``feed_options``    ``--url`` and ``--demo``, which `check` and `record` share
``interrupt``       Ctrl-C, noted instead of raised

A command has ``add_arguments(parser)`` and ``run(options)``; ``rugs_lab/cli.py`` lists the commands, imports
the one that was asked for and calls its ``run``, which prints and returns the exit status.
What cannot be done for a reason that the user can mend is raised as a ``RugsLabError``; ``cli.main`` turns
that into one line on the error stream.
"""
