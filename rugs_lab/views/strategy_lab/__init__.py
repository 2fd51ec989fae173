"""The strategy widget, ``rl.lab``: a form made from a strategy's parameters, the result beside it.

``lab_view``          `LabView`: the widget, with a replay or live widget below
``lab_panel``         its page: form, figures, progress
``lab_options``       strategy, games, fields and session: one value for all layers
``parameter_fields``  the form's fields, made from the parameters
``backtest_runner``   plays the newest values on a thread of its own
``interruptible``     a backtest that reports progress and can be cancelled
``lab_figures``       the figures of a run
``key_figures``       the key figures of a run, in words
"""
