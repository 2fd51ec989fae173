"""Estimates with their uncertainty: used by `rugs_lab.analysis` and `rugs_lab.trading` alike.

``estimate``           `Estimate`; the interval of a share and that of a mean, and why these
``intervals``          intervals where trials are censored or share games; tables of estimates
``drawdown_and_ruin``  of profits: losing streak, drawdown, ruin
"""
