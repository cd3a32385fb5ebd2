"""What napari shows of this project: a PSF from a microscope's numbers, and a layer restored by a PSF that is a layer.

napari makes the widgets from the functions themselves; neither it nor a library of windows is imported here before
a widget asks for a thread of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

import restore
from deconv.inputs.psf_of_optics import psf_shape
from deconv.pictures.stacks.calibration import MICROMETRES
from restore.checks import InvalidValue
from restore.psf.optics.model import MODELS

if TYPE_CHECKING:
    import napari

Array = NDArray[Any]

#: Where a layer lies and how it is laid over others.
_PLACES = ("scale", "translate", "rotate", "shear", "units", "axis_labels", "blending", "opacity")
#: Names of axes that are no depth: what lies along them is restored by itself.
APART = ("t", "time", "c", "channel")


def make_psf(
    image: napari.layers.Image,
    model: Literal["gibson_lanni", "born_wolf", "richards_wolf", "confocal"] = "gibson_lanni",
    NA: float = 1.4,
    wavelength: float = 0.52,
    ni: float = 1.515,
    ns: float = 1.47,
    pz: float = 0.0,
    excitation: float = 0.488,
    spacing: str = "",
) -> napari.types.LayerDataTuple:
    """Return a layer with the PSF of a microscope on the voxels of an image.

    Parameters
    ----------
    image : napari.layers.Image
        The layer that it is for: two axes or more, the last ones Z, Y and X, or Y and X.
    model : str
        As in `restore.psf`.
    NA, wavelength, ni, ns, pz, excitation : float
        Numerical aperture; wavelength that is seen, in micrometres; index of the immersion; for gibson_lanni index of
        the sample and depth in it; for confocal the laser's wavelength.
    spacing : str
        Edges of a voxel in micrometres, ``Z,Y,X`` or ``Y,X``; empty takes the scale and units of the layer, pixels as
        micrometres.

    Returns
    -------
    layer : tuple of array, mapping and str
        Data, settings and kind of the new layer, which has the scale of the image.
    """
    axes = min(image.data.ndim - bool(image.rgb), 3)
    axes = 2 if axes == 3 and _is_apart(image, -3) else axes
    steps = _steps(image, axes, spacing)
    numbers = {"NA": NA, "wavelength": wavelength, "ni": ni, "ns": ns, "pz": pz, "excitation": excitation}
    own = {parameter.name for parameter in MODELS[model].parameters}
    numbers = {name: value for name, value in numbers.items() if name in own}
    grid = image.data.shape[: image.data.ndim - bool(image.rgb)][-axes:]
    psf = MODELS[model].draw(psf_shape(numbers, steps, grid), spacing=steps, **numbers)
    looks = {"name": f"PSF of {image.name}", "scale": tuple(image.scale)[-axes:], "colormap": "magma"}
    return psf.astype(np.float32), looks, "image"


def restore_in_background(
    image: napari.layers.Image,
    psf: napari.layers.Image,
    method: Literal["auto", "wiener", "richardson_lucy", "total_variation", "hyper_laplacian"] = "auto",
    iterations: int = 0,
) -> napari.qt.threading.FunctionWorker[napari.types.LayerDataTuple]:
    """Return what restores a layer as it is now in a thread of its own, so that the window goes on.

    The arguments are those of `restore_layer`, and what it refuses is refused before the thread begins.

    Returns
    -------
    worker : napari.qt.threading.FunctionWorker
        Under way; the layer that it returns is added to the window, and what goes wrong is shown there.
    """
    from napari.qt.threading import create_worker

    images = (_Snapshot(image), _Snapshot(psf))
    _check(*images)
    words = {"_start_thread": True, "_progress": {"desc": f"restoring {image.name}"}}
    return create_worker(restore_layer, *images, method, iterations, **words)


class _Snapshot:
    """What a layer is when it is handed over: its owner may go on to change it."""

    def __init__(self, layer: Any) -> None:
        self.data = np.array(layer.data)
        for name in ("name", "rgb", "colormap", *_PLACES):
            if getattr(layer, name, None) is not None:
                setattr(self, name, getattr(layer, name))


def restore_layer(
    image: napari.layers.Image,
    psf: napari.layers.Image,
    method: Literal["auto", "wiener", "richardson_lucy", "total_variation", "hyper_laplacian"] = "auto",
    iterations: int = 0,
) -> napari.types.LayerDataTuple:
    """Return a layer with an image restored: every channel and time by itself, in the unit of its samples.

    Parameters
    ----------
    image, psf : napari.layers.Image
        The PSF has the last two or three axes of the image, and its voxels.
    method : str
        As of `restore.deconvolve`; "auto" takes Richardson-Lucy for volumes of counted light.
    iterations : int
        Of richardson_lucy; 0 lets the data choose.

    Returns
    -------
    layer : tuple of array, mapping and str
        float32, with the scale, place, units, colours and range of the image.
    """
    kernel = _check(image, psf)
    settings: dict[str, Any] = {"iterations": iterations} if method == "richardson_lucy" and iterations > 0 else {}
    data = np.asarray(image.data, np.float32)
    spatial = kernel.ndim + bool(image.rgb)
    others = data.shape[: data.ndim - spatial]
    kernel = kernel / kernel.sum()
    channel_axis = -1 if image.rgb else None
    parts = [
        restore.deconvolve(part, kernel, method=method, channel_axis=channel_axis, **settings)
        for part in data.reshape(-1, *data.shape[len(others) :])
    ]
    restored = np.stack([part.image for part in parts]).reshape(data.shape)
    return restored, _looks(image, restored) | {"name": f"{image.name} restored", "metadata": _said(parts[0])}, "image"


def _check(image: Any, psf: Any) -> Array:
    """Return the samples of a PSF; refuse one that does not suit the image."""
    kernel = np.asarray(psf.data, np.float64)
    if kernel.ndim == 3 and _is_apart(image, -3):
        raise InvalidValue("psf must have two axes where the image has no depth before its rows, got three")
    if kernel.ndim not in (2, 3) or kernel.ndim > np.ndim(image.data) - bool(image.rgb):
        raise InvalidValue(f"psf must have two or three axes and no more than the image, got {kernel.ndim}")
    return kernel


def _said(record: restore.Restoration) -> dict[str, Any]:
    """Return what was done, as the layer keeps it."""
    return {"deconv": {"method": record.method, "parameter": record.parameter, "rule": record.rule}}


def _looks(image: Any, restored: Array) -> dict[str, Any]:
    """Return where a layer lies and how it is shown, for one of the same shape."""
    looks = {name: getattr(image, name) for name in (*_PLACES, "rgb") if getattr(image, name, None) is not None}
    if image.rgb:
        return looks
    low, high = float(restored.min()), float(np.quantile(restored, 0.999))
    return looks | {"colormap": image.colormap, "contrast_limits": (low, max(high, np.nextafter(low, np.inf)))}


def _is_apart(image: Any, place: int) -> bool:
    """Return whether an axis of a layer is known to be time or channels."""
    labels = tuple(getattr(image, "axis_labels", ()))
    return len(labels) >= -place and str(labels[place]).lower() in APART


def _steps(image: Any, axes: int, spacing: str) -> tuple[float, ...]:
    """Return the edges of a voxel in micrometres."""
    if spacing.strip():
        try:
            steps = tuple(float(word) for word in spacing.split(","))
        except ValueError:
            steps = ()
        if len(steps) != axes or min(steps) <= 0:
            raise InvalidValue(f"spacing must be {axes} numbers > 0 between commas, got {spacing!r}")
        return steps
    units = [str(unit) for unit in getattr(image, "units", None) or ("pixel",) * len(image.scale)]
    lengths = [MICROMETRES.get(unit, 1.0) for unit in units]
    return tuple(float(step * length) for step, length in zip(image.scale, lengths, strict=True))[-axes:]
