"""The best weights of a layer: it is linear in them, so they are one least-squares problem per output phase."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from upsample.checks import Array, InvalidValue, PerAxis
from upsample.learning.layer import Layer
from upsample.learning.learned_kernel import LearnedKernel
from upsample.learning.normal_equations import NormalEquations, Problem


def learn_kernel(
    pairs: Iterable[tuple[ArrayLike, ArrayLike]],
    *,
    stride: PerAxis,
    size: PerAxis,
    groups: int = 1,
    ridge: float = 1e-8,
    keep_constant: bool = False,
    symmetric: bool = False,
    border: str = "replicate",
    axes: int = 2,
) -> LearnedKernel:
    """Argmin over weight of sum |conv_transpose(small, weight) - large|^2 + ridge * mean |small|^2 * |weight - start|^2

    The weights that a transposed convolution would end with if it learned for ever on these pairs, in one solve. With
    pairs (blurred, sharp) and stride 1 the layer restores: it becomes the Wiener filter of the pairs.

    Parameters
    ----------
    pairs : iterable of (small, large)
        Real floating maps (*spatial), (C, *spatial) or (N, C, *spatial) of any size, the large one `stride` times the
        size of the small one. Read once, so they may come from a generator.
    stride : int >= 1, or one per axis
        Enlargement of the layer.
    size : int >= stride, or one per axis
        Taps of the kernel. More explain more, and need more samples.
    groups : int >= 1
        Input and output channels fall into this many independent groups.
    ridge : float >= 0
        Pull towards the bilinear kernel, as a share of the mean power that reaches a tap. A larger one
        keeps closer to it; 0 fails where the pairs do not determine every weight.
    keep_constant : bool
        Whether every phase must sum to what it does in the bilinear kernel, 1, so that a constant stays constant: no
        checkerboard.
    symmetric : bool
        Whether all mirror images of the pairs, and their turns where stride and size are equal, count as if they were
        among the pairs: where no side is special, as in photographs, that is many times the pairs at no cost. The
        kernel becomes symmetric. Needs a difference of size and stride that is even.
    border : "replicate", "zero" or "periodic"
        What lies outside the small maps.
    axes : int
        Number of spatial axes, 1 to 3.

    Returns
    -------
    LearnedKernel
        The weight in the precision of the first small map, the training error and the share of explained variance.

    Raises
    ------
    TypeError
        Where a map is not real and floating or a number is no integer.
    ValueError
        Where there is no pair, shapes do not fit, a setting is out of range, a sample is not finite, or the pairs
        do not determine the weights.

    See Also
    --------
    descend_kernel : the same weights by gradient descent.

    Notes
    -----
    Streamed: nothing is kept of a pair but the correlations of its maps, about (2 size / stride) ** axes / 2 products
    of a small map with itself and (size / stride + 1) ** axes with the large one. Then one Cholesky factorization per
    phase. Sums run in double precision.

    References
    ----------
    B. Triggs, Empirical filter estimation for subpixel interpolation and matching, 2001, section 2.
    W. Shi et al., Is the deconvolution layer the same as a convolutional layer?, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> small = np.random.default_rng(0).random((20, 20))
    >>> learned = learn_kernel([(small, small.repeat(2, 0).repeat(2, 1))], stride=2, size=2, ridge=0)
    >>> learned.weight.round(9)
    array([[[[1., 1.],
             [1., 1.]]]])
    >>> float(round(learned.explained_variance, 9))
    1.0
    """
    if not (np.isfinite(ridge) and ridge >= 0):
        raise InvalidValue(f"ridge must be finite and >= 0, got {ridge!r}")
    layer = Layer.of(stride, size, groups=groups, border=border, axes=axes)
    if symmetric:
        layer.check_symmetric()
    equations, dtype = NormalEquations(layer), None
    for x, y in layer.pairs(pairs):
        equations.add(x, y)
        dtype = dtype or np.result_type(x, np.float32)
    if symmetric:
        equations.make_symmetric()
    start = layer.start(*equations.channels)
    weight = start.copy()
    for problem in equations.problems():
        problem.put(_solved(problem, problem.columns_of(start), ridge, keep_constant=keep_constant), weight)
    return LearnedKernel.of(equations, weight.astype(dtype), curve=[equations.error(start), equations.error(weight)])


def _solved(problem: Problem, start: Array, ridge: float, *, keep_constant: bool) -> Array:
    """Return argmin of w'Aw - 2 w'b + penalty * |w - start|^2, per input channel of the start's sum."""
    if not (np.isfinite(problem.gram).all() and np.isfinite(problem.moment).all()):
        raise InvalidValue("pairs must hold samples whose squares can be added up; scale them to about 1")
    penalty = ridge * float(np.trace(problem.gram)) / len(problem.gram)
    gram = problem.gram + penalty * np.eye(len(problem.gram))
    try:
        factor = linalg.cho_factor(gram)
    except linalg.LinAlgError:
        raise InvalidValue(
            "pairs must determine every weight, but their maps vary too little; give more of them, a smaller size or "
            f"a ridge > 0, got ridge {ridge}"
        ) from None
    w: Array = linalg.cho_solve(factor, problem.moment + penalty * start)
    if not keep_constant:
        return w
    # Lagrange: the least change of w, in the metric of the errors, that brings its sums to those of the start.
    channels = problem.channels.stop - problem.channels.start
    sums = np.repeat(np.eye(channels), problem.taps.size, axis=1)
    towards = linalg.cho_solve(factor, sums.T)
    return w + towards @ linalg.solve(sums @ towards, sums @ (start - w), assume_a="pos")
