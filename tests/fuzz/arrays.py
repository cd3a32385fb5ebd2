"""Calls of the libraries' doors with arrays and numbers of any kind; each is made from its own seed, and judged."""

import dataclasses
import warnings
from functools import partial

import numpy as np

import restore
import restore.checks
import upsample
import upsample.checks
from restore.observation.boundary import BOUNDARIES
from tests.fuzz.corpus import values

SHAPES = [(), (0,), (1,), (5,), (1, 1), (1, 9), (2, 2), (7, 9), (12, 10), (12, 10, 3), (3, 5, 6), (0, 4), (2, 3, 4, 5)]
PLAIN = [(7, 9), (12, 10), (16, 15)]
TYPES = [
    "float32",
    "float64",
    "float64",
    "float32",
    "float16",
    "int16",
    "bool",
    "complex64",
    ">f8",
    "object",
    "U3",
    "longdouble",
]
BORDERS = (*BOUNDARIES, "valid", "foo", 3)
REFUSALS = (restore.checks.Refusal, upsample.checks.Refusal)
#: Numbers, with those that are none or beside every rule.
NUMBERS = (None, 0, 1, 2, 0.5, 1e-3, 3.7, -1, np.nan, np.inf, "x", True, [1, 2], np.float32(2), 1e-300, 1e9)


class Arrays:
    """Makes and judges the cases."""

    def __init__(self, *, extreme=False):
        self._extreme = extreme
        self._doors = {
            **{f"restore.{n}": f for n, f in RESTORE.items()},
            **{f"upsample.{n}": f for n, f in UPSAMPLE.items()},
        }

    def case(self, rng):
        """Return the words that name a case."""
        return [str(rng.choice(sorted(self._doors)))]

    def run(self, rng, words):
        """Return what is wrong with the outcome of a case, or its outcome."""
        made = Made(rng, self._extreme)
        call = self._doors[words[0]](made)
        words += [made.described()]
        copies = [array.copy() for array in made.arrays]
        with warnings.catch_warnings(record=True) as shown:
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", restore.StrengthWarning)
            try:
                result = call()
            except REFUSALS as error:
                return f"no single line: {error}" if "\n" in str(error) or not str(error) else "refused"
            except MemoryError:
                return "refused"
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        if shown:
            return f"warning: {shown[0].category.__name__}: {shown[0].message} ({shown[0].filename}:{shown[0].lineno})"
        for array, copy in zip(made.arrays, copies, strict=True):
            if array.tobytes() != copy.tobytes():
                return "an argument was changed"
        return _judged(made, result)

    def clear(self):
        """Nothing is left by a call."""


def _judged(made, result):
    """Return what is wrong with a result: samples that are not finite, made of some that are."""
    if all(np.isfinite(array).all() for array in made.arrays if array.dtype.kind in "fc"):
        for name, part in parts(result):
            if not np.isfinite(part).all():
                return f"not finite: {name}"
    return "done"


def parts(result):
    """Yield the arrays of floating numbers in a result."""
    if isinstance(result, np.ndarray) and result.dtype.kind in "fc":
        yield "result", result
    elif isinstance(result, tuple):
        for part in result:
            yield from parts(part)
    elif dataclasses.is_dataclass(result):
        for field in ("image", "psf", "result", "parameter", "noise_sigma", "phase_sums", "input", "weight", "missed"):
            if isinstance(getattr(result, field, None), np.ndarray | float):
                yield field, np.asarray(getattr(result, field))


class Made:
    """The arguments of one case, made from its seed."""

    def __init__(self, rng, extreme):
        self.rng, self._extreme = rng, extreme
        self.arrays, self._words = [], []

    def one_of(self, *choices):
        """Return one of several values."""
        choice = choices[self.rng.integers(len(choices))]
        self._words.append(repr(choice))
        return choice

    def number(self, *ordinary):
        """Return a number, mostly one of the ordinary."""
        return self.one_of(*ordinary) if self.rng.random() < 0.85 else self.one_of(*NUMBERS)

    def array(self, *shapes, types=TYPES):
        """Return an array of any kind, layout and content; mostly of one of these shapes and an ordinary type."""
        ordinary = self.rng.random() < 0.75
        shape = shapes[self.rng.integers(len(shapes))] if ordinary else SHAPES[self.rng.integers(len(SHAPES))]
        kind = types[self.rng.integers(4 if ordinary else len(types))]
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            array = self._laid_out(np.asarray(values(self.rng, shape, extreme=self._extreme)).astype(kind))
        self.arrays.append(array)
        self._words.append(f"{array.dtype} {array.shape} {array.strides}")
        return array

    def _laid_out(self, array):
        layouts = (
            lambda: array,
            lambda: array,
            lambda: np.asfortranarray(array),
            lambda: np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array,
            lambda: array[::-1] if array.ndim else array,
            lambda: np.swapaxes(array, 0, -1) if array.ndim > 1 else array,
            lambda: np.broadcast_to(array[:1], array.shape) if array.ndim and array.size else array,
        )
        array = layouts[self.rng.integers(len(layouts))]()
        if self.rng.random() < 0.2:
            array.setflags(write=False)
        return array

    def psf(self):
        """Return a PSF, mostly one that fits."""
        if self.rng.random() < 0.7:
            return self.one_of(*PSFS)
        return self.array((3, 3), (2, 4), (3, 1))

    def described(self):
        """Return what was made, in words."""
        return ", ".join(self._words)


