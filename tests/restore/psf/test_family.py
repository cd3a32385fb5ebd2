"""A family registered at run time takes part wherever families are listed: drawn, varied, found in pictures."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special
from skimage import data

import restore
from restore import psf
from restore.psf.family import (
    FAMILIES,
    EdgeModel,
    Family,
    Parameter,
    PointModel,
    SpectrumModel,
    register,
)

HOLE = 0.6  # radius of the hole, as a share of the ring's


def ring(outer):
    """What a mirror lens makes of a point out of focus: a disk with a hole, by two of the package's disks."""
    whole, hole = psf.disk(outer), psf.disk(HOLE * outer)
    margin = (whole.shape[0] - hole.shape[0]) // 2
    return (whole - HOLE**2 * np.pad(hole, margin)) / (1 - HOLE**2)


def ring_power(x):
    def disk_otf(z):
        z = 2 * np.pi * np.maximum(z, 1e-6)
        return 2 * special.j1(z) / z

    return ((disk_otf(x) - HOLE**2 * disk_otf(HOLE * x)) / (1 - HOLE**2)) ** 2


def ring_point(rows, columns, theta):
    """The mean of 11 x 11 samples per pixel; both rims are soft by a sample, so that small steps of theta show."""
    y, x = ((places[:, None] + (np.arange(11) - 5) / 11).ravel() for places in (rows, columns))
    r, outer = np.hypot(y[:, None], x), np.exp(theta[0])
    covered = np.clip(11 * (outer - r) + 0.5, 0, 1) * np.clip(11 * (r - HOLE * outer) + 0.5, 0, 1)
    return covered.reshape(rows.size, 11, columns.size, 11).mean(axis=(1, 3))


def ring_edge(d, outer):
    def disk_edge(t):
        t = np.clip(t, -1, 1)
        return 0.5 + (t * np.sqrt(1 - t**2) + np.arcsin(t)) / np.pi

    return (disk_edge(d / outer) - HOLE**2 * disk_edge(d / (HOLE * outer))) / (1 - HOLE**2)


RING = Family(
    name="ring",
    draw=ring,
    parameters=(Parameter("outer", "px"),),
    spectrum=SpectrumModel(smallest=1.0, largest=20.0, visible=1.5, extent=2.0, profile=ring_power),
    point=PointModel(
        values=ring_point, start=lambda c: [float(np.log(1.7 * np.sqrt(np.trace(c) / 2)))], parameters=np.exp
    ),
    edge=EdgeModel(profile=ring_edge, per_deviation=2 / np.sqrt(1 + HOLE**2), sharp=1.0),
)
#: A motion that its makers call by other names, with nothing but its drawing.
DRIFT = Family(
    name="drift",
    draw=lambda way, heading=0.0: psf.motion(way, heading),
    parameters=(Parameter("way", "px"), Parameter("heading", "deg")),
)


@pytest.fixture
def registered():
    register(RING)
    register(DRIFT)
    yield
    del FAMILIES["ring"], FAMILIES["drift"]


@pytest.fixture(scope="module")
def camera():
    return data.camera() / 255.0


def noisy(values, sigma):
    return values + np.random.default_rng(0).normal(0, sigma, values.shape)


def test_the_families_of_the_package_in_their_order():
    assert list(FAMILIES) == ["gaussian", "disk", "motion", "box", "airy", "moffat"]
    for name, family in FAMILIES.items():
        assert (family.name, family.draw) == (name, getattr(psf, name))
    assert [f.size for f in FAMILIES.values()] == ["sigma", "radius", "length", "size", "radius", "fwhm"]
    assert [name for name, f in FAMILIES.items() if f.angle is not None] == ["motion"]
    assert [name for name, f in FAMILIES.items() if f.spectrum is not None] == ["gaussian", "disk", "motion"]
    assert [name for name, f in FAMILIES.items() if f.point is not None] == ["gaussian", "disk", "motion", "moffat"]
    assert [name for name, f in FAMILIES.items() if f.edge is not None] == ["gaussian", "disk"]


@pytest.mark.parametrize("name", FAMILIES)
def test_required_parameters_draw_the_family(name):
    family = FAMILIES[name]
    kernel = family.draw(**{p.name: 3.0 for p in family.parameters if p.required})
    assert_allclose(kernel.sum(), 1)


