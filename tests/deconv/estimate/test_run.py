"""The estimate command as its users meet it."""

import json
from pathlib import Path

import numpy as np
import pytest

CLOCK = Path(__file__).resolve().parents[3] / "samples" / "clock.png"


def test_estimate_tells_the_blur_of_a_real_photo(run, capsys, tmp_path):
    psf = tmp_path / "psf.npy"
    assert run("estimate", CLOCK, "--json", "-o", psf) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["psf"]["family"] == "motion"
    assert found["psf"]["length"] == pytest.approx(36, abs=1)
    assert found["psf"]["angle"] == pytest.approx(2, abs=1)
    assert found["confidence"] == "confident"
    assert np.load(psf).sum() == pytest.approx(1)
    assert run("estimate", CLOCK, "-o", psf) == 2
