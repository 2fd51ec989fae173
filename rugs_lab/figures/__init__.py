"""Bokeh figures, from columns of numbers: they know nothing of `Game`, `Run` or `Sweep`.

``figure``             `rugs_lab.Figure`: a figure of any kind that shows itself and can be saved
``drawing``            lines, areas, marks and words, written as SVG or PNG without a browser
``model_drawing``      a Bokeh figure as such a drawing
``ticks``              round numbers for its axes
``figure_base``        an empty figure in the colours of a theme, data sources, the legend
``price_figure``       the price path of a game; the layout of the live chart
``marks``              what is drawn over it: fills, side bets, other people's trades, other games
``candles``            candles in the price chart
``run_figures``        a backtest: games with fills, equity, profit per game; and their states
``comparison_figure``  two runs, game by game
``sweep_figure``       the heat map of a sweep
``analysis_figures``   the statistics of `rugs_lab.analysis`
``palette``            colours, light and dark, that colour-blind people tell apart
"""
