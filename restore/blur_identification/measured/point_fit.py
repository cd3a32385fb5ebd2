"""A point in a box of the picture: what must be seen, its models at sub-pixel places, and their fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage, optimize
from scipy.special import ndtr

from restore.checks import Array
from restore.psf import centroid_offset
from restore.psf.raster import mean_tent

#: The point's peak, averaged over 3 x 3 samples, stands this many deviations of that average above the background.
VISIBLE = 8.0
#: Light on the rim of the box above this share of the peak, and above RIM_NOISE deviations, means a cut point.
RIM_SHARE = 0.08
RIM_NOISE = 5.0
#: A second blob above this share of the peak is a second point.
SECOND_SHARE = 0.25
#: Lines and columns that a pixel is averaged over.
FINE = 7


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


@dataclass(frozen=True, eq=False)
class PointModel:
    """A family: values at sample positions around a centre, and the way between its numbers and `restore.psf`'s."""

    names: tuple[str, ...]
    values: Callable[..., Array]  # rows, columns, theta
    start: Callable[[Array], list[float]]
    told: Callable[[Array], Array]  # theta -> parameters


def find_spot(samples: Array) -> Spot:
    """Return the one point of a box, or refuse the box with the reason."""
    light, noise = _without_background(samples)
    smooth = ndimage.uniform_filter(light, 3, mode="nearest")
    peak = float(smooth.max())
    least = max(noise / 3, 1e-9 * float(np.abs(samples).max()))
    if peak < VISIBLE * least:
        raise ValueError(f"box must hold a point, got none above {VISIBLE:g} deviations of the noise: move or widen it")
    rim = np.ones(light.shape, bool)
    rim[1:-1, 1:-1] = False
    brightest = float(ndimage.uniform_filter(light, 3, mode="nearest")[rim].max())
    if brightest > max(RIM_SHARE * peak, RIM_NOISE * least):
        share = brightest / peak
        raise ValueError(
            f"box must hold the whole point with dark ground around, got a rim with {share:.0%} of the point's peak: "
            "widen the box, or take a point that stands alone"
        )
    blobs, count = ndimage.label(smooth > max(0.1 * peak, RIM_NOISE * least), np.ones((3, 3)))
    heights = ndimage.maximum(smooth, blobs, range(1, count + 1))
    if count > 1 and np.sort(heights)[-2] > SECOND_SHARE * peak:
        raise ValueError(f"box must hold one point, got {int((heights > SECOND_SHARE * peak).sum())}: narrow it")
    core = blobs == 1 + int(np.argmax(heights))
    weights = np.where(core, np.maximum(light, 0), 0)
    grids = np.indices(light.shape)
    center = np.array([(g * weights).sum() for g in grids]) / weights.sum()
    away = [g - c for g, c in zip(grids, center, strict=True)]
    covariance = np.array([[(a * b * weights).sum() for b in away] for a in away]) / weights.sum()
    return Spot(light, noise, core, center, covariance + np.eye(2) / 12)


def refuse_clipped(samples: Array, whole: Array, saturation: float | None, what: str) -> None:
    """Refuse samples at or above `saturation`; None takes the top of `whole` where three or more samples share it."""
    top = float(samples.max())
    if saturation is None:
        clipped = int((samples == top).sum()) if top == float(whole.max()) else 0
        clipped = clipped if clipped >= 3 else 0
    else:
        clipped = int((samples >= saturation).sum())
    if clipped:
        raise ValueError(
            f"box must hold {what} that is not clipped, got {clipped} samples at {top:.6g}: take a darker one"
            + ("" if saturation is not None else ", or say by saturation where the top is")
        )


