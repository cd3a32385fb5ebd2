"""A point in a box of the picture: what must be seen, and the fit of a family at a sub-pixel place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage, optimize

from restore.checks import Array, InvalidValue
from restore.psf import centroid_offset
from restore.psf.family import FAMILIES, PointModel
from restore.psf.raster import PIXEL_VARIANCE

#: The point's peak, averaged over 3 x 3 samples, stands this many deviations of that average above the background.
VISIBLE = 8.0
#: Light on the rim of the box above this share of the peak, and above RIM_NOISE deviations, means a cut point.
RIM_SHARE = 0.08
RIM_NOISE = 5.0
#: A second blob above this share of the peak is a second point.
SECOND_SHARE = 0.25


@dataclass(frozen=True, eq=False)
class Spot:
    """The samples of a box, the plane under the point taken away, and what was seen on the way."""

    light: Array
    noise: float
    core: Array  # bool: the samples of the point that stand out
    center: Array  # row and column, a first guess
    covariance: Array  # second moments of the core


@dataclass(frozen=True)
class PointFit:
    """One model at its best: parameters as `restore.psf` names them, all with their covariance, row and column."""

    family: str
    parameters: dict[str, float]
    uncertainty: dict[str, float]
    center: tuple[float, float]
    center_uncertainty: tuple[float, float]
    rms: float
    core_rms: float  # over the samples of the point alone
    peak: float
    count: int  # parameters fitted


def find_spot(samples: Array) -> Spot:
    """Return the one point of a box, or refuse the box with the reason."""
    light, noise = _without_background(samples)
    smooth = ndimage.uniform_filter(light, 3, mode="nearest")
    peak = float(smooth.max())
    least = max(noise / 3, 1e-9 * float(np.abs(samples).max()))
    if peak <= VISIBLE * least:  # equal where all is black
        raise InvalidValue(
            f"box must hold a point, got none above {VISIBLE:g} deviations of the noise: move or widen it"
        )
    rim = np.ones(light.shape, bool)
    rim[1:-1, 1:-1] = False
    brightest = float(ndimage.uniform_filter(light, 3, mode="nearest")[rim].max())
    if brightest > max(RIM_SHARE * peak, RIM_NOISE * least):
        share = brightest / peak
        raise InvalidValue(
            f"box must hold the whole point with dark ground around, got a rim with {share:.0%} of the point's peak: "
            "widen the box, or take a point that stands alone"
        )
    blobs, count = ndimage.label(smooth > max(0.1 * peak, RIM_NOISE * least), np.ones((3, 3)))
    heights = ndimage.maximum(smooth, blobs, range(1, count + 1))
    if count > 1 and np.sort(heights)[-2] > SECOND_SHARE * peak:
        raise InvalidValue(f"box must hold one point, got {int((heights > SECOND_SHARE * peak).sum())}: narrow it")
    core = blobs == 1 + int(np.argmax(heights))
    weights = np.where(core, np.maximum(light, 0), 0)
    grids = np.indices(light.shape)
    center = np.array([(g * weights).sum() for g in grids]) / weights.sum()
    away = [g - c for g, c in zip(grids, center, strict=True)]
    covariance = np.array([[(a * b * weights).sum() for b in away] for a in away]) / weights.sum()
    covariance += np.eye(2) * PIXEL_VARIANCE
    return Spot(light=light, noise=noise, core=core, center=center, covariance=covariance)


def point_models() -> dict[str, PointModel]:
    """Return the families with a sub-pixel form by name, in the order in which they are tried."""
    return {name: family.point for name, family in FAMILIES.items() if family.point is not None}


def fit_point(spot: Spot, family: str) -> PointFit:
    """Fit a family, its place, its light and what is left of the plane under it by least squares."""
    model, names = point_models()[family], [parameter.name for parameter in FAMILIES[family].parameters]
    rows, columns = (np.arange(n, dtype=float) for n in spot.light.shape)
    slope = np.stack(np.meshgrid(np.linspace(-1, 1, rows.size), np.linspace(-1, 1, columns.size), indexing="ij"))
    shape = np.asarray(model.start(spot.covariance))
    ground = np.column_stack([np.ones(spot.light.size), *slope.reshape(2, -1)])

    def design(theta: Array) -> Array:
        values = model.values(rows - theta[0], columns - theta[1], theta[2:])
        return np.column_stack([values.ravel(), ground])

    data = spot.light.ravel()

    def residual(theta: Array) -> Array:
        basis = design(theta)
        return basis @ np.linalg.lstsq(basis, data, rcond=None)[0] - data

    start = np.concatenate([spot.center, shape])
    scale = np.maximum(np.abs(start), 1)
    solution = optimize.least_squares(residual, start, x_scale=scale, diff_step=1e-4, max_nfev=60)
    theta, remainder = solution.x, solution.fun
    basis = design(theta)
    linear = np.linalg.lstsq(basis, data, rcond=None)[0]
    jacobian = np.column_stack([basis, linear[0] * _slopes(lambda t: design(t)[:, 0], theta)])
    covariance = robust_covariance(jacobian, remainder)[4:, 4:]
    parameters, slopes = model.parameters(theta[2:]), _slopes(model.parameters, theta[2:])
    uncertainty = np.sqrt(np.maximum(np.diag(slopes @ covariance[2:, 2:] @ slopes.T), 0))
    deviation = np.sqrt(np.maximum(np.diag(covariance), 0))
    return PointFit(
        family=family,
        parameters=dict(zip(names, map(float, parameters), strict=True)),
        uncertainty=dict(zip(names, map(float, uncertainty), strict=True)),
        center=(float(theta[0]), float(theta[1])),
        center_uncertainty=(float(deviation[0]), float(deviation[1])),
        rms=float(np.sqrt(np.mean(remainder**2))),
        core_rms=float(np.sqrt(np.mean(remainder[spot.core.ravel()] ** 2))),
        peak=float(linear[0] * basis[:, 0].max()),
        count=theta.size + linear.size,
    )


def robust_covariance(jacobian: Array, residual: Array) -> Array:
    """Return the covariance of a least-squares fit whose errors need not be equal (the sandwich estimator)."""
    inverse = np.linalg.pinv(jacobian.T @ jacobian)
    scores = jacobian * residual[:, None]
    count = max(residual.size - jacobian.shape[1], 1)
    plain = inverse * float(residual @ residual) / count
    sandwich = inverse @ (scores.T @ scores) @ inverse * residual.size / count
    return np.asarray(plain if np.trace(plain) > np.trace(sandwich) else sandwich)


def measured_point(spot: Spot) -> Array:
    """Return the samples that stand out of the noise, moved by the Fourier shift until their centroid is the middle.

    The shift multiplies by a phase: it neither broadens the point nor amplifies its noise.
    """
    smooth = ndimage.gaussian_filter(spot.light, 1.0)
    support = smooth > 4 * 0.282 * spot.noise  # 1 / (2 sqrt(pi)): what the filter leaves of white noise
    if spot.noise == 0:
        support = smooth > 1e-3 * smooth.max()
    blobs, _ = ndimage.label(support)
    middle = ndimage.maximum_position(np.where(spot.core, smooth, -np.inf))
    support = blobs == blobs[middle]
    light = np.where(support, spot.light, 0)
    half = max(max(int(m), n - 1 - int(m)) for m, n in zip(middle, light.shape, strict=True)) + 2
    pads = [(half - int(m), half + 1 + int(m) - n) for m, n in zip(middle, light.shape, strict=True)]
    padded = np.pad(light, pads)
    shift = -centroid_offset(padded)
    # Outside of where the samples go there is only the ringing of the shift.
    target = np.roll(np.pad(support, pads), np.rint(shift).astype(int), axis=(0, 1))
    target = ndimage.binary_dilation(target, np.ones((3, 3)))
    point = padded
    for trial in range(100):
        point = np.where(target, np.maximum(_shifted(padded, shift), 0), 0)
        offset = centroid_offset(point)
        if np.abs(offset).max() < 1e-6:
            break
        shift = shift - (offset if trial < 5 else offset / 3)  # setting samples to 0 can make full steps swing
    reach = np.abs(np.argwhere(point > 0) - half).max(axis=0)
    cut = point[tuple(slice(half - k, half + k + 1) for k in reach)]
    return np.asarray(cut / cut.sum())


def _shifted(array: Array, shift: Array) -> Array:
    spectrum = ndimage.fourier_shift(fft.rfftn(array), shift, n=array.shape[-1])
    return np.asarray(fft.irfftn(spectrum, s=array.shape))


def _without_background(samples: Array) -> tuple[Array, float]:
    """Subtract the plane through the rim of the box, outliers left out, and return the rim's deviation from it."""
    rim = np.ones(samples.shape, bool)
    width = 2 if min(samples.shape) >= 13 else 1
    rim[width:-width, width:-width] = False
    y, x = np.indices(samples.shape)
    basis = np.stack([np.ones(samples.shape), y / samples.shape[0] - 0.5, x / samples.shape[1] - 0.5], axis=-1)
    keep, deviation = rim, 0.0
    plane = np.zeros(3)
    for _ in range(4):
        plane = np.linalg.lstsq(basis[keep], samples[keep], rcond=None)[0]
        away = samples - basis @ plane
        deviation = 1.4826 * float(np.median(np.abs(away[rim])))
        keep = rim & (np.abs(away) <= max(3 * deviation, 1e-12))
        if keep.sum() < rim.sum() // 2:
            break
    return samples - basis @ plane, deviation


def _slopes(function: Callable[[Array], Array], theta: Array) -> Array:
    columns = []
    for i in range(theta.size):
        step = np.zeros_like(theta)
        step[i] = 1e-4 * max(abs(float(theta[i])), 1.0)
        columns.append((function(theta + step) - function(theta - step)) / (2 * step[i]))
    return np.column_stack(columns)
