"""PSFs of microscopes against the integrals that define them, done slowly."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, special

from restore import psf

SHAPE, SPACING = (7, 33, 29), (0.5, 0.1, 0.12)
#: Voxels that the quadrature looks at: plane, row, column.
VOXELS = [(3, 16, 14), (3, 16, 17), (2, 15, 14), (1, 18, 18), (6, 16, 14), (0, 20, 10), (5, 0, 28)]
PIXEL, WEIGHT = (half / 2 for half in np.polynomial.legendre.leggauss(8))
WEIGHTS = np.outer(WEIGHT, WEIGHT).ravel()
#: Places along the aperture, by its angle: where light is totally reflected beyond the rim, W has a root there.
ANGLE = np.linspace(0, np.pi / 2, 3001)


def within(row, column):
    """Distances from the axis of places in a pixel."""
    y = (row - SHAPE[1] // 2 + PIXEL) * SPACING[1]
    x = (column - SHAPE[2] // 2 + PIXEL) * SPACING[2]
    return np.hypot(y[:, None], x).ravel()


def scalar(r, z, NA, wavelength, ni, ns=None, pz=0.0, ni0=None, ti0=150.0, tg=170.0, ng=1.515):
    """The integral of Gibson and Lanni, its immersion as thick as rays near the axis need."""
    ns, ni0 = ns or ni, ni0 or ni
    a = min(1, ni / NA, ns / NA if pz else 1)
    rho = a * np.sin(ANGLE)
    q = {n: np.sqrt(np.maximum(n**2 - (NA * rho) ** 2, 0)) for n in (ni, ns, ni0, ng, 1.515)}
    ti = ni * (ti0 / ni0 + 170 / 1.515 - tg / ng - pz / ns) - z
    k = 2 * np.pi / wavelength
    wave = np.exp(1j * k * (pz * q[ns] + tg * q[ng] - 170 * q[1.515] + ti * q[ni] - ti0 * q[ni0]))
    bessel = special.j0(k * NA * np.multiply.outer(r, rho))
    return np.abs(integrate.simpson(bessel * wave * rho * a * np.cos(ANGLE), x=ANGLE, axis=-1)) ** 2


def vectorial(r, z, NA, wavelength, ni):
    t = np.linspace(0, np.arcsin(NA / ni), 801)
    k = 2 * np.pi / wavelength * ni
    common = np.sqrt(np.cos(t)) * np.sin(t) * np.exp(1j * k * z * np.cos(t))
    factors = (1 + np.cos(t), np.sin(t), 1 - np.cos(t))
    waves = [w * special.jv(n, k * np.multiply.outer(r, np.sin(t))) for n, w in enumerate(factors)]
    powers = [np.abs(integrate.simpson(common * wave, x=t, axis=-1)) ** 2 for wave in waves]
    return powers[0] + 2 * powers[1] + powers[2]


CASES = {
    "oil": (psf.born_wolf, scalar, {"NA": 1.4, "wavelength": 0.52, "ni": 1.515}),
    "air": (psf.born_wolf, scalar, {"NA": 0.5, "wavelength": 0.6, "ni": 1.0}),
    "deep": (psf.gibson_lanni, scalar, {"NA": 1.4, "wavelength": 0.52, "ns": 1.47, "ni": 1.515, "pz": 5.0}),
    "into water": (psf.gibson_lanni, scalar, {"NA": 1.4, "wavelength": 0.52, "ns": 1.33, "ni": 1.515, "pz": 3.0}),
    "wrong oil and glass": (
        psf.gibson_lanni,
        scalar,
        {"NA": 1.3, "wavelength": 0.6, "ns": 1.4, "ni": 1.51, "ni0": 1.515, "ti0": 130.0, "tg": 165.0, "ng": 1.52},
    ),
    "vectorial": (psf.richards_wolf, vectorial, {"NA": 1.4, "wavelength": 0.52, "ni": 1.515}),
}


@pytest.mark.parametrize(("model", "slow", "optics"), CASES.values(), ids=CASES)
def test_voxels_are_the_quadrature_to_a_ten_thousandth_of_the_peak(model, slow, optics):
    h = model(SHAPE, spacing=SPACING, **optics)
    assert_allclose(h.sum(), 1, rtol=1e-12)
    expected = [WEIGHTS @ slow(within(y, x), (z - 3) * SPACING[0], **optics) for z, y, x in VOXELS]
    ours = np.array([h[voxel] for voxel in VOXELS])
    # The sum over all voxels is the unit of one, the voxel in focus that of the other: compare as multiples of it.
    scale = (ours @ expected) / (ours @ ours)
    assert_allclose(ours * scale, expected, rtol=0, atol=1e-5 * max(expected))


def test_a_confocal_is_the_laser_times_what_the_pinhole_lets_through():
    NA, excitation, emission, airy = 1.2, 0.488, 0.52, 0.8
    optics = {"NA": NA, "ni": 1.33}
    h = psf.confocal(SHAPE, wavelength=emission, excitation=excitation, pinhole=airy, spacing=SPACING, **optics)
    radius = airy * 0.61 * emission / NA
    rings, turns = np.sqrt((np.arange(20) + 0.5) / 20) * radius, np.arange(24) * 2 * np.pi / 24

    def mean_through(r, z):
        apart = np.abs(r[:, None, None] + rings[:, None] * np.exp(1j * turns))
        dense = np.arange(0, apart.max() + 0.01, 0.005)
        return np.interp(apart, dense, scalar(dense, z, wavelength=emission, **optics)).mean(axis=(1, 2))

    expected = []
    for plane, row, column in VOXELS[:4]:
        r, z = within(row, column), (plane - 3) * SPACING[0]
        expected.append(WEIGHTS @ (scalar(r, z, wavelength=excitation, **optics) * mean_through(r, z)))
    ours = np.array([h[voxel] for voxel in VOXELS[:4]])
    assert_allclose(ours / ours[0], expected / expected[0], rtol=0, atol=3e-4)  # of the rings
    wide = psf.born_wolf(SHAPE, wavelength=emission, spacing=SPACING, **optics)
    assert h[3].sum() > 2 * wide[3].sum()
    laser = psf.born_wolf(SHAPE, wavelength=excitation, spacing=SPACING, **optics)
    for pinhole, error in ((100, 1e-4), (np.inf, 1e-6)):
        wide_open = psf.confocal(
            SHAPE, wavelength=emission, excitation=excitation, pinhole=pinhole, spacing=SPACING, **optics
        )
        assert np.abs(wide_open - laser).max() < error * laser.max()
    with pytest.raises(ValueError, match="pinhole must be at most 100 Airy units"):
        psf.confocal(SHAPE, wavelength=emission, excitation=excitation, pinhole=101, spacing=SPACING, **optics)


def test_one_medium_is_symmetric_and_a_mismatch_is_not():
    even = psf.born_wolf((9, 21, 21), NA=1.3, wavelength=0.5, spacing=(0.3, 0.1, 0.1))
    assert_allclose(even, np.flip(even), rtol=0, atol=1e-13)
    assert_allclose(psf.centroid_offset(even), 0, atol=1e-9)
    matched = psf.gibson_lanni((9, 21, 21), NA=1.3, wavelength=0.5, ns=1.515, pz=7, spacing=(0.3, 0.1, 0.1))
    assert_allclose(matched, even, rtol=0, atol=1e-9)
    deep = psf.gibson_lanni((9, 21, 21), NA=1.3, wavelength=0.5, ns=1.4, pz=7, spacing=(0.3, 0.1, 0.1))
    assert np.abs(deep - deep[::-1]).max() > 0.1 * deep.max()


def test_a_plane_is_the_plane_in_focus_and_even_sizes_have_their_centre_at_half():
    optics = {"NA": 0.9, "wavelength": 0.55, "ni": 1.0}
    volume = psf.born_wolf((3, 20, 15), spacing=(1.0, 0.2, 0.15), **optics)
    plane = psf.born_wolf((20, 15), spacing=(0.2, 0.15), **optics)
    assert_allclose(plane, volume[1] / volume[1].sum(), rtol=1e-12)
    assert np.unravel_index(volume.argmax(), volume.shape) == (1, 10, 7)
    pair, three = (psf.born_wolf((3, 5, 7), spacing=s, **optics) for s in ((1.0, 0.2), (1.0, 0.2, 0.2)))
    assert_array_equal(pair, three)
    assert_array_equal(plane[1:, :], plane[1:, :][::-1])


def test_without_a_shape_it_reaches_far_enough():
    h = psf.richards_wolf(NA=1.2, wavelength=0.52, ni=1.33, spacing=(0.2, 0.1, 0.1))
    assert all(n % 2 == 1 for n in h.shape)
    assert h[h.shape[0] // 2, 0].max() < 1e-3 * h.max()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"NA": 1.6}, "NA must be below the refractive index ni = 1.515"),
        ({"wavelength": 520}, "wavelength must lie within 0.05 to 20 micrometres, got 520"),
        ({"spacing": (0.1, 0.1), "shape": (9,)}, "shape must have one length per axis of spacing"),
        ({"spacing": (0.1,) * 4}, "spacing must hold 2 numbers for a plane or 3"),
        ({"spacing": 0}, "spacing must be finite and > 0"),
        ({"shape": (9, 0, 9)}, "shape must be >= 1"),
    ],
)
def test_what_no_microscope_has_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        psf.born_wolf(**{"shape": (9, 9, 9), "NA": 1.4, "wavelength": 0.52, "spacing": 0.1} | change)
