"""The widgets shown in a notebook.

``live_view``       `LiveView`: the live widget
``replay_view``     `ReplayView`: the replay widget
``replay_file``     a replay as one HTML file that plays without a kernel
``open_views``      opens them: which earlier view a new one replaces, several side by side
``static_picture``  a figure with a table that shows itself, without a kernel behind it
"""
