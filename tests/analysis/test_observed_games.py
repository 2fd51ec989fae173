"""What every statistic says of something that is no games."""

from __future__ import annotations

import pandas as pd
import pytest

from rugs_lab import analysis
from rugs_lab.errors import ArgumentError


@pytest.mark.parametrize("name", analysis.__all__)
@pytest.mark.parametrize("given", ["data", pd.DataFrame()], ids=["str", "DataFrame"])
def test_something_that_is_no_games_is_refused(name, given):
    more = {"after_peak": [2.0], "entry_outcomes": [0]}.get(name, [])
    with pytest.raises(ArgumentError, match=rf"analysis\.{name}\(games\) takes .*got {type(given).__name__}"):
        getattr(analysis, name)(given, *more)
