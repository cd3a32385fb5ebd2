"""The PSF from evidence in the picture: a point or a straight edge that a person has chosen by a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from restore import psf as models
from restore.blur_identification.measured.edge_fit import EDGE_MODELS, EdgeFit, find_edge, fit_edge, refuse_unfit
from restore.blur_identification.measured.point_fit import (
    POINT_MODELS,
    PointFit,
    Spot,
    find_spot,
    fit_point,
    measured_point,
    refuse_clipped,
)
from restore.checks import Array, as_finite, as_image, one_of

__all__ = ["PSFMeasurement", "psf_from_edge", "psf_from_point"]

POINT_FAMILIES = ("auto", "measured", *POINT_MODELS)
EDGE_FAMILIES = ("auto", *EDGE_MODELS)
#: Shortest edges of a box.
POINT_BOX, EDGE_BOX = 7, 12
#: A model explains a point when it leaves no more than this share of its peak beyond the noise, whose variance is
#: known up to NOISE_MARGIN.
EXPLAINED = 0.02
NOISE_MARGIN = 0.3
#: A family with more parameters is taken from this gain in the criterion of Schwarz on.
CLEARLY = 6.0
#: A size less certain than this share of itself, or a misfit beyond the noise above this share, is weak evidence.
WEAK = 0.12
WEAK_MISFIT = 0.03
#: Sizes below which an edge or a point is as good as sharp.
SHARP = {"gaussian": 0.35, "disk": 0.6}


@dataclass(frozen=True, eq=False)
class PSFMeasurement:
    """What `psf_from_point` or `psf_from_edge` found.

    Attributes
    ----------
    psf : float64 array
        Odd sizes, sum 1, its centre at size // 2: what to restore with.
    family : str
        "measured", or the model of `restore.psf` that was fitted.
    parameters : dict
        The model's parameters, in pixels and degrees. For "measured" the ``fwhm``: the
        diameter of a circle as large as the area above half the maximum.
    uncertainty : dict
        One standard deviation of each parameter in the same units: what the noise does to it, not a wrong family.
    center : tuple of float
        x and y in pixels of the image: the point's centre, or the place of the edge nearest to the middle of the box.
    edge_angle : float or None
        Direction of the edge in degrees, counter-clockwise from +x, in [0, 180); None for a point.
    residual : float
        Root mean square of what the fit leaves in the box, as a share of the peak or of the step: noise and misfit.
    noise : float
        Standard deviation of the noise in the box, as the same share.
    runner_up : tuple of (str, dict, float) or None
        The next best family, its parameters and its residual, where several were tried.
    confidence : {"confident", "weak", "none"}
        "weak": the size is uncertain, or the box holds more than the model. "none": the edge is sharp.
    verdict : str
        One sentence for people.
    """

    psf: Array
    family: str
    parameters: dict[str, float]
    uncertainty: dict[str, float]
    center: tuple[float, float]
    edge_angle: float | None
    residual: float
    noise: float
    runner_up: tuple[str, dict[str, float], float] | None
    confidence: Literal["confident", "weak", "none"]
    verdict: str


def psf_from_point(
    image: ArrayLike,
    box: Sequence[int],
    *,
    model: str = "auto",
    saturation: float | None = None,
    channel_axis: int | None = None,
) -> PSFMeasurement:
    """Return the PSF h from one point p of the picture: g(x) = a h(x - p) + b + noise within the box.

    Parameters
    ----------
    image : (H, W) float array, or with channels on `channel_axis`
        The blurred picture in any unit, proportional to light.
    box : sequence of 4 int
        x, y, width and height in pixels, from the top left corner: 7 or more wide and high, with a rim of dark ground
        around the point. A larger box measures the background better and must still hold nothing else.
    model : {"auto", "measured", "gaussian", "moffat", "disk", "motion"}
        What is taken for the PSF: a model fitted with its sub-pixel place, or "measured", the samples themselves.
        "auto" takes the model with the best fit, and the samples where no model explains them.
    saturation : float, optional
        Samples at or above are clipped. None takes the image's maximum for it where three samples or more of the box
        share it; pass ``numpy.inf`` for a point whose flat top is real.
    channel_axis : int, optional
        Axis of the colour channels; their mean is measured.

    Returns
    -------
    measurement : PSFMeasurement

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the box no whole numbers.
    ValueError
        The box does not fit into the image or is too small, holds no point, a cut point, several, or a clipped one; or
        `model` is unknown.

    Notes
    -----
    The background is the plane through the rim of the box, outliers left out. A fitted PSF has no noise and an exact
    centre. A measured one keeps what no model knows (coma, a polygonal aperture) and the point's noise with it: samples
    that do not stand out from the noise are 0, negative ones too, and the Fourier shift that centres it changes phases
    only, so it does not broaden. Take a point as bright as possible that is not clipped.

    A star or a bead is no point when it is wider than about a third of the blur: then the PSF is too wide.

    References
    ----------
    P. B. Stetson, DAOPHOT: a computer program for crowded-field stellar photometry, PASP 99, 1987 (fitting a point with
    its place); H. White, A heteroskedasticity-consistent covariance matrix estimator, Econometrica 48, 1980.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import blur, psf, psf_from_point
    >>> sky = np.full((48, 48), 0.1)
    >>> sky[20, 30] = 50.0
    >>> night = blur(sky, psf.gaussian(2.0)) + np.random.default_rng(0).normal(0, 0.01, sky.shape)
    >>> found = psf_from_point(night, (18, 8, 25, 25))
    >>> found.family, round(found.parameters["sigma"], 1), [round(c) for c in found.center]
    ('gaussian', 2.0, [30, 20])
    """
    one_of(model, POINT_FAMILIES, "model")
    samples, whole, corner = _cut(image, box, channel_axis, POINT_BOX)
    refuse_clipped(samples, whole, _level(saturation), "a point")
    spot = find_spot(samples.mean(axis=-1))
    if model in POINT_MODELS:
        fits = [fit_point(spot, model)]
    elif model == "measured":
        fits = [fit_point(spot, "gaussian")]
    else:
        fits = _ranked([fit_point(spot, name) for name in POINT_MODELS], spot.light.size)
    best = fits[0]
    excess = best.core_rms**2 > spot.noise**2 * (1 + NOISE_MARGIN + 4 * np.sqrt(2 / spot.core.sum()))
    unexplained = excess and _misfit(best, spot) > EXPLAINED
    as_measured = model == "measured" or (model == "auto" and unexplained)
    return _point_measurement(spot, fits, corner, as_measured=as_measured)


def psf_from_edge(
    image: ArrayLike,
    box: Sequence[int],
    *,
    model: str = "auto",
    saturation: float | None = None,
    channel_axis: int | None = None,
) -> PSFMeasurement:
    """Return the PSF h from a straight edge: its profile E(d) = a + b integral of l(t) dt up to d, l = h summed along
    the edge.

    Parameters
    ----------
    image : (H, W) float array, or with channels on `channel_axis`
        The blurred picture in any unit, proportional to light: an encoding by a gamma curve makes edges look too wide
        on one side.
    box : sequence of 4 int
        x, y, width and height in pixels, from the top left corner: 12 or more wide and high, with even ground on both
        sides of the edge and nothing else. A longer edge gives a smaller uncertainty.
    model : {"auto", "gaussian", "disk"}
        Family of the PSF; "auto" takes the one that leaves less.
    saturation : float, optional
        Samples at or above are clipped: a clipped side makes the edge look sharper. None takes none for clipped.
    channel_axis : int, optional
        Axis of the colour channels; their mean is measured.

    Returns
    -------
    measurement : PSFMeasurement

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the box no whole numbers.
    ValueError
        The box does not fit into the image, is too small, holds no edge, several, a crooked one, one without ground on
        both sides, or clipped samples; or `model` is unknown.

    Notes
    -----
    The slanted-edge method: the line through the centroids of the rows' derivatives puts all pixels in order by their
    distance from the edge, the derivative of that oversampled profile starts the fit, and angle, place, size and an
    even slope of the ground are then fitted to the pixels at once. Edges 3 to 40 degrees off the axes are crossed at
    all phases of the sampling; from a sigma of 1 on others serve as well.

    Taken is that the edge itself is sharp: a shadow's or a rounded one tells its own width too, and nothing in it says
    so. Of 2000 boxes laid blindly over photographs 97 % are refused and nearly all others called weak, but choosing a
    clean edge is the user's part. An edge tells the blur across it alone, so a PSF that is not round needs
    another source; of motion blur only the part across the edge would be seen.

    References
    ----------
    ISO 12233:2017, Photography - Electronic still picture imaging - Resolution and spatial frequency responses, annex D
    (edge-based spatial frequency response); S. E. Reichenbach, S. K. Park and R. Narayanswamy, Characterizing digital
    image acquisition devices, Optical Engineering 30, 1991.

    Examples
    --------
    >>> import numpy as np
    >>> from restore import blur, psf, psf_from_edge
    >>> y, x = np.mgrid[:64, :64]
    >>> wall = np.clip(x - 30 - 0.15 * y, 0, 1)
    >>> photo = blur(wall, psf.disk(4.0)) + np.random.default_rng(0).normal(0, 0.01, wall.shape)
    >>> found = psf_from_edge(photo, (8, 8, 48, 48))
    >>> found.family, round(found.parameters["radius"], 1), round(found.edge_angle)
    ('disk', 4.0, 99)
    """
    one_of(model, EDGE_FAMILIES, "model")
    samples, whole, corner = _cut(image, box, channel_axis, EDGE_BOX)
    if saturation is not None:  # an even ground shares its top without being clipped
        refuse_clipped(samples, whole, _level(saturation), "an edge")
    plane = samples.mean(axis=-1)
    start = find_edge(plane)
    names = list(EDGE_MODELS) if model == "auto" else [model]
    fits = sorted((fit_edge(plane, name, start) for name in names), key=lambda fit: fit.rms)
    refuse_unfit(plane, fits[0])
    return _edge_measurement(fits, plane.shape, corner)


def _cut(
    image: ArrayLike, box: Sequence[int], channel_axis: int | None, least: int
) -> tuple[Array, Array, tuple[int, int]]:
    """Return the box's samples and the whole picture, with channels last, and the box's corner x, y."""
    picture = as_image(image, channel_axis=channel_axis)
    if picture.ndim != (2 if channel_axis is None else 3):
        raise ValueError(
            f"image must have two spatial axes, got shape {picture.shape}: "
            "pass channel_axis for colour, or one plane of a stack"
        )
    picture = picture[..., None] if channel_axis is None else picture
    numbers = np.asarray(box)
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"box must be whole numbers x, y, width, height, got {box!r}")
    if numbers.shape != (4,):
        raise ValueError(f"box must be x, y, width, height, got {box!r}")
    x, y, width, height = (int(n) for n in numbers)
    if min(width, height) < least:
        raise ValueError(f"box must be {least} or more pixels wide and high, got {width} x {height}")
    if min(x, y) < 0 or x + width > picture.shape[1] or y + height > picture.shape[0]:
        raise ValueError(
            f"box must lie within the image of {picture.shape[1]} x {picture.shape[0]} pixels, "
            f"got x {x} to {x + width}, y {y} to {y + height}"
        )
    return picture[y : y + height, x : x + width].astype(np.float64), picture, (x, y)


def _level(saturation: float | None) -> float | None:
    if saturation is None or saturation == np.inf:
        return saturation
    return as_finite(saturation, "saturation")


def _ranked(fits: list[PointFit], count: int) -> list[PointFit]:
    """Sort by the criterion of Schwarz; a model of more parameters must be clearly better."""
    least = min(fit.count for fit in fits)

    def criterion(fit: PointFit) -> float:
        return count * float(np.log(max(fit.rms, 1e-300) ** 2)) + (fit.count - least) * (np.log(count) + CLEARLY)

    return sorted(fits, key=criterion)


def _misfit(fit: PointFit, spot: Spot) -> float:
    """Return the fit's residual beyond the noise of the rim, over the point's core, as a share of the peak."""
    return float(np.sqrt(max(fit.core_rms**2 - spot.noise**2, 0)) / fit.peak)


def _point_measurement(
    spot: Spot, fits: list[PointFit], corner: tuple[int, int], *, as_measured: bool
) -> PSFMeasurement:
    best, *others = fits
    misfit = _misfit(best, spot)
    if as_measured:
        array = measured_point(spot)
        gaussian = next(fit for fit in fits if fit.family == "gaussian")
        width = _width(array)
        family, parameters = "measured", {"fwhm": width}
        uncertainty = {"fwhm": width * gaussian.uncertainty["sigma"] / gaussian.parameters["sigma"]}
    else:
        family, parameters, uncertainty = best.family, best.parameters, best.uncertainty
        array = getattr(models, family)(**parameters)
    size = next(iter(parameters))
    weak = uncertainty[size] > WEAK * parameters[size] or (not as_measured and misfit > WEAK_MISFIT)
    x, y = corner[0] + best.center[1], corner[1] + best.center[0]
    told = f"{_told(family, parameters, uncertainty)}, from a point at ({x:.2f}, {y:.2f})"
    return PSFMeasurement(
        psf=array,
        family=family,
        parameters=parameters,
        uncertainty=uncertainty,
        center=(x, y),
        edge_angle=None,
        residual=best.rms / best.peak,
        noise=spot.noise / best.peak,
        runner_up=(others[0].family, others[0].parameters, others[0].rms / others[0].peak) if others else None,
        confidence="weak" if weak else "confident",
        verdict=told + (", but the evidence is weak" if weak else ""),
    )


def _width(array: Array, fine: int = 8) -> float:
    """Return the diameter of a circle as large as the area above half the maximum."""
    smooth = ndimage.zoom(np.pad(array, 2), fine, order=3, grid_mode=True, mode="grid-constant")
    area = float((smooth > smooth.max() / 2).sum()) / fine**2
    return 2 * float(np.sqrt(area / np.pi))


def _edge_measurement(fits: list[EdgeFit], shape: tuple[int, ...], corner: tuple[int, int]) -> PSFMeasurement:
    best, *others = fits
    name = {"gaussian": "sigma", "disk": "radius"}
    parameters, uncertainty = {name[best.family]: best.size}, {name[best.family]: best.uncertainty}
    misfit = float(np.sqrt(max(best.rms**2 - best.noise**2, 0))) / best.step
    sharp = best.size < SHARP[best.family]
    weak = best.uncertainty > WEAK * best.size or misfit > WEAK_MISFIT
    x = corner[0] + (shape[1] - 1) / 2 + best.offset * np.cos(best.normal)
    y = corner[1] + (shape[0] - 1) / 2 + best.offset * np.sin(best.normal)
    angle = float(np.rad2deg(-best.normal) + 90) % 180
    told = f"{_told(best.family, parameters, uncertainty)}, from an edge at {angle:.1f} degrees"
    return PSFMeasurement(
        psf=getattr(models, best.family)(best.size),
        family=best.family,
        parameters=parameters,
        uncertainty=uncertainty,
        center=(float(x), float(y)),
        edge_angle=angle,
        residual=best.rms / best.step,
        noise=best.noise / best.step,
        runner_up=(others[0].family, {name[others[0].family]: others[0].size}, others[0].rms / others[0].step)
        if others
        else None,
        confidence="none" if sharp else "weak" if weak else "confident",
        verdict="no blur found: the edge is sharp" if sharp else told + (", but the evidence is weak" if weak else ""),
    )


def _told(family: str, parameters: dict[str, float], uncertainty: dict[str, float]) -> str:
    values = [f"{name} {value:.3g} +- {uncertainty[name]:.1g}" for name, value in parameters.items()]
    return f"{family}, {', '.join(values)}"
