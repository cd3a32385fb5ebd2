"""Points whose samples hold each of them badly: what is odd among them, and their PSF, by one profile for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from restore.blur_identification.effective.joint_fit import Form, JointFit, fit_jointly, own_widths
from restore.blur_identification.effective.phases import refuse_uncovered
from restore.blur_identification.effective.profile import SHARPEST
from restore.blur_identification.effective.table import effective_psf
from restore.blur_identification.measured.average import PSFAverage, rejected
from restore.blur_identification.measured.points import MAD, ODD, Point, insist, odd_width, usual_widths
from restore.checks import Array, InvalidValue
from restore.psf.family import FAMILIES
from restore.psf.raster import unit

#: The profile by which points are judged: wings as of seeing or near, and that share of a point's height off it.
DOUBT, TOLERANCE = 0.15, 0.02
#: How often points are judged, and the mean square that a fit may leave of one, in variances.
ROUNDS, LEFT = 4, 4.0
#: Least noise, as a share of the brightest point: drawn fields may have none.
QUIETEST = 1e-6
#: Samples of all points together.
MOST_SAMPLES = 50_000
#: Points to which a profile is fitted.
LEAST = 2
#: The families that are fitted, and the u of their profiles, None where that is fitted too.
FITTED: dict[str, float | None] = {"moffat": None, "gaussian": SHARPEST}
#: A width less certain than this share of itself is none.
CERTAIN = 0.3
#: Full width at half maximum of a Gaussian, in its standard deviations.
FWHM = 2 * np.sqrt(2 * np.log(2))


@dataclass(frozen=True, eq=False)
class LikePoints:
    """Points with what speaks against them, and of the good ones their boxes and the profile fitted to them."""

    points: list[Point]
    good: list[Point]
    boxes: Array
    sigma: float
    fit: JointFit

    @property
    def places(self) -> Array:
        """Return where the good points lie in the image, between its samples."""
        return np.array([point.place for point in self.good]) + self.fit.centers

    @property
    def spread(self) -> Array:
        """Return the standard deviation of the points' own widths along each axis, relative to the profile's."""
        widths = own_widths(self.fit)[0]
        return np.asarray(widths.std(axis=0, ddof=1)) if len(widths) > 1 else np.zeros(widths.shape[1])


def like_points(points: list[Point], ndim: int, half: tuple[int, ...], noise_sigma: float) -> LikePoints:
    """Return those of an image's points that are like each other, by a profile of one width along each axis."""
    points = _brightest(points, half)
    form = Form(ndim, doubt=DOUBT, tolerance=TOLERANCE)
    for _ in range(ROUNDS):
        good = [point for point in points if not point.objection]
        insist(points, LEAST)
        peak = max(point.peak for point in good)  # light is counted in it, so that a place and a light are alike
        boxes, sigma = np.array([point.box for point in good]) / peak, max(noise_sigma / peak, QUIETEST)
        fit = fit_jointly(boxes, sigma, form)
        reasons = _objections(fit)
        judged = iter(reasons)
        if not any(reasons):
            break
        points = [point if point.objection else replace(point, objection=next(judged)) for point in points]
    return LikePoints(points, good, boxes, sigma, fit)


def _brightest(points: list[Point], half: tuple[int, ...]) -> list[Point]:
    """Return points, of which no more than a fit can take in some seconds are good: the first, which are brightest."""
    most, count, limited = MOST_SAMPLES // int(np.prod([2 * h + 1 for h in half])), 0, []
    for point in points:
        count += not point.objection
        is_extra = not point.objection and count > max(most, LEAST)
        limited.append(replace(point, objection="more than are needed") if is_extra else point)
    return limited


def _objections(fit: JointFit) -> list[str]:
    """Return what is odd about every point, nothing where all is as usual."""
    widths, left = own_widths(fit)
    if len(widths) < 3:
        return [""] * len(widths)
    usual, allowed = usual_widths(widths)
    middle = float(np.median(left))
    most = max(LEFT, middle + 2 * ODD * MAD * float(np.median(np.abs(left - middle))))
    words = [odd_width(width, usual, allowed) for width in widths]
    return [word or "unlike the others" * bool(rest > most) for word, rest in zip(words, left, strict=True)]


def finer_mean(like: LikePoints, step: int, size: Sequence[int] | None) -> tuple[Array, Array]:
    """Return the PSF on a grid finer by `step`, and the points' own widths in its samples."""
    if step > 1:
        refuse_uncovered(like.places, step)
    shape = tuple(size) if size is not None else tuple(step * (n - 3) + 1 for n in like.boxes.shape[1:])
    forms = [Form(len(shape), u=SHARPEST, has_rings=rings, tolerance=TOLERANCE) for rings in (False, True)]
    others = [fit_jointly(like.boxes, like.sigma, form, rounds=1) for form in (forms if len(shape) == 2 else forms[:1])]
    effective = effective_psf(like.boxes, like.sigma, [like.fit, *others], shape, step)
    return effective.psf, own_widths(like.fit)[0] * like.fit.profile.widths * step


def family_of(like: LikePoints, family: str, step: int, size: Sequence[int] | None) -> PSFAverage:
    """Return the PSF of a family that is fitted to all points, drawn on a grid finer by `step`."""
    fit = fit_jointly(like.boxes, like.sigma, Form(2, is_round=True, u=FITTED[family]))
    width, errors = float(fit.profile.widths[0]) * step, np.sqrt(np.maximum(np.diag(fit.covariance), 0))
    if not 0 < errors[0] < CERTAIN:
        raise InvalidValue(
            f"image must have points whose width can be told, got {width / step:.2g} samples to {errors[0]:.0%}: "
            "take more or brighter ones"
        )
    parameters, uncertainty = _parameters(family, width, fit.profile.u, errors)
    psf = FAMILIES[family].draw(**parameters)
    return PSFAverage(
        psf=psf if size is None else _of_size(psf, size),
        fwhm=(width, width),
        spread=tuple(float(s) for s in like.spread * width),
        asymmetry=0.0,
        places=tuple(point.place for point in like.good),
        rejected=rejected(like.points),
        subsampling=step,
        family=family,
        parameters=parameters,
        uncertainty=uncertainty,
    )


def _parameters(family: str, width: float, u: float, errors: Array) -> tuple[dict[str, float], dict[str, float]]:
    """Return the numbers by which a profile's family is drawn, and their standard errors."""
    if family == "moffat":
        names = {"fwhm": width, "beta": 1 / u}
        return names, {"fwhm": width * float(errors[0]), "beta": float(errors[1]) / u**2}
    inner = width / FWHM
    model = FAMILIES[family].point
    assert model is not None
    sigma = float(model.parameters(np.array([np.log(inner)]))[0])  # with the mean over a sample, as it is drawn
    return {"sigma": sigma}, {"sigma": inner**2 / sigma * float(errors[0])}


def _of_size(psf: Array, size: Sequence[int]) -> Array:
    """Return the middle of a PSF, or one with dark ground around it, of these odd edges."""
    pads = [max(n // 2 - m // 2, 0) for n, m in zip(size, psf.shape, strict=True)]
    wide = np.pad(psf, [(pad, pad) for pad in pads])
    middle = tuple(slice(m // 2 - n // 2, m // 2 + n // 2 + 1) for n, m in zip(size, wide.shape, strict=True))
    return unit(wide[middle])
