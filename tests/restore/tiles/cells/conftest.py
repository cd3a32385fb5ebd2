"""A smaller picture than for tiles alone: cells are looked at one by one, and the tests make them small."""

from types import SimpleNamespace

import numpy as np
import pytest

import restore


def picture_of(rows, columns):
    sharp = np.kron(np.random.default_rng(5).random((rows, columns)), np.ones((8, 8)))
    psf = restore.psf.gaussian(1.2)
    return SimpleNamespace(sharp=sharp, psf=psf, observed=restore.degrade(sharp, psf, noise_sigma=0.01, rng=0))


@pytest.fixture(scope="session")
def scene():
    return picture_of(16, 14)


@pytest.fixture(scope="session")
def wide():
    """One with unknown samples enough to compare their errors."""
    return picture_of(24, 20)
