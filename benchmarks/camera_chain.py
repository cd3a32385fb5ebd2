"""A simulated camera: from light behind the lens to the file that a photographer has.

What shapes the noise of a file stands here: the sensor's colour mosaic, its shot and read noise, demosaicing,
denoising, sharpening, resizing, the sRGB encoding in 8 bits and JPEG. Colour channels come last, light at full scale
is 1. From the encoding on every step works on encoded values, as cameras and picture programs do.

Left out are white balance and colour matrices, which would make the noise of red and blue louder, and the offset of
the colours of a half-size development by a quarter of its pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

import restore
from deconv.pictures import linear_to_srgb, srgb_to_linear

#: What surrounds the frame on the sensor: no step of the chain sees the end of the world in the file.
MARGIN = 16
ORIENTATION = 0x0112  # the EXIF tag
SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
LARGE_SHAPE = (3000, 4000)  # 12 megapixels


@dataclass(frozen=True)
class Camera:
    """What happens to the light.

    `electrons` is the charge of a sample at full scale, None for white Gaussian noise of `noise_sigma` in light.
    `demosaicing` is None where every sample sees three colours. `sharpening` is an unsharp mask: amount and sigma in
    pixels. `scale` is the size of the file over that of the sensor. Without `encoded` the file holds light in floating
    point. `quality` is that of a JPEG, None for a PNG.
    """

    electrons: float | None = 4000.0
    read_noise: float = 3.0
    noise_sigma: float = 0.012
    demosaicing: str | None = "bilinear"
    denoising: str | None = None
    sharpening: tuple[float, float] | None = None
    sharpen_in: str = "encoded"
    scale: float = 1.0
    encoded: bool = True
    quality: int | None = None
    subsampling: str = "4:2:0"
    orientation: int = 1

    @property
    def suffix(self) -> str:
        """Return what the file's name ends in."""
        return ".npy" if not self.encoded else ".png" if self.quality is None else ".jpg"


SHARPENED = (0.5, 1.0)
KINDS = {
    "white": Camera(electrons=None, demosaicing=None, encoded=False),
    "white8": Camera(electrons=None, demosaicing=None),
    "jpeg90": Camera(electrons=None, demosaicing=None, quality=90),
    "bayer": Camera(),
    "bayer_sh": Camera(sharpening=SHARPENED),
    "bayer_sh_jpeg": Camera(sharpening=SHARPENED, quality=90),
    "malvar_sh_jpeg": Camera(demosaicing="malvar", sharpening=SHARPENED, quality=90),
    "half": Camera(demosaicing="half"),
    "resized": Camera(scale=0.5),
    "enlarged": Camera(scale=1.5),
    "median": Camera(denoising="median"),
    "bilateral": Camera(denoising="bilateral"),
    "camera": Camera(sharpening=SHARPENED, quality=92),
    "night": Camera(electrons=600, sharpening=SHARPENED, quality=92),
}


def exposed(scene: np.ndarray, psf: np.ndarray, edge: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the blurred light of a frame with its margin, cut from the middle of the scene, and the sharp frame.

    The frame has `edge` pixels a side, or as many as the scene allows: the world goes on outside of it.
    """
    size = [min(edge + 2 * MARGIN + k - 1, n) for k, n in zip(psf.shape, scene.shape[:2], strict=True)]
    corner = [(n - s) // 2 for n, s in zip(scene.shape, size, strict=False)]
    sharp = scene[tuple(slice(c, c + s) for c, s in zip(corner, size, strict=True))]
    inside = tuple(slice(k - 1 - k // 2, n - k // 2) for k, n in zip(psf.shape, size, strict=True))
    return restore.blur(sharp, psf, boundary="valid", channel_axis=-1), without_margin(sharp[inside])


def enlarged(scene: np.ndarray) -> np.ndarray:
    """Return the middle of a scene at 12 megapixels."""
    rows, columns = LARGE_SHAPE
    scale = min(scene.shape[0] / rows, scene.shape[1] / columns)
    size = [round(scale * n) for n in LARGE_SHAPE]
    corner = [(n - s) // 2 for n, s in zip(scene.shape, size, strict=False)]
    middle = scene[tuple(slice(c, c + s) for c, s in zip(corner, size, strict=True))]
    return np.clip(resampled(middle, LARGE_SHAPE, Image.Resampling.BICUBIC), 0, 1)


def without_margin(values: np.ndarray) -> np.ndarray:
    return values[MARGIN:-MARGIN, MARGIN:-MARGIN]


def photographed(light: np.ndarray, camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Return what a camera makes of the light of a frame with its margin: the values to store, without the margin."""
    rows, columns = light.shape[:2]
    sensor = (round(rows / camera.scale), round(columns / camera.scale))
    values = sensed(resampled(light, sensor, Image.Resampling.LANCZOS), camera, rng)
    if camera.encoded:
        values = linear_to_srgb(np.clip(values, 0, 1))
    values = sharpened(denoised(values, camera.denoising), camera)
    return without_margin(resampled(values, (rows, columns), Image.Resampling.BICUBIC))


def sensed(light: np.ndarray, camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Return what the sensor saw of the light, three colours a pixel."""
    if camera.demosaicing == "half":  # a pixel is a quad of the sensor: red, blue and the mean of two greens
        first, second = (charged(light, camera, rng) for _ in range(2))
        return np.stack([first[..., 0], (first[..., 1] + second[..., 1]) / 2, first[..., 2]], axis=-1)
    samples = charged(light, camera, rng)
    if camera.demosaicing is None:
        return samples
    return {"bilinear": bilinear, "malvar": malvar}[camera.demosaicing](mosaic(samples))


def charged(light: np.ndarray, camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Return light with noise: white, or that of electrons that are counted and read, up to full scale."""
    if camera.electrons is None:
        return light + rng.normal(0, camera.noise_sigma, light.shape)
    count = rng.poisson(np.maximum(light, 0) * camera.electrons)
    return np.minimum((count + rng.normal(0, camera.read_noise, light.shape)) / camera.electrons, 1)


def sites(shape: tuple[int, ...]) -> np.ndarray:
    """Return where an RGGB mosaic sees red, green and blue: a channel each, 1 where it does."""
    pattern = np.zeros((*shape[:2], 3))
    pattern[0::2, 0::2, 0] = pattern[0::2, 1::2, 1] = pattern[1::2, 0::2, 1] = pattern[1::2, 1::2, 2] = 1
    return pattern


def mosaic(picture: np.ndarray) -> np.ndarray:
    """Return the one colour that each sample of the sensor sees."""
    return (picture * sites(picture.shape)).sum(axis=-1)


def bilinear(samples: np.ndarray) -> np.ndarray:
    """Return the mean of the nearest samples of each colour."""
    cross = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]) / 4
    square = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4
    planes = np.moveaxis(sites(samples.shape), -1, 0) * samples
    return np.stack([_convolved(p, k) for p, k in zip(planes, (square, cross, square), strict=True)], axis=-1)