def fit_point(spot: Spot, family: str) -> PointFit:
    """Fit a family, its place, its light and what is left of the plane under it by least squares."""
    model = POINT_MODELS[family]
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
    found = optimize.least_squares(residual, start, x_scale=np.maximum(np.abs(start), 1), diff_step=1e-4, max_nfev=60)
    theta = found.x
    basis = design(theta)
    linear = np.linalg.lstsq(basis, data, rcond=None)[0]
    jacobian = np.column_stack([basis, linear[0] * _slopes(lambda t: design(t)[:, 0], theta)])
    covariance = robust_covariance(jacobian, found.fun)[4:, 4:]
    turn = _slopes(model.told, theta[2:])
    parameters = model.told(theta[2:])
    spread = np.sqrt(np.maximum(np.diag(turn @ covariance[2:, 2:] @ turn.T), 0))
    doubt = np.sqrt(np.maximum(np.diag(covariance), 0))
    return PointFit(
        family,
        dict(zip(model.names, map(float, parameters), strict=True)),
        dict(zip(model.names, map(float, spread), strict=True)),
        (float(theta[0]), float(theta[1])),
        (float(doubt[0]), float(doubt[1])),
        float(np.sqrt(np.mean(found.fun**2))),
        float(np.sqrt(np.mean(found.fun[spot.core.ravel()] ** 2))),
        float(linear[0] * basis[:, 0].max()),
        theta.size + linear.size,
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
    # Outside of where the samples went there is only the ringing of the shift.
    went = np.roll(np.pad(support, pads), np.rint(shift).astype(int), axis=(0, 1))
    went = ndimage.binary_dilation(went, np.ones((3, 3)))
    moved = padded
    for trial in range(100):
        moved = np.where(went, np.maximum(_shifted(padded, shift), 0), 0)
        offset = centroid_offset(moved)
        if np.abs(offset).max() < 1e-6:
            break
        shift = shift - (offset if trial < 5 else offset / 3)  # setting samples to 0 can make full steps swing
    reach = np.abs(np.argwhere(moved > 0) - half).max(axis=0)
    cut = moved[tuple(slice(half - k, half + k + 1) for k in reach)]
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


def _gaussian(rows: Array, columns: Array, theta: Array) -> Array:
    return np.multiply.outer(*[_gaussian_pixels(x, float(np.exp(theta[0]))) for x in (rows, columns)])


def _gaussian_pixels(x: Array, inner: float) -> Array:
    return np.asarray(ndtr((x + 0.5) / inner) - ndtr((x - 0.5) / inner))


def _gaussian_sigma(theta: Array) -> Array:
    """Return the deviation of the samples, which is what `psf.gaussian` is called by."""
    inner = float(np.exp(theta[0]))
    x = np.arange(-int(8 * inner) - 3, int(8 * inner) + 4, dtype=float)
    return np.array([np.sqrt((x**2 * _gaussian_pixels(x, inner)).sum())])


def _moffat(rows: Array, columns: Array, theta: Array) -> Array:
    fwhm, beta = float(np.exp(theta[0])), 1 + float(np.exp(theta[1]))
    alpha = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
    fine_rows, fine_columns = (_fine(x) for x in (rows, columns))
    values = (1 + (fine_rows[:, None] ** 2 + fine_columns**2) / alpha**2) ** -beta
    return np.asarray(values.reshape(rows.size, FINE, columns.size, FINE).mean(axis=(1, 3)))


def _fine(x: Array) -> Array:
    return np.asarray((x[:, None] + (np.arange(FINE) + 0.5) / FINE - 0.5).ravel())


def _disk(rows: Array, columns: Array, theta: Array) -> Array:
    radius = float(np.exp(theta[0]))
    y = rows[:, None] + (np.arange(65) + 0.5) / 65 - 0.5
    chord = np.sqrt(np.maximum(radius**2 - y**2, 0))[:, None, :]
    x = columns[None, :, None]
    overlap = np.minimum(x + 0.5, chord) - np.maximum(x - 0.5, -chord)
    return np.asarray(np.maximum(overlap, 0).mean(axis=-1))


def _motion(rows: Array, columns: Array, theta: Array) -> Array:
    reach, turn = float(np.exp(theta[0])) / 2, float(theta[1])
    along, across = np.cos(turn), -np.sin(turn)
    if abs(across) > abs(along):
        return _line(rows, columns, reach * abs(across), along / across).T
    return _line(columns, rows, reach * abs(along), across / along)


def _line(x: Array, y: Array, reach: float, slope: float) -> Array:
    """Return the path y = slope x, |x| <= reach, at any place of the grid, as `psf.motion` draws it: (y, x)."""
    start, stop = np.clip(x - 0.5, -reach, reach), np.clip(x + 0.5, -reach, reach)
    share = mean_tent(slope * start - y[:, None], slope * stop - y[:, None])
    return np.asarray(np.maximum(share, 0) * (stop - start))


def _motion_start(covariance: Array) -> list[float]:
    values, vectors = np.linalg.eigh(covariance)
    y, x = vectors[:, -1]
    return [float(np.log(np.sqrt(12 * values[-1]))), float(np.arctan2(-y, x))]


def _spread(covariance: Array) -> float:
    return float(np.sqrt(np.trace(covariance) / 2))


POINT_MODELS = {
    "gaussian": PointModel(("sigma",), _gaussian, lambda c: [float(np.log(0.9 * _spread(c)))], _gaussian_sigma),
    "moffat": PointModel(
        ("fwhm", "beta"),
        _moffat,
        lambda c: [float(np.log(2 * _spread(c))), float(np.log(2.0))],
        lambda t: np.array([np.exp(t[0]), 1 + np.exp(t[1])]),
    ),
    "disk": PointModel(("radius",), _disk, lambda c: [float(np.log(2 * _spread(c)))], np.exp),
    "motion": PointModel(
        ("length", "angle"), _motion, _motion_start, lambda t: np.array([np.exp(t[0]), np.rad2deg(t[1]) % 180])
    ),
}
