"""Deconvolution with the resemblance of a picture to itself: patches that look alike are restored together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidValue, as_nonnegative
from restore.methods.method import Method, Outcome, Settings, Strength, register, restored
from restore.methods.patches.half_quadratic_splitting import Plane
from restore.methods.patches.patch_groups import Layout, PatchGroups
from restore.observation.components import components, turned
from restore.observation.observation import Observation, observe
from restore.operators.progress import Progress, silent
from restore.operators.threads import on_one_thread
from restore.operators.unit import AS_VARIANCE


@dataclass(frozen=True)
class NonlocalSettings(Settings):
    """The arguments of `nonlocal_deconvolution`; a variance of None is found in the data."""

    noise_var: float | None = field(default=None, metadata=AS_VARIANCE)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.noise_var is not None:
            as_nonnegative(self.noise_var, "noise_var")


@dataclass(frozen=True)
class Effort:
    """Layouts of the groups, which take turns, and how many iterations, the last `averaged` of which are the result.

    Patches of different sizes err differently: taking turns they correct each other, at the price of one. The first
    splitting step is `coarser` than the last by that factor.
    """

    layouts: tuple[Layout, ...]
    iterations: int
    averaged: int
    coarser: float


LARGE, SMALL = Layout(6, 6, 24, 12, cell=3), Layout(4, 4, 24, 8, cell=2)
THOROUGH = Effort((LARGE, SMALL), iterations=14, averaged=8, coarser=3.0)
FAST = Effort((replace(LARGE, count=16), SMALL), iterations=5, averaged=3, coarser=2.0)
#: Patches do not overlap in an iteration, but from one to the next: where their grid begins, in half patches.
CORNERS = (0, 0), (1, 1), (0, 1), (1, 0)
#: Least number of samples along an axis: that of the largest patch.
SHORTEST = 8
#: Over this share of the iterations the step falls to the last one.
ANNEALED = 2 / 3


def nonlocal_deconvolution(
    image: ArrayLike,
    psf: ArrayLike,
    *,
    noise_var: float | None = None,
    fast: bool = False,
    boundary: str = "unknown",
    mask: ArrayLike | None = None,
    channel_axis: int | None = None,
    callback: Progress | None = None,
) -> Array:
    """Return f that explains |h * f - g|^2 and whose groups of similar patches are matrices of low rank.

    Parameters
    ----------
    image : (H, W) float array, or with channels on `channel_axis`
        Observed picture g, any unit and range. Not modified.
    psf : array with the image's spatial axes
        Impulse response h, sum 1, centre at size // 2.
    noise_var : float, >= 0, optional
        Variance of the noise per sample, image units squared. Larger: the data are trusted less and the picture gets
        smoother. None estimates it.
    fast : bool
        A third of the iterations, smaller groups: less than half of the time. 0.2 dB less on photographs, up to 0.8 dB
        where noise is strong or the blur leaves holes in the spectrum.
    boundary : str
        What lies outside the frame; see `restore.observation.boundary`.
    mask : bool array, optional
        True where samples are unknown. Shape of the image, or of one channel.
    channel_axis : int, optional
        Axis of the colour channels. They are decorrelated, grouped by the first one, and shrunk one by one.
    callback : callable, optional
        Called after every iteration with the share of the work that is done, a float that grows to 1.

    Returns
    -------
    estimate : array of the image's shape and dtype, not clipped

    Raises
    ------
    TypeError
        The image is not float32 or float64, or the PSF not real.
    ValueError
        An argument is out of range, not finite or of the wrong shape, the PSF does not sum to 1, or the image has not
        two spatial axes of 8 samples or more.

    See Also
    --------
    wiener : the linear filter, nine times faster.
    hyper_laplacian : the statistics of single differences, without those of patches.

    Notes
    -----
    Half-quadratic splitting, from the estimate of sparse differences on, a little of which stays in the result: in turn
    a division in the frequency domain, which holds the estimate to the data, and the shrinkage of all groups to low
    rank, whose patches have 6 and 4 samples along an edge in turn. Both begin coarse and get finer, and what they
    disagree about is held against them for a while; see `restore.methods.patches.half_quadratic_splitting`. In an
    iteration the patches of references lie side by side, in the next ones their grid is moved: what overlapping ones
    would give is given by several iterations, at a quarter of the price. Where the data are unknown, they are predicted
    anew by every iteration. Works in float32; time grows linearly with the picture, and memory is that of some twenty
    pictures.

    What repeats itself within 12 samples is restored best: edges, stripes, weaves. Fine detail that occurs once and
    drowns in noise is lost. Smooth pictures without repetition gain nothing over `hyper_laplacian`. A PSF that is wrong
    is paid for more dearly than with a linear filter.

    References
    ----------
    J. Zhang, D. Zhao and W. Gao, Group-based sparse representation for image restoration, IEEE Trans. Image Process.
    23, 2014 (groups of low rank); A. Danielyan, V. Katkovnik and K. Egiazarian, BM3D frames and variational image
    deblurring, IEEE Trans. Image Process. 21, 2012 (the alternation).

    Examples
    --------
    >>> import numpy as np
    >>> import restore
    >>> sharp = np.kron(np.indices((6, 6)).sum(axis=0) % 2, np.ones((12, 12))).astype(float)
    >>> h = restore.psf.disk(3.0)
    >>> observed = restore.degrade(sharp, h, noise_sigma=0.02, rng=0, boundary="periodic")
    >>> restored = restore.nonlocal_deconvolution(observed, h, boundary="periodic")
    >>> linear = restore.wiener(observed, h, boundary="periodic")
    >>> bool(np.mean((restored - sharp) ** 2) < 0.5 * np.mean((linear - sharp) ** 2))
    True
    """
    settings = NonlocalSettings(noise_var=noise_var)
    observation = observe(image, psf, boundary, channel_axis, mask)
    return restored(partial(solve, effort=FAST if fast else THOROUGH), observation, settings, callback or silent)


@on_one_thread
def solve(
    observation: Observation, settings: NonlocalSettings, progress: Progress = silent, *, effort: Effort = THOROUGH
) -> Outcome:
    """Restore the decorrelated channels side by side, grouped by the first."""
    _require_plane(observation)
    rows, parts = _components(observation)
    planes = [Plane(part, settings.noise_var, settings.smoothness) for part in parts]
    for step in range(effort.iterations):
        factor = effort.coarser ** max(0.0, 1 - step / (ANNEALED * effort.iterations))
        for plane in planes:
            plane.invert(factor)
        groups = _grouped(planes[0].compared(), effort, step)
        for plane in planes:
            plane.shrink(factor, groups)
            if step >= effort.iterations - effort.averaged:
                plane.total += plane.outcome()
        progress((step + 1) / effort.iterations)
    sigma = float(np.sqrt(planes[0].noise_var))
    return Outcome(
        image=_assembled(observation, rows, [plane.result(effort.averaged) for plane in planes]),
        strength=sigma,
        rule="whittle" if settings.noise_var is None else "given",
        noise_sigma=sigma,
        iterations=effort.iterations,
    )


def _grouped(picture: Array, effort: Effort, step: int) -> PatchGroups:
    """Return the groups of an iteration, of the layout whose turn it is, from the next corner on."""
    turn, place = divmod(step, len(effort.layouts))
    layout = effort.layouts[place]
    down, right = CORNERS[turn % len(CORNERS)]
    return PatchGroups(picture, layout, (down * layout.size // 2, right * layout.size // 2))


def _require_plane(observation: Observation) -> None:
    shape = observation.image_shape
    if len(shape) != 2 or min(shape) < SHORTEST:
        raise InvalidValue(
            f"image must have two spatial axes of {SHORTEST} samples or more, got spatial shape {shape}: pass "
            "channel_axis for colour, or one plane of a stack"
        )


def _components(observation: Observation) -> tuple[Array, list[Observation]]:
    """Return V and each component as a picture of one channel; a gray picture is its own."""
    if observation.channels == 1:
        return np.ones((1, 1)), [observation]
    rows = components(observation)
    return rows, [turned(observation, row[None]) for row in rows]


def _assembled(observation: Observation, rows: Array, planes: list[Array]) -> Array:
    """Return the frame of the components as an image like the observed one."""
    inside = np.stack([plane[observation.frame] for plane in planes], axis=-1)
    return observation.laid_out((inside @ rows.astype(inside.dtype)).astype(observation.dtype))


NOISE = Strength(argument="noise_var", name="noise level", symbol="level", meaning="noise taken off", degree=1)
register(
    Method(
        name="nonlocal",
        label="similar patches (nonlocal)",
        strength=NOISE,
        settings=NonlocalSettings,
        solve=solve,
        effort=60.0,
    )
)
register(
    Method(
        name="nonlocal_fast",
        label="similar patches (nonlocal, fast)",
        strength=NOISE,
        settings=NonlocalSettings,
        solve=partial(solve, effort=FAST),
        effort=22.0,
    )
)