PSFS = [
    restore.psf.gaussian(1),
    restore.psf.disk(1.5),
    restore.psf.motion(3, 20),
    np.array([[0, 0.25, 0.75]]),
    np.ones((2, 2)) / 4,
]


def _restoring(method, /, **arguments):
    def door(made):
        image = made.array(*PLAIN, (12, 10, 3))
        psf = made.psf()
        own = {
            name: made.one_of(*numbers) if isinstance(numbers, list) else made.number(None, *numbers)
            for name, numbers in arguments.items()
        }
        more = {"boundary": made.one_of(*BORDERS)} if made.rng.random() < 0.5 else {}
        if made.rng.random() < 0.3:
            more["channel_axis"] = made.one_of(-1, 0, 2, 7)
        if made.rng.random() < 0.2:
            more["mask"] = made.rng.random(image.shape) < made.one_of(0, 0.1, 0.9, 1)
        own = {name: value for name, value in own.items() if value is not None}
        return lambda: method(image, psf, **own, **more)

    return door


def _simple(function, /, *shapes, **arguments):
    """Return a door that takes one array and numbers."""

    def door(made):
        array = made.array(*shapes)
        own = {name: made.number(*numbers) for name, numbers in arguments.items()}
        return lambda: function(array, **own)

    return door


def _pair(function):
    def door(made):
        one, two = made.array((12, 10)), made.array((12, 10))
        return lambda: function(one, two)

    return door


def _family(function, /, **arguments):
    def door(made):
        own = {name: made.number(*numbers) for name, numbers in arguments.items()}
        return lambda: function(**own)

    return door


def _blurring(function, /, **arguments):
    def door(made):
        image, psf = made.array(*PLAIN), made.psf()
        own = {name: made.number(None, *numbers) for name, numbers in arguments.items()}
        boundary = made.one_of(*BORDERS)
        return lambda: function(image, psf, boundary=boundary, **{k: v for k, v in own.items() if v is not None})

    return door


BOXES = ((0, 0, 9, 9), (1, 1, 8, 7), (0, 0, 16, 15), (2, 2, 2, 2), (9, 9, 0, 0))
METHODS = ("wiener", "constrained_least_squares", "inverse", "richardson_lucy", "landweber", "auto", "cls", "foo")
RESTORE = {
    "blur": _blurring(restore.blur),
    "degrade": _blurring(restore.degrade, noise_sigma=(0.1, 0), bsnr=(30,), photons=(100,)),
    "wiener": _restoring(restore.wiener, nsr=(0.01, 0, 1)),
    "inverse_filter": _restoring(restore.inverse_filter),
    "geometric_mean_filter": _restoring(restore.geometric_mean_filter, nsr=[0.01, 0.1], alpha=(0.5, 0, 1), beta=(1,)),
    "constrained_least_squares": _restoring(
        restore.constrained_least_squares, regularization=(0.01, 1), noise_var=(1e-4, 0)
    ),
    "richardson_lucy": _restoring(restore.richardson_lucy, iterations=(3,)),
    "landweber": _restoring(restore.landweber, iterations=(3,), step=(1.0,)),
    "van_cittert": _restoring(restore.van_cittert, iterations=(3,)),
    "tikhonov_miller": _restoring(restore.tikhonov_miller, iterations=(3,), regularization=[0.01]),
    "total_variation": _restoring(restore.total_variation, strength=(1e-3,)),
    "hyper_laplacian": _restoring(restore.hyper_laplacian, strength=(1e-3,)),
    "deconvolve": _restoring(restore.deconvolve, method=METHODS, smoothness=(1.0, 2.0), extra_noise_var=(1e-4,)),
    "estimate_noise": _simple(restore.estimate_noise, *PLAIN, (12, 10, 3)),
    "anscombe": _simple(restore.anscombe, *PLAIN, gain=(1.0, 0.5), read_noise=(0.0, 1.0)),
    "inverse_anscombe": _simple(restore.inverse_anscombe, *PLAIN, gain=(1.0, 0.5), read_noise=(0.0, 1.0)),
    "estimate_psf": _simple(restore.estimate_psf, (40, 44), (16, 15), family=("auto", "gaussian", "motion", "foo")),
    "psf_to_otf": _simple(restore.psf_to_otf, (3, 3), (5, 4), shape=((8, 9), (3, 3), (2, 2), (8,), 8)),
    "psnr": _pair(restore.psnr),
    "isnr": lambda made: partial(restore.isnr, *(made.array((12, 10)) for _ in range(3))),
    "psf_sensitivity": _restoring(lambda image, psf, **more: restore.psf_sensitivity(image, [psf, PSFS[0]], **more)),
    "estimate_noise_spectrum": _restoring(restore.estimate_noise_spectrum),
    "estimate_poisson_gauss": _simple(restore.estimate_poisson_gauss, *PLAIN),
    "psf_from_point": _simple(
        restore.psf_from_point, (9, 9), (16, 15), box=BOXES, model=("auto", "moffat"), saturation=(None, 1.0)
    ),
    "psf_from_edge": _simple(
        restore.psf_from_edge, (16, 15), (12, 10), box=BOXES, model=("auto", "disk"), saturation=(None, 1.0)
    ),
    "signal_to_noise": _simple(restore.signal_to_noise, *PLAIN, noise_sigma=(0.1, 1)),
    "ssim": _pair(restore.ssim),
    "measured": _simple(restore.psf.measured, (5, 5), (7, 9), background=("border", 0.0, 0.2), center=(True, False)),
    "centroid_offset": _simple(restore.psf.centroid_offset, (5, 5), (7, 9)),
    "gaussian": _family(restore.psf.gaussian, sigma=(1, 0.1, (1, 2), 20), truncate=(4, 2)),
    "disk": _family(restore.psf.disk, radius=(1, 0.2, 9)),
    "box": _family(restore.psf.box, size=(1, 2.5, (3, 4))),
    "motion": _family(restore.psf.motion, length=(1, 9.5, 30), angle=(0, 45, 90, 17.3, 1000)),
    "airy": _family(restore.psf.airy, radius=(1, 2.5), rings=(6, 2)),
    "moffat": _family(restore.psf.moffat, fwhm=(1, 3), beta=(4.765, 1.1, 50), reach=(6, 2)),
}


