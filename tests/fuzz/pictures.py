"""Restorations of pictures large enough for every look at them, damaged as the world does: each from its own seed."""

import warnings

import numpy as np
from scipy import ndimage

import restore
from restore.methods.method import METHODS
from restore.observation.boundary import BOUNDARIES

#: What a restoration may reach, in ranges of the picture: more is an explosion, and must be doubted.
MOST = 30.0
KERNELS = {
    "gaussian": lambda rng: restore.psf.gaussian(rng.uniform(0.5, 4)),
    "disk": lambda rng: restore.psf.disk(rng.uniform(0.8, 6)),
    "motion": lambda rng: restore.psf.motion(rng.uniform(2, 20), rng.uniform(0, 180)),
    "point": lambda rng: np.ones((1, 1)),
    "path": lambda rng: (weights := ndimage.gaussian_filter(rng.random((9, 7)), 1) ** 4) / weights.sum(),
}


class Pictures:
    """Makes and judges the cases."""

    def case(self, rng):
        """Return the words that name a case; its samples follow from the same seed."""
        return [str(rng.choice(["deconvolve", "deconvolve", "deconvolve", "estimate_psf"]))]

    def run(self, rng, words):
        """Return what is wrong with the outcome of a case, or its outcome."""
        kernel = str(rng.choice(sorted(KERNELS)))
        psf = KERNELS[kernel](rng)
        picture, mask = _damaged(rng, _seen(rng, psf), words)
        axis = -1 if picture.ndim == 3 else None
        arguments = {"channel_axis": axis, "mask": mask}
        if words[0] == "deconvolve":
            arguments |= {"psf": psf, **_options(rng)}
        words += [
            kernel,
            f"{picture.dtype} {picture.shape}",
            *(f"{k} {v}" for k, v in arguments.items() if k not in ("psf", "mask")),
        ]
        copy = picture.copy()
        with warnings.catch_warnings(record=True) as shown:
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", restore.StrengthWarning)
            try:
                result = getattr(restore, words[0])(picture, **arguments)
            except restore.checks.Refusal as error:
                return "refused" if "\n" not in str(error) and str(error) else f"no single line: {error}"
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        if shown:
            return f"warning: {shown[0].category.__name__}: {shown[0].message} ({shown[0].filename}:{shown[0].lineno})"
        if copy.tobytes() != picture.tobytes():
            return "an argument was changed"
        if words[0] == "estimate_psf":
            return "done"
        return _judged(result.image, picture, mask, is_doubted=bool(result.doubts))

    def clear(self):
        """Nothing is left by a call."""


def _judged(image, picture, mask, *, is_doubted):
    known = picture[np.isfinite(picture)] if mask is None else picture[~mask & np.isfinite(picture)]
    if not np.isfinite(image).all():
        return "not finite"
    extent = max(float(np.ptp(known)), float(np.abs(known).max()), np.finfo(picture.dtype).tiny)
    return "an explosion without a word" if not is_doubted and float(np.abs(image).max()) > MOST * extent else "done"


def _options(rng):
    """Return a method, or none, and some words beside."""
    options = {}
    if rng.random() < 0.6:
        options["method"] = str(rng.choice(sorted(METHODS)))
    for name, choices in {
        "boundary": BOUNDARIES,
        "outliers": ("keep",),
        "banding": ("keep",),
        "white_level": (1.0, 0.8),
        "smoothness": (0.5, 2.0),
        "psf_spread": (0.1,),
        "psf_error": (0.01,),
        "extra_noise_var": (1e-4,),
    }.items():
        if rng.random() < 0.12:
            options[name] = choices[rng.integers(len(choices))]
    if options.get("method") == "inverse":
        options["nsr" if rng.random() < 0.5 else "cutoff"] = 0.05
    return options


