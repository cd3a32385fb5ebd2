"""The tables of equivalent calls in the guide: our side runs, and what is called equal is equal."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage, signal
from skimage import restoration, util

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "guide" / "coming_from.rst").read_text(encoding="utf-8")
ROWS = re.findall(r"^   \* - (.+)\n     - (.+)\n     -(.*)$", PAGE, re.MULTILINE)
CALLS = [(theirs.strip("`"), ours.strip("`"), remark.strip()) for theirs, ours, remark in ROWS if "``" in ours]
EQUAL = [(theirs, ours) for theirs, ours, remark in CALLS if remark.startswith("equal")]


@pytest.fixture(scope="module")
def names():
    """The names that the page sets before its tables."""
    found = {}
    for example in doctest.DocTestParser().get_examples(PAGE):
        exec(example.source, found)
    return found | {"restoration": restoration, "util": util, "ndimage": ndimage, "signal": signal}


def test_every_row_was_found():
    assert len(ROWS) == PAGE.count("\n   * - ") >= 35
    assert len(CALLS) >= len(ROWS) - 10
    assert len(EQUAL) >= 7


@pytest.mark.parametrize("ours", [ours for _, ours, _ in CALLS])
def test_our_side_runs(ours, names):
    assert eval(ours, dict(names)) is not None


@pytest.mark.parametrize(("theirs", "ours"), EQUAL)
def test_what_is_called_equal_is_equal(theirs, ours, names):
    np.testing.assert_allclose(eval(ours, dict(names)), eval(theirs, dict(names)), atol=1e-12)