# H. S. Malvar, L. He and R. Cutler, High-quality linear interpolation for demosaicing of Bayer-patterned color images,
# ICASSP 2004, fig. 2: green at red and blue; red at green in a row of red (transposed: in a column); red at blue.
GREEN = np.array([[0, 0, -2, 0, 0], [0, 0, 4, 0, 0], [-2, 4, 8, 4, -2], [0, 0, 4, 0, 0], [0, 0, -2, 0, 0]]) / 16
ALONG = np.array([[0, 0, 1, 0, 0], [0, -2, 0, -2, 0], [-2, 8, 10, 8, -2], [0, -2, 0, -2, 0], [0, 0, 1, 0, 0]]) / 16
ACROSS = np.array([[0, 0, -3, 0, 0], [0, 4, 0, 4, 0], [-3, 0, 12, 0, -3], [0, 4, 0, 4, 0], [0, 0, -3, 0, 0]]) / 16


def malvar(samples: np.ndarray) -> np.ndarray:
    """Return Malvar, He and Cutler's interpolation: bilinear, corrected by the Laplacian of the colour seen."""
    red, green, blue = np.moveaxis(sites(samples.shape).astype(bool), -1, 0)
    even = np.arange(samples.shape[0])[:, None] % 2 == 0
    along, below, across = (_convolved(samples, kernel) for kernel in (ALONG, ALONG.T, ACROSS))
    return np.stack(
        [
            np.select([red, green & even, green], [samples, along, below], across),
            np.where(green, samples, _convolved(samples, GREEN)),
            np.select([blue, green & ~even, green], [samples, along, below], across),
        ],
        axis=-1,
    )


def _convolved(plane: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return ndimage.convolve(plane, kernel, mode="mirror")  # mirrored about a sample, the mosaic goes on


def denoised(values: np.ndarray, denoising: str | None) -> np.ndarray:
    """Return values without much of their noise, channel by channel."""
    if denoising is None:
        return values
    if denoising == "median":
        return ndimage.median_filter(values, size=(3, 3, 1))
    from skimage.restoration import denoise_bilateral

    clipped = np.clip(values, 0, 1)  # it takes nothing negative
    planes = [denoise_bilateral(clipped[..., c], win_size=5, sigma_color=0.03, sigma_spatial=1.5) for c in range(3)]
    return np.stack(planes, axis=-1)


def sharpened(values: np.ndarray, camera: Camera) -> np.ndarray:
    """Return values under the unsharp mask, which sees the encoded ones or light."""
    if camera.sharpening is None:
        return values
    amount, sigma = camera.sharpening
    in_light = camera.encoded and camera.sharpen_in == "light"
    before = srgb_to_linear(values) if in_light else values
    after = before + amount * (before - ndimage.gaussian_filter(before, (sigma, sigma, 0)))
    return linear_to_srgb(after) if in_light else after


def resampled(values: np.ndarray, shape: tuple[int, ...], kernel: Image.Resampling) -> np.ndarray:
    """Return values at another size; making them smaller averages first."""
    if values.shape[:2] == tuple(shape):
        return values
    planes = [Image.fromarray(values[..., c].astype(np.float32)) for c in range(values.shape[-1])]
    return np.stack([np.asarray(p.resize(shape[::-1], kernel)) for p in planes], axis=-1).astype(values.dtype)


def write(path: Path, values: np.ndarray, camera: Camera) -> None:
    """Write a file as a camera does: turned, with the tag that turns it back."""
    if not camera.encoded:
        np.save(path, values)
        return
    codes = np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8)
    exif = Image.Exif()
    exif[ORIENTATION] = camera.orientation
    stored = Image.fromarray(np.rot90(codes) if camera.orientation == 6 else codes)
    if camera.quality is None:
        stored.save(path, exif=exif)
    else:
        stored.save(path, quality=camera.quality, subsampling=SUBSAMPLINGS.index(camera.subsampling), exif=exif)
