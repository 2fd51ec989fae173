"""``python -m tests.support.path_baselines`` makes ``rugs_lab/analysis/path_baselines.json``."""

import json

from rugs_lab.analysis import _baselines, _peaks, _returns
from rugs_lab.recordings.games.synthetic import synthetic

STATISTICS = (
    (_peaks._drawdown_table, {"depths": _peaks.DEPTHS}),
    (_returns._table, {}),
    (_returns._volatility_table, {"window": _returns.WINDOW}),
)
GAMES = 4_000_000


def main():
    """Write the file."""
    kept = {}
    for statistic, options in STATISTICS:
        games = synthetic(GAMES, seed=_baselines.SEED, method="statistical")
        values = statistic(games, **options).set_index("measure")["value"]
        kept[_baselines.key_of(statistic, options)] = values.to_dict()
    _baselines.KEPT.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