def _layer(function, *weights):
    def door(made):
        x, weight = made.array((2, 5, 6), (1, 2, 4, 4), (1, 7), (2, 3, 3, 3)), made.array(*weights)
        own = {
            "stride": made.number(1, 2, (2, 3)),
            "padding": made.number(0, 1, "same", "valid", (1, 0), ((0, 1), (1, 0)), -1),
            "dilation": made.number(1, 2),
            "groups": made.number(1, 2),
        }
        return lambda: function(x, weight, **own)

    return door


def _scattered(made):
    x, kernel, stride = made.array((5,), (1,)), made.array((3,), (4,)), made.number(1, 2)
    return lambda: upsample.scatter(x, kernel, stride=stride)


def _gradients(made):
    x, weight, gradient = made.array((2, 5, 6)), made.array((3, 2, 3, 3)), made.array((3, 3, 4))
    return lambda: upsample.conv_gradients(x, weight, gradient)


def _missed(made):
    x, weight, stride = made.array((2, 5, 6)), made.array((3, 2, 3, 3)), made.number(1, 2)
    return lambda: upsample.missed_responses(x, weight, stride=stride)


def _pool(made):
    x, kernel = made.array((2, 6, 6), (1, 2, 4, 4)), made.number(2, (2, 3), 1)
    return lambda: upsample.max_pool(x, kernel, stride=None, axes=2)


WEIGHTS = ((2, 3, 3, 3), (2, 1, 2, 2), (1, 1, 3), (3, 2, 3, 3))
UPSAMPLE = {
    "conv": _layer(upsample.conv, *WEIGHTS),
    "conv_transpose": _layer(upsample.conv_transpose, *WEIGHTS),
    "steps": _layer(upsample.steps, *WEIGHTS),
    "subpixel": _layer(upsample.subpixel, *WEIGHTS),
    "conv_gradients": _gradients,
    "missed_responses": _missed,
    "interpolate": _simple(upsample.interpolate, (2, 5, 6), (1, 4, 4), stride=(1, 2, (2, 3)), axes=(2, 1)),
    "scatter": _scattered,
    "enlarge": _simple(
        upsample.enlarge, (5, 6), (2, 5, 6), kernel=("bilinear", "nearest", "cubic", "learned", "foo"), stride=(1, 2, 3)
    ),
    "max_pool": _pool,
    "pixel_shuffle": _simple(upsample.pixel_shuffle, (4, 3, 3), (9, 2, 2), factor=(2, 3, (2, 2)), axes=(2, 1)),
    "pixel_unshuffle": _simple(upsample.pixel_unshuffle, (1, 4, 6), (2, 6, 6), factor=(2, 3, (2, 3)), axes=(2, 1)),
    "checkerboard": _simple(upsample.checkerboard, (3, 3), (1, 1, 4, 4), stride=(1, 2, (2, 3))),
    "bilinear_kernel": _family(upsample.bilinear_kernel, stride=(1, 2, (2, 3))),
    "learned_kernel": _family(upsample.learned_kernel, stride=(1, 2, (2, 2)), channels=(None, 1, 3)),
    "output_shape": _family(
        upsample.output_shape, input_size=((4, 5), (3,), 4), kernel_size=(3, (2, 3)), stride=(1, 2), padding=(0, 1)
    ),
    "convolution_matrix": _simple(
        upsample.convolution_matrix, (3, 3), (2, 1, 3, 3), input_shape=((5, 6), (2, 5, 6), (7,)), stride=(1, 2)
    ),
}
