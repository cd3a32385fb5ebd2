"""One blurred picture for all tests of tiles."""

from types import SimpleNamespace

import numpy as np
import pytest

import restore


@pytest.fixture(scope="session")
def scene():
    blocks = np.random.default_rng(5).random((24, 20))
    sharp = np.kron(blocks, np.ones((8, 8)))
    psf = restore.psf.gaussian(1.2)
    return SimpleNamespace(sharp=sharp, psf=psf, observed=restore.degrade(sharp, psf, noise_sigma=0.01, rng=0))
