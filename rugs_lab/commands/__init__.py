"""What the command line does, one module a command.

``lab``      ``rugs-lab``: opens JupyterLab; ``kernels`` makes its notebooks run on this Python
``check``    listens to a feed and prints what came
``record``   writes a feed to files
``seal``     archives recordings as Parquet
``verify``   checks recorded games against their seeds
``report``   prints the statistics of recorded games
``serve``    runs the built-in server
``interrupt``  Ctrl-C, noted instead of raised

``rugs_lab/cli.py`` reads the arguments and calls ``run`` of one of them, which prints and returns the
exit status. What cannot be done for a reason that the user can mend is raised as a ``RugsLabError``;
``cli.main`` turns that into one line on the error stream.
"""