@pytest.mark.parametrize("name", [name for name, family in FAMILIES.items() if family.point is not None])
def test_the_sub_pixel_form_is_the_drawing_at_whole_pixels(name):
    family = FAMILIES[name]
    theta = np.array(family.point.start(np.array([[4.0, 0.5], [0.5, 6.0]])))
    kernel = family.draw(**dict(zip([p.name for p in family.parameters], family.point.parameters(theta), strict=True)))
    rows, columns = (np.arange(n, dtype=float) - n // 2 for n in kernel.shape)
    values = family.point.values(rows, columns, theta)
    assert_allclose(values / values.sum(), kernel, rtol=0, atol=2e-4)  # the drawing of a disk has finer lines


@pytest.mark.parametrize("name", [name for name, family in FAMILIES.items() if family.edge is not None])
def test_the_edge_form_is_the_drawing_summed_along_the_edge(name):
    model, size = FAMILIES[name].edge, 4.0
    kernel = FAMILIES[name].draw(size)
    d = np.arange(kernel.shape[1]) - kernel.shape[1] // 2
    # The drawn edge is that of whole pixels, half of the middle one on its bright side: the rim of a disk is softer so.
    expected = np.cumsum(kernel.sum(axis=0)) - kernel.sum(axis=0) / 2
    assert_allclose(model.profile(d.astype(float), size), expected, atol=8e-3)
    assert_allclose(size / model.per_deviation, np.sqrt(kernel.sum(axis=0) @ d**2), rtol=0.02)


def test_a_name_is_registered_once(registered):
    with pytest.raises(ValueError, match="name of its own, got 'ring'"):
        register(RING)
    with pytest.raises(ValueError, match="size in px as its first parameter"):
        register(replace(RING, name="other", parameters=(Parameter("heading", "deg"),)))
    assert "other" not in FAMILIES


def test_it_is_varied(registered):
    variants = restore.psf_variants(ring(6.0), family="ring", parameters={"outer": 6.0})
    assert list(variants) == ["size -10 %", "in use", "size +10 %"]
    assert_array_equal(variants["size -10 %"], ring(0.9 * 6.0))


def test_an_angle_is_turned_whatever_its_name(registered):
    variants = restore.psf_variants(psf.motion(9, 20), family="drift", parameters={"way": 9, "heading": 20})
    assert_array_equal(variants["size +10 %"], psf.motion(1.1 * 9, 20))
    assert_array_equal(variants["angle +3 deg"], psf.motion(9, 23))


@pytest.mark.parametrize("family", ["ring", "auto"])
def test_it_is_found_in_a_picture(registered, camera, family):
    estimate = restore.estimate_psf(noisy(restore.blur(camera, ring(6.0))[8:-8, 8:-8], 0.002), family=family)
    assert estimate.family == "ring"
    assert estimate.parameters["outer"] == pytest.approx(6.0, rel=0.03)
    assert estimate.confidence == "confident"
    assert estimate.verdict.startswith("ring, outer ")
    assert_array_equal(estimate.psf, ring(**estimate.parameters))


def test_it_is_refused_a_wrong_parameter_by_name(registered, camera):
    with pytest.raises(ValueError, match=r"given must name parameters of family ring \(outer\), got radius"):
        restore.estimate_psf(camera, family="ring", given={"radius": 3.0})
    with pytest.raises(ValueError, match="family must be one of auto, gaussian, disk, motion, ring, got 'drift'"):
        restore.estimate_psf(camera, family="drift")


@pytest.mark.parametrize("model", ["ring", "auto"])
def test_it_is_measured_at_a_point(registered, model):
    sky = np.zeros((64, 64))
    sky[30, 33] = 50.0
    measurement = restore.psf_from_point(
        noisy(restore.blur(sky, ring(6.0)), 0.005), (8, 6, 48, 48), model=model, saturation=np.inf
    )
    assert measurement.family == "ring"
    assert measurement.parameters["outer"] == pytest.approx(6.0, rel=0.03)
    assert measurement.center == pytest.approx((33, 30), abs=0.05)


@pytest.mark.parametrize("model", ["ring", "auto"])
def test_it_is_measured_at_an_edge(registered, model):
    y, x = np.mgrid[:72, :72]
    wall = np.clip(x - 34 - 0.15 * (y - 36), 0, 1)
    measurement = restore.psf_from_edge(
        noisy(restore.blur(wall, ring(6.0), boundary="edge"), 0.005), (8, 8, 56, 56), model=model
    )
    assert measurement.family == "ring"
    assert measurement.parameters["outer"] == pytest.approx(6.0, rel=0.03)
    assert measurement.confidence == "confident"


def test_what_was_taken_out_is_unknown_again():
    with pytest.raises(ValueError, match="family must be one of"):
        restore.psf_variants(ring(6.0), family="ring", parameters={"outer": 6.0})
