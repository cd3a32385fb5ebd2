"""The PSF from a point of the picture that a person has boxed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from restore.blur_identification.blur_estimate import description
from restore.blur_identification.measured.box import as_saturation, cut_box, refuse_clipped
from restore.blur_identification.measured.measurement import WEAK, WEAK_MISFIT, PSFMeasurement
from restore.blur_identification.measured.objections import objections
from restore.blur_identification.measured.point_fit import (
    PointFit,
    Spot,
    find_spot,
    fit_point,
    measured_point,
    point_models,
)
from restore.checks import Array, one_of
from restore.psf.family import FAMILIES

__all__ = ["psf_from_point"]

#: Shortest edge of a box.
SHORTEST_EDGE = 7
#: A model explains a point when it leaves no more than this share of its peak beyond the noise, whose variance is
#: known up to NOISE_MARGIN.
EXPLAINED = 0.02
NOISE_MARGIN = 0.3
#: A family with more parameters is taken from this gain in the criterion of Schwarz on.
CLEARLY = 6.0


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
    model : {"auto", "measured", "gaussian", "disk", "motion", "moffat"}
        What is taken for the PSF: a model fitted with its sub-pixel place, of these or another registered family with a
        sub-pixel form, or "measured", the samples themselves. "auto" takes the model with the best fit, and the samples
        where no model explains them.
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
    >>> measurement = psf_from_point(night, (18, 8, 25, 25))
    >>> measurement.family, round(measurement.parameters["sigma"], 1), [round(c) for c in measurement.center]
    ('gaussian', 2.0, [30, 20])
    """
    families = tuple(point_models())
    one_of(model, ("auto", "measured", *families), "model")
    part = cut_box(image, box, channel_axis, SHORTEST_EDGE)
    refuse_clipped(part, as_saturation(saturation), "a point")
    spot = find_spot(part.plane)
    if model in families:
        fits = [fit_point(spot, model)]
    elif model == "measured":
        fits = [fit_point(spot, "gaussian")]
    else:
        fits = _by_likelihood([fit_point(spot, name) for name in families], spot.light.size)
    as_measured = model == "measured" or (model == "auto" and not _explains(fits[0], spot))
    return _point_measurement(spot, fits, part.corner, as_measured=as_measured)


def _by_likelihood(fits: list[PointFit], count: int) -> list[PointFit]:
    """Sort by the criterion of Schwarz; a model of more parameters must be clearly better."""
    least = min(fit.count for fit in fits)

    def criterion(fit: PointFit) -> float:
        return count * float(np.log(max(fit.rms, 1e-300) ** 2)) + (fit.count - least) * (np.log(count) + CLEARLY)

    return sorted(fits, key=criterion)


def _explains(fit: PointFit, spot: Spot) -> bool:
    """Return whether the fit leaves over the point's core about the noise of the rim, or a small share of the peak."""
    usual = 1 + NOISE_MARGIN + 4 * np.sqrt(2 / spot.core.sum())
    return bool(fit.core_rms**2 <= spot.noise**2 * usual) or _misfit(fit, spot) <= EXPLAINED


def _misfit(fit: PointFit, spot: Spot) -> float:
    """Return the fit's residual beyond the noise of the rim, over the point's core, as a share of the peak."""
    return float(np.sqrt(max(fit.core_rms**2 - spot.noise**2, 0)) / fit.peak)


def _point_measurement(
    spot: Spot, fits: list[PointFit], corner: tuple[int, int], *, as_measured: bool
) -> PSFMeasurement:
    best, *others = fits
    if as_measured:
        array = measured_point(spot)
        family, (parameters, uncertainty) = "measured", _width(array, fits)
    else:
        family, parameters, uncertainty = best.family, best.parameters, best.uncertainty
        array = FAMILIES[family].draw(**parameters)
    size = next(iter(parameters))
    weak = uncertainty[size] > WEAK * parameters[size] or (not as_measured and _misfit(best, spot) > WEAK_MISFIT)
    x, y = corner[0] + best.center[1], corner[1] + best.center[0]
    verdict = f"{description(family, parameters, uncertainty)}, from a point at ({x:.2f}, {y:.2f})"
    doubts = (["the evidence is weak"] if weak else []) + list(objections(spot, array, parameters, uncertainty))
    return PSFMeasurement(
        psf=array,
        confidence="weak" if doubts else "confident",
        verdict=f"{verdict}, but {' and '.join(doubts)}" if doubts else verdict,
        family=family,
        parameters=parameters,
        uncertainty=uncertainty,
        center=(x, y),
        edge_angle=None,
        residual=best.rms / best.peak,
        noise=spot.noise / best.peak,
        runner_up=(others[0].family, others[0].parameters, others[0].rms / others[0].peak) if others else None,
    )


def _width(array: Array, fits: list[PointFit]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the full width at half maximum of the samples, and its deviation: relatively the gaussian's."""
    gaussian = next(fit for fit in fits if fit.family == "gaussian")
    width = _half_maximum_width(array)
    return {"fwhm": width}, {"fwhm": width * gaussian.uncertainty["sigma"] / gaussian.parameters["sigma"]}


def _half_maximum_width(array: Array, fine: int = 8) -> float:
    """Return the diameter of a circle as large as the area above half the maximum."""
    smooth = ndimage.zoom(np.pad(array, 2), fine, order=3, grid_mode=True, mode="grid-constant")
    area = float((smooth > smooth.max() / 2).sum()) / fine**2
    return 2 * float(np.sqrt(area / np.pi))
