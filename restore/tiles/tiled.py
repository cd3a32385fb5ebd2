"""The door to large pictures: `map_tiles`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from restore.checks import Array, InvalidValue, as_positive
from restore.deconvolution import deconvolve
from restore.operators.progress import Progress, Stages, silent
from restore.tiles.kinds import as_array, picture_of
from restore.tiles.memory import machine_memory
from restore.tiles.preparation import prepared, whole_cost

#: Share of the machine's memory that is taken where nothing is said.
SHARE = 0.25


def map_tiles(
    array: Any,
    psf: ArrayLike,
    *,
    memory: float | None = None,
    tile: int | None = None,
    channel_axis: int | None = None,
    callback: Progress | None = None,
    **settings: Any,
) -> Any:
    """Return what `deconvolve` would make of a picture, restored tile by tile: of a dask array a dask array.

    Parameters
    ----------
    array : (H, W), (H, W, C) or n-D array of float32 or float64
        Observed picture g: a NumPy or dask array, or anything with shape, dtype and slices, such as a memory map or a
        Zarr array. Not modified.
    psf : array with the picture's spatial axes
        Impulse response h, sum 1, centre at size // 2.
    memory : float, optional
        Bytes that one tile may take, beside the result. A scheduler that restores several at once takes as many times
        as much. Larger: fewer, larger tiles, and less work done twice. None is a quarter of the machine's. A picture
        that fits is restored at once: the same as by `deconvolve`, bit by bit.
    tile : int, optional
        Edge of a tile without its halo, instead of what `memory` allows; even a picture that fits is cut.
    channel_axis : int, optional
        Axis of the colour channels, which are never cut apart.
    callback : callable, optional
        Called after every tile with the share of them that is done, up to 1; not for dask, which shows its own.
    **settings
        Those of `deconvolve`: `method`, `quality`, `smoothness`, `extra_noise_var`, `psf_error`, `boundary`, `mask`,
        `outliers`, `banding` and the method's own. A mask says in which samples, NaN or not, nothing is known; it has
        the picture's shape or that of one channel, may lie in a file like the picture, and does not go beside a dask
        array, which is not searched for outliers either where it is cut into tiles.

    Returns
    -------
    image : array of the picture's shape and dtype, not clipped
        A dask array where one was given, with the same chunks, computed when it is asked for; else a NumPy array.

    Raises
    ------
    TypeError, ValueError
        As `deconvolve`; a method, boundary or setting that needs the whole picture at once; a strength at which a
        sample depends on others too far away; too little memory for one sample and those.

    See Also
    --------
    deconvolve : the same for pictures that fit into memory, with a report.

    Notes
    -----
    What is global is found once: noise, spectrum and strength in windows spread over the picture, the data around the
    frame along its rim, unknown samples, and those that contradict the PSF, in cells of 512 with what lies around them.
    Noise that rows or columns share is looked for in the middle of the picture; where it shows any, all of it is read
    once to sum every row and column up, and tiles read it without. Every tile then reads its part of the picture and a
    halo as wide as the inverse filter reaches, so that it differs from the whole by at most 1e-4 of
    the range with a linear method, 1e-3 with another. Sparse differences, of which the default holds some, shrink to
    nothing below a threshold: in float32, whose rounding may fall on either side of it, single samples differed by
    2e-3, one of four million by 1e-2. Near the frame `deconvolve` completes the border a little differently, for it
    does so on one grid.

    A dask array is not looked at before it is computed, with one exception: where it is cut into tiles and the strength
    is to be found, the halo depends on the data, and the windows are computed at once, the sums of rows and columns
    with them. Where the strength is given, noise that rows share is kept. Tiles do not follow the chunks, which may be
    any, and the rounding of a JPEG that the array once was is not counted.

    Linear filters take two FFTs of each tile with its halo. Where that is wide, tiles should be several times wider.

    References
    ----------
    A. V. Oppenheim and R. W. Schafer, Discrete-Time Signal Processing, 3rd ed., 2010, section 8.7 (overlap-save).

    Examples
    --------
    >>> import numpy as np
    >>> import restore
    >>> h = restore.psf.gaussian(1.5)
    >>> g = restore.degrade(np.random.default_rng(0).random((160, 160)), h, noise_sigma=0.01, rng=0)
    >>> restored = restore.map_tiles(g, h, method="wiener", nsr=0.01, boundary="periodic", tile=64)
    >>> whole = restore.deconvolve(g, h, method="wiener", nsr=0.01, boundary="periodic").image
    >>> bool(np.abs(restored - whole).max() < 1e-4)
    True
    """
    mask = None if settings.get("mask") is None else as_array(settings["mask"])
    picture = picture_of(array, channel_axis, mask)
    if callback is not None and picture.is_lazy:
        raise InvalidValue("callback must be left out for a dask array: use a progress bar of dask's")
    allowed = machine_memory() * SHARE if memory is None else as_positive(memory, "memory")
    if tile is None and whole_cost(picture, psf, settings) <= allowed:
        whole = partial(_at_once, psf=np.asarray(psf), channel_axis=channel_axis, callback=callback, settings=settings)
        return picture.restored_at_once(whole)
    stages = Stages({"survey": 1.0, "tiles": 4.0})
    with stages.stage("survey"):
        common = prepared(picture, psf, settings, memory=allowed, tile=tile)
    with stages.stage("tiles"):
        return picture.restored_by(common.tiles_of(picture), common.plan, callback or silent)


def _at_once(data: Array, *, psf: Array, settings: Mapping[str, Any], **own: Any) -> Array:
    return deconvolve(data, psf, **own, **settings).image