def _seen(rng, psf):
    """Return a scene of edges, texture and ground in gray or colour, blurred, with noise, of any unit and range."""
    shape = tuple(int(n) for n in rng.integers(30, 140, 2))
    wide = tuple(n + 2 * (k // 2) for n, k in zip(shape, psf.shape, strict=True))
    planes = [_scene(rng, wide) for _ in range(3 if rng.random() < 0.5 else 1)]
    if len(planes) == 3 and rng.random() < 0.8:  # as natural colours, which have most in common
        planes = [0.8 * planes[0] + 0.2 * plane for plane in planes]
    blurred = [
        ndimage.convolve(p, psf[::-1, ::-1])[
            tuple(slice(k // 2, n - k // 2) for n, k in zip(wide, psf.shape, strict=True))
        ]
        for p in planes
    ]
    picture = np.stack(blurred, axis=-1) if len(planes) == 3 else blurred[0]
    picture = picture + rng.choice([0, 1e-4, 0.003, 0.02, 0.1]) * rng.standard_normal(picture.shape)
    return picture


def _scene(rng, shape):
    rows, columns = np.indices(shape)
    scene = np.full(shape, rng.random())
    for _ in range(rng.integers(2, 12)):
        angle, distance = rng.uniform(0, 2 * np.pi), rng.uniform(0, max(shape))
        scene[rows * np.sin(angle) + columns * np.cos(angle) > distance] += rng.uniform(-0.4, 0.4)
    return np.clip(scene + rng.choice([0, 0.05, 0.2]) * ndimage.gaussian_filter(rng.standard_normal(shape), 1), 0, 1)


def _damaged(rng, picture, words):
    """Return a picture with up to three kinds of damage, and the mask of one."""
    mask = None
    for name in rng.choice(sorted(DAMAGES), rng.integers(0, 4), replace=False):
        words.append(str(name))
        picture = DAMAGES[name](rng, picture)
    if rng.random() < 0.25:
        mask = rng.random(picture.shape) < rng.choice([0.01, 0.3])
        mask[_box(rng, picture.shape)] = True
        if rng.random() < 0.5:
            picture = np.where(mask, np.nan, picture)
    unit = rng.choice([1, 1, 1, 255, 1e-6, 1e7])
    return np.ascontiguousarray((unit * picture).astype(rng.choice([np.float32, np.float64]))), mask


def _box(rng, shape):
    sides = []
    for n in shape[:2]:
        start = int(rng.integers(n))
        sides.append(slice(start, start + int(rng.integers(1, n))))
    return tuple(sides)


def _some_channels(rng, picture):
    """Return an index of all channels or of one."""
    return (..., slice(None)) if picture.ndim < 3 or rng.random() < 0.5 else (..., int(rng.integers(3)))


def _on(rng, picture, places):
    """Return a copy with places of some channels at one level."""
    damaged = picture.copy()
    target = damaged if picture.ndim < 3 else damaged[_some_channels(rng, picture)]
    target[places] = rng.choice([0.0, 0.5, 1.0, float(picture.max()), float(picture.min())])
    return damaged


def _lines(rng, picture):
    number = rng.integers(0, min(picture.shape[:2]), rng.integers(1, 6))
    part = _box(rng, picture.shape)[1] if rng.random() < 0.5 else slice(None)
    return _on(rng, picture, (number, part) if rng.random() < 0.5 else (part, number))


def _bars(rng, picture):
    wide = int(rng.integers(1, min(picture.shape[:2]) // 2))
    side = (slice(wide), slice(-wide, None))[rng.integers(2)]
    return _on(rng, picture, side if rng.random() < 0.5 else (slice(None), side))


def _impulses(rng, picture):
    return _on(rng, picture, rng.random(picture.shape[:2]) < rng.choice([0.001, 0.02, 0.2]))


def _round_field(rng, picture):
    rows, columns = (np.linspace(-1, 1, n) for n in picture.shape[:2])
    return _on(rng, picture, rows[:, None] ** 2 + columns**2 > rng.uniform(0.3, 1))


def _clipped(rng, picture):
    low, high = np.quantile(picture, [rng.uniform(0, 0.3), rng.uniform(0.6, 1)])
    index = _some_channels(rng, picture) if picture.ndim == 3 else ...
    damaged = picture.copy()
    damaged[index] = np.clip(damaged[index], low, high)
    return damaged


def _banded(rng, picture):
    rows = rng.choice([0.005, 0.05]) * rng.standard_normal((len(picture), *[1] * (picture.ndim - 1)))
    return picture + rows


DAMAGES = {
    "lines": _lines,
    "bars": _bars,
    "box": lambda rng, picture: _on(rng, picture, _box(rng, picture.shape)),
    "impulses": _impulses,
    "round field": _round_field,
    "clipped": _clipped,
    "codes": lambda rng, picture: np.round(picture * (steps := rng.choice([7, 255]))) / steps,
    "banding": _banded,
    "light": lambda rng, picture: (
        picture + 5 * (rng.random(picture.shape[:2]) < 0.002).reshape(*picture.shape[:2], *[1] * (picture.ndim - 2))
    ),
    "constant": lambda rng, picture: np.full_like(picture, rng.choice([0, 0.3, 1])),
    "negative": lambda rng, picture: picture - 0.5,
}
