"""The same weights step by step: gradient descent on crops drawn at random, as networks learn."""

import math
from collections.abc import Iterable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from upsample.checks import Array, Index, InvalidValue, PerAxis, finite, whole
from upsample.learning.gradients import LayerSettings, conv_transpose_gradients
from upsample.learning.layer import Layer
from upsample.learning.learned_kernel import LearnedKernel
from upsample.learning.normal_equations import NormalEquations
from upsample.transposed_conv import conv_transpose

Method: TypeAlias = Literal["adam", "momentum"]

#: How much of the past the mean gradient and the mean squared gradient of Adam keep, and the velocity of momentum.
_MEAN, _SQUARE, _VELOCITY = 0.9, 0.99, 0.98
#: Parts of a descent after which the error on all pairs is noted.
_NOTED = 100


def descend_kernel(
    pairs: Iterable[tuple[ArrayLike, ArrayLike]],
    *,
    stride: PerAxis,
    size: PerAxis,
    groups: int = 1,
    border: str = "replicate",
    axes: int = 2,
    steps: int = 2000,
    rate: float = 0.01,
    batch: int = 16,
    crop: int = 16,
    method: Method = "adam",
    start: ArrayLike | None = None,
    rng: np.random.Generator | int | None = None,
) -> LearnedKernel:
    """Weight <- weight - rate * direction(dL/dweight), L = mean |conv_transpose(small, weight) - large|^2 over a batch

    What a framework does with this layer: it starts bilinear, or where it is told to, and follows
    `conv_transpose_gradients` on crops drawn at random. It comes to where `learn_kernel` is at once.

    Parameters
    ----------
    pairs, stride, size, groups, border, axes
        As in `learn_kernel`; all pairs are kept in memory.
    steps : int >= 1
        More come closer to the exact solution.
    rate : float > 0
        Length of a step; it rises to this over the first twentieth of the descent, and falls to 0 along half a
        cosine. A larger one goes faster and rests less.
    batch : int >= 1
        Crops of one step. More make the gradient less noisy.
    crop : int >= 1
        Edge of a crop, in samples of the small maps.
    method : "adam" or "momentum"
        "adam" divides the mean gradient of every weight by its mean size; "momentum" adds up what is left of past
        steps, and takes rates of 10 to 100 for samples from 0 to 1.
    start : (C, out / groups, *kernel) array, optional
        The weight to start from, the bilinear one by default. With the kernel of a blur, stride 1 and pairs (blurred,
        sharp), the layer starts as the transpose C' and goes towards the Wiener filter.
    rng : numpy.random.Generator, seed or None
        Where the crops come from; None draws other ones each time.

    Returns
    -------
    LearnedKernel
        As of `learn_kernel`; `curve` holds the error on all pairs after every hundredth of the descent.

    Raises
    ------
    TypeError
        Where a map is not real and floating or a number is no integer.
    ValueError
        Where there is no pair, shapes do not fit, a setting is out of range, a sample is not finite, or the descent
        runs away.

    See Also
    --------
    learn_kernel : the weights that this comes to, in one solve.

    Notes
    -----
    Neighbouring samples of pictures are nearly equal, which makes the error a long valley: most of the gain comes in
    the first hundred steps, the rest slowly. A layer that restores has to go farther than one that enlarges: it is
    still on its way when the other has arrived.

    References
    ----------
    D. Kingma and J. Ba, Adam: a method for stochastic optimization, 2015, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> small = np.random.default_rng(0).random((20, 20))
    >>> pairs = [(small, small.repeat(2, 0).repeat(2, 1))]
    >>> learned = descend_kernel(pairs, stride=2, size=2, steps=200, rng=0)
    >>> learned.weight.round(2)
    array([[[[1., 1.],
             [1., 1.]]]])
    """
    layer = Layer.of(stride, size, groups=groups, border=border, axes=axes)
    steps, batch, crop = whole(steps, "steps", 1), whole(batch, "batch", 1), whole(crop, "crop", 1)
    if not (math.isfinite(rate) and rate > 0):
        raise InvalidValue(f"rate must be finite and > 0, got {rate!r}")
    if method not in ("adam", "momentum"):
        raise InvalidValue(f"method must be 'adam' or 'momentum', got {method!r}")
    equations, maps = NormalEquations(layer), []
    for x, y in layer.pairs(pairs):
        equations.add(x, y)
        maps.append((layer.alignment.bordered(x, border), y))
    weight = layer.start(*equations.channels)
    if start is not None:
        weight = _of_shape(finite(start, "start"), weight.shape)
    weight = weight.astype(np.result_type(maps[0][0], np.float32))
    crops = _Crops(layer, maps, batch, crop, np.random.default_rng(rng))
    descent, curve = _Descent(weight, method), [equations.error(weight)]
    for step in range(steps):
        gradient = crops.gradient(descent.weight)
        descent.step(gradient, rate * _share(step, steps))
        if (step + 1) % max(steps // _NOTED, 1) == 0 or step + 1 == steps:
            curve.append(_checked(equations.error(descent.weight), rate))
    return LearnedKernel.of(equations, descent.weight, curve=curve)


def _of_shape(start: Array, shape: tuple[int, ...]) -> Array:
    if start.shape != shape or start.dtype.kind == "c":
        raise InvalidValue(f"start must be a real weight of shape {shape}, got {start.dtype} of shape {start.shape}")
    return start


def _share(step: int, steps: int) -> float:
    """Return which share of the rate a step takes: the first gradients say little of how large they usually are."""
    return min(1.0, 20 * (step + 1) / steps) * (1 + math.cos(math.pi * step / steps)) / 2


class _Descent:
    """A weight on its way down."""

    def __init__(self, weight: Array, method: Method) -> None:
        self.weight = weight
        self._method = method
        self._mean, self._square = np.zeros_like(weight), np.zeros_like(weight)
        self._count = 0

    def step(self, gradient: Array, rate: float) -> None:
        """Go one step against a gradient."""
        self._count += 1
        if self._method == "momentum":
            self._mean = _VELOCITY * self._mean + (1 - _VELOCITY) * gradient
            self.weight = self.weight - rate * self._mean
            return
        self._mean = _MEAN * self._mean + (1 - _MEAN) * gradient
        self._square = _SQUARE * self._square + (1 - _SQUARE) * gradient**2
        mean = self._mean / (1 - _MEAN**self._count)  # both began at zero
        square = self._square / (1 - _SQUARE**self._count)
        self.weight = self.weight - rate * mean / (np.sqrt(square) + np.finfo(square.dtype).tiny)


class _Crops:
    """Where the gradients come from: crops of the pairs, with all samples that their outputs depend on."""

    def __init__(
        self, layer: Layer, maps: list[tuple[Array, Array]], batch: int, crop: int, rng: np.random.Generator
    ) -> None:
        self._layer, self._maps, self._batch, self._rng = layer, maps, batch, rng
        strides = layer.alignment.stride
        smallest = [min(y.shape[2 + axis] // s for _, y in maps) for axis, s in enumerate(strides)]
        self._size = [min(crop, n) for n in smallest]
        self._settings: LayerSettings = {
            "stride": strides,
            "padding": layer.alignment.bordered_padding,
            "groups": layer.groups,
        }

    def gradient(self, weight: Array) -> Array:
        """Return the gradient of the mean squared error of a batch."""
        x, y = (np.stack(part) for part in zip(*(self._draw() for _ in range(self._batch)), strict=True))
        off = conv_transpose(x, weight, **self._settings) - y
        return conv_transpose_gradients(x, weight, 2 / off.size * off, **self._settings).weight

    def _draw(self) -> tuple[Array, Array]:
        x, y = self._maps[self._rng.integers(len(self._maps))]
        alignment, number = self._layer.alignment, self._rng.integers(len(x))
        counts = [n // s - size + 1 for n, s, size in zip(y.shape[2:], alignment.stride, self._size, strict=True)]
        corner = [int(self._rng.integers(count)) for count in counts]
        rows = list(zip(corner, self._size, alignment.lines, strict=True))
        near: Index = (number, ..., *(slice(i, i + n + line.reach - 1) for i, n, line in rows))
        far: Index = (number, ..., *(slice(i * line.stride, (i + n) * line.stride) for i, n, line in rows))
        return x[near], y[far]


def _checked(error: float, rate: float) -> float:
    if not math.isfinite(error):
        raise InvalidValue(f"rate must be smaller for these pairs: the descent runs away, got {rate}")
    return error
