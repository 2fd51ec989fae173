"""What the command line does, one module a command.

``lab``, ``check``, ``serve``, ``record``, ``seal``, ``verify``, ``report``, ``fuzz``, ``soak``.

``rugs_lab/cli.py`` reads the arguments and calls ``run(...)`` of one of them, which prints for people and
returns the exit status. What a command cannot do for a reason that the user can mend, it raises as a
``RugsLabError``; ``cli.main`` turns that into one line on the error stream.
"""
