"""The strategy widget, ``rl.lab``: a form made from a strategy's parameters, the result beside it.

``lab_view``          `LabView`: the widget, with a replay or live widget below
``lab_panel``         its page: form, figures, progress
``parameter_fields``  the form's fields, of parameters and session
``backtest_runner``   plays the newest values on a thread; it can be interrupted
``lab_figures``       the figures of a run, and its key figures in words
"""
