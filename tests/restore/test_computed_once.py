"""What several steps of a restoration need is computed once: the check of the picture, its spectrum, its noise."""

import sys

import numpy as np
import pytest

import restore
from restore import checks
from restore.methods.method import METHODS
from restore.noise import white
from restore.spectrum import observed_spectrum, periodogram

SHAPE = (90, 100)
H = restore.psf.disk(2.5)
#: The rim of the residual depends on the outside and is left out.
RESIDUAL = tuple(n - k + 1 for n, k in zip(SHAPE, H.shape, strict=True))
COUNTED = {
    "check": checks.as_image,
    "check of the PSF": checks.as_psf,
    "spectrum": periodogram.periodogram,
    "circular spectrum": observed_spectrum.circular,
    "noise level": white.noise_levels,
}


@pytest.fixture
def calls(monkeypatch):
    """Return what every step was asked about: the shapes of pictures, wherever in the package it is called."""
    shapes = {name: [] for name in COUNTED}

    def spy(name, plain):
        def called(array, *arguments, **options):
            shapes[name].append(np.shape(array)[:2])
            return plain(array, *arguments, **options)

        return called

    for name, plain in COUNTED.items():
        for module in [m for n, m in sys.modules.items() if n.partition(".")[0] == "restore"]:
            for attribute in [a for a, value in vars(module).items() if value is plain]:
                monkeypatch.setattr(module, attribute, spy(name, plain))
    return shapes


@pytest.fixture
def observed(pictures):
    sharp = pictures["camera"][100 : 100 + SHAPE[0], 100 : 100 + SHAPE[1]]
    return restore.degrade(sharp, H, noise_sigma=0.01, rng=0)


def expected(*, spectrum=1, noise_level=1, circular=0):
    """Return how often each is asked for: the picture's own, and the spectrum of what is left over."""
    spectra = sorted([SHAPE] * spectrum + [RESIDUAL])
    once = {"check": [SHAPE], "check of the PSF": [H.shape], "circular spectrum": [SHAPE] * circular}
    return once | {"spectrum": spectra, "noise level": [SHAPE] * noise_level}


def in_order(calls):
    return {name: sorted(shapes) for name, shapes in calls.items()}


@pytest.mark.parametrize("method", METHODS)
def test_once_for_border_fit_and_diagnosis(method, observed, calls):
    restore.deconvolve(observed, H, method=method)
    assert in_order(calls) == expected()


@pytest.mark.parametrize("method", ["wiener", "cls", "hyper_laplacian", "richardson_lucy"])
def test_behind_a_mask_the_completed_picture_is_looked_at_too(method, observed, calls):
    mask = np.zeros(SHAPE, bool)
    mask[30:33, 20:80] = True
    restore.deconvolve(observed, H, method=method, mask=mask)
    assert in_order(calls) == expected(spectrum=2)


def test_circular_data_are_seen_whole_by_the_fit(observed, calls):
    restore.deconvolve(observed, H, boundary="periodic")
    assert in_order(calls) == expected(circular=1)
