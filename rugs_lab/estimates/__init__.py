"""Estimates with their uncertainty: used by `rugs_lab.analysis` and `rugs_lab.trading` alike.

``intervals``         shares, means and ratios with 95 % intervals, clustered by game where needed
``money_statistics``  of profits: mean, losing streak, drawdown, ruin
"""
