"""Fields of the sky from the ground, restored to a chosen PSF: flux, place and rings, in units of what the data allow.

Simulated fields: points and exponential discs at places between the samples, seen through the PSF of a ground-based
telescope, under white noise or that of a coadd (correlated over a sample), their sky subtracted; the truth is known.
Flux is what lies in a circle of 7 samples above the mean of a ring of 10 to 15 around it, place a centroid under a
Gaussian window, both compared with those of the true scene seen through the target. "data" is the same done with the
picture itself, compared with the true scene seen through its own PSF: what noise alone makes of a measurement. "ring"
is the darkest sample 2 to 9 samples from a point, below the sky around, in standard deviations of the data's noise.

A folder with Cut_HSC.fits, PSF_HSC.fits, Cut_HST.fits and PSF_HST.fits, one field from the ground in five bands and
from orbit, adds the real one. Its sources overlap, and truth is nowhere written: each source of the picture from orbit
is cut out and fitted, its flux and its place, to the data and to the restored picture, both brought to the same PSF:
the data through the target, the restored picture through the seeing. For every source the difference of its flux, what
the noise of the data makes of that, and that of its place after one shift for all; of the picture, what of its light
there is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import fft, ndimage, optimize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore

#: Samples along a side of a simulated field, between its sources, and around it, where its light may come from.
SIZE, APART, AROUND = 128, 24, 20
NOISE, APERTURE, SKY, GUARD, RING = 0.36, 7, (10, 15), 10, (2, 9)
#: Standard deviation of a Gaussian in its full width at half maximum.
WIDTH = 1 / (2 * np.sqrt(2 * np.log(2)))
#: Arc seconds per sample, from the ground and from orbit.
GROUND, ORBIT = 0.168, 0.03
#: Peaks of the points, in standard deviations of the noise.
PEAKS = {"faint": (10, 30), "bright": (30, 300), "very bright": (300, 3000)}


class Source(NamedTuple):
    """A place in samples, a flux, and of a disc its scale, flattening and angle."""

    y: float
    x: float
    flux: float
    disc: tuple[float, float, float] | None


class Field(NamedTuple):
    """A picture, the same without noise, the true scene as the target shows it, and what is in it."""

    data: np.ndarray
    clean: np.ndarray
    truth: np.ndarray
    sources: list[Source]


def scene(rng: np.random.Generator, psf: np.ndarray, peaks: tuple[float, float]) -> list[Source]:
    sources: list[Source] = []
    while len(sources) < 12:
        y, x = rng.uniform(12, SIZE - 12, 2)
        if all(np.hypot(y - s.y, x - s.x) > APART for s in sources):
            flux = NOISE * float(np.exp(rng.uniform(*np.log(peaks)))) / psf.max()
            disc = (rng.uniform(0.9, 1.8), rng.uniform(0.4, 1), rng.uniform(0, np.pi)) if len(sources) >= 9 else None
            sources.append(Source(y, x, flux if disc is None else 3 * flux, disc))
    return sources


def light(sources: list[Source], step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the transform of a scene on a grid of so many samples per sample, and its frequencies per sample."""
    size = (SIZE + 2 * AROUND) * step
    rows, columns = step * fft.fftfreq(size)[:, None], step * fft.rfftfreq(size)[None]
    first, total = 0.5 / step - 0.5 - AROUND, np.zeros((size, size // 2 + 1), complex)
    for s in sources:
        shape: np.ndarray | float = 1.0
        if s.disc is not None:
            scale, flat, angle = s.disc
            u = rows * np.cos(angle) + columns * np.sin(angle)
            v = flat * (columns * np.cos(angle) - rows * np.sin(angle))
            shape = (1 + (2 * np.pi * scale) ** 2 * (u**2 + v**2)) ** -1.5
        total += s.flux * shape * np.exp(-2j * np.pi * (rows * (s.y - first) + columns * (s.x - first)))
    return total, rows, columns


def simulated(seed: int, psf: np.ndarray, peaks: tuple[float, float], step: int, correlated: float) -> Field:
    """Return a field whose target is two samples of the data wide, `step` samples of the result for each."""
    target, rng = 2.0 * step, np.random.default_rng(seed)
    sources = scene(rng, psf, peaks)
    spectrum, _, _ = light(sources, 1)
    size, inside = SIZE + 2 * AROUND, slice(AROUND, -AROUND)
    clean = fft.irfft2(spectrum * restore.psf_to_otf(psf, (size, size)), (size, size))[inside, inside]
    spectrum, rows, columns = light(sources, step)
    gaussian = np.exp(-2 * (np.pi * WIDTH * target / step) ** 2 * (rows**2 + columns**2))
    middle = slice(AROUND * step, -AROUND * step)
    truth = fft.irfft2(spectrum * gaussian, (size * step, size * step))[middle, middle] * step**2
    noise = rng.normal(0, 1, (SIZE, SIZE))
    if correlated:
        noise = ndimage.gaussian_filter(noise, correlated, mode="wrap")
    return Field(clean + NOISE * noise / noise.std(), clean, truth, sources)


def centroid(image: np.ndarray, place: tuple[float, float], reach: float) -> np.ndarray:
    indices, here = np.indices(image.shape), np.array(place)
    for _ in range(30):
        weights = image * np.exp(-sum((i - p) ** 2 for i, p in zip(indices, here, strict=True)) / (2 * reach**2))
        here = np.array([(weights * i).sum() for i in indices]) / weights.sum()
    return here


def errors(image: np.ndarray, truth: np.ndarray, sources: list[Source], step: int, reach: float) -> list[list[float]]:
    """Return the error of flux, relative, and of place, in samples of the data, and the ring, of every source."""
    y, x = ((i + 0.5) / step - 0.5 for i in np.indices(image.shape))
    result = []
    for s in sources:
        distance, alone = np.hypot(y - s.y, x - s.x), np.ones(image.shape, bool)
        for other in sources:
            alone &= (other is s) | (np.hypot(y - other.y, x - other.x) > GUARD)
        around = (distance > SKY[0]) & (distance < SKY[1]) & alone
        sky, dark = image[around].mean(), truth[around].mean()
        flux, true = (image - sky)[distance < APERTURE].sum(), (truth - dark)[distance < APERTURE].sum()
        start, wide = ((s.y + 0.5) * step - 0.5, (s.x + 0.5) * step - 0.5), reach * step * (1 + (s.disc is not None))
        moved = centroid(image - sky, start, wide) - centroid(truth - dark, start, wide)
        near = (distance > RING[0]) & (distance < RING[1]) & alone
        result.append([flux / true - 1, np.hypot(*moved) / step, (sky - image[near].min()) / NOISE, s.disc is not None])
    return result


def line(name: str, measures: list[list[float]]) -> str:
    table, words = np.array(measures), ""
    for kind in (0, 1):
        flux, place, ring, _ = table[table[:, 3] == kind].T
        words += f"{100 * flux.mean():+7.2f}{100 * np.sqrt(np.mean(flux**2)):6.2f}{100 * np.abs(flux).max():7.2f}"
        words += f"{np.sqrt(np.mean(place**2)):8.3f}{place.max():7.3f}" + ("" if kind else f"{ring.max():7.2f} ")
    return f"{name:34s}{words}"


def of_simulations(psf: np.ndarray, count: int, steps: list[int]) -> Iterator[str]:
    yield f"{'':34s}{'points: flux %':>20s}{'place px':>15s}{'ring':>7s} {'discs: flux %':>20s}{'place px':>15s}"
    yield (
        f"{'':34s}"
        + f"{'mean':>7s}{'rms':>6s}{'most':>7s}{'rms':>8s}{'most':>7s}{'most':>7s} "
        + (f"{'mean':>7s}{'rms':>6s}{'most':>7s}{'rms':>8s}{'most':>7s}")
    )
    for peaks in PEAKS:
        for correlated in (0.0, 0.6):
            kind = f"{peaks}, {'coadd' if correlated else 'white'}"
            for step in steps:
                fine = restore.psf.resampled(psf, step)
                fields = [simulated(seed, psf, PEAKS[peaks], step, correlated) for seed in range(count)]
                if step == steps[0]:
                    yield line(f"{kind}, data", [e for f in fields for e in errors(f.data, f.clean, f.sources, 1, 2.5)])
                restored = [restore.richardson_lucy(f.data, fine, target=2.0 * step, subsampling=step) for f in fields]
                pairs = zip(restored, fields, strict=True)
                measures = [e for r, f in pairs for e in errors(r, f.truth, f.sources, step, 1.6)]
                yield line(f"{kind}, {step} a sample", measures)


def read(folder: Path, name: str) -> np.ndarray:
    from astropy.io import fits

    return np.asarray(fits.getdata(folder / f"{name}.fits"), np.float64)


def cut_outs(orbit: np.ndarray) -> list[np.ndarray]:
    """Return the sources of the picture from orbit, each alone: what is nearest to its peak, above the noise."""
    smooth = ndimage.gaussian_filter(orbit, 4)
    sigma = 1.4826 * np.median(np.abs(smooth - np.median(smooth)))
    peaks = (smooth == ndimage.maximum_filter(smooth, 25)) & (smooth > 12 * sigma)
    labels, count = ndimage.label(peaks)
    nearest = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    mine = labels[tuple(nearest)]
    bright = ndimage.binary_dilation(smooth > 2 * sigma, iterations=3)
    return [np.where(bright & (mine == number + 1), orbit, 0) for number in range(count)]


def on_ground(
    template: np.ndarray, psf: np.ndarray, shape: tuple[int, int], shift: np.ndarray, step: int
) -> np.ndarray:
    """Return a cut-out as the ground's grid, or one finer by `step`, shows it through a PSF on that finer grid."""
    ratio, middle = GROUND / ORBIT / step, (np.array(template.shape) - 1) / 2
    blurred = ndimage.gaussian_filter(template, ratio / 2.5)  # enough not to alias, and less than a sample
    places = zip(np.indices([n * step for n in shape]), shape, middle, shift, strict=True)
    here = [(i - (n * step - 1) / 2) * ratio + m + s for i, n, m, s in places]
    fine = ndimage.map_coordinates(blurred, here, order=3, mode="constant")
    return restore.blur(fine, psf, boundary="zero")


Fit = tuple[np.ndarray, np.ndarray, np.ndarray, float]


def fitted(image: np.ndarray, templates: list[np.ndarray], sigma: float) -> Fit:
    """Return so much of every template, the error of that, how far each is moved, and the squares that are left."""
    slopes = [slope for t in templates for slope in np.gradient(t)]
    matrix = np.stack([*(t.ravel() for t in (*templates, *slopes)), np.ones(image.size)], axis=1)
    amounts = np.linalg.lstsq(matrix, image.ravel())[0]
    rest, count = image.ravel() - matrix @ amounts, len(templates)
    error = sigma * np.sqrt(np.diag(np.linalg.inv(matrix.T @ matrix)))[:count]
    moved = -amounts[count:-1].reshape(count, 2) / amounts[:count, None]
    return amounts[:count], error, moved, float(rest @ rest)


def binned(image: np.ndarray, step: int) -> np.ndarray:
    return image.reshape(image.shape[0] // step, step, -1, step).mean(axis=(1, 3))


def of_the_field(folder: Path, figure: Path | None) -> Iterator[str]:
    data, psfs, orbit = read(folder, "Cut_HSC"), read(folder, "PSF_HSC"), read(folder, "Cut_HST")
    seeing = restore.psf.measured(read(folder, "PSF_HST"), background=0)
    finer, coarse = (restore.psf.resampled(seeing, ORBIT / GROUND * step) for step in (4, 1))
    targets: dict[str, tuple[int, float | np.ndarray, np.ndarray]] = {
        "2 px": (2, 4.0, restore.psf.gaussian(2 * WIDTH, truncate=5)),
        "orbit": (4, finer, coarse),
    }
    sources, panels = cut_outs(orbit), {}
    for band, (image, stamp) in enumerate(zip(data, psfs, strict=True)):
        psf, shown = restore.psf.measured(stamp, background=0), [image]
        for name, (step, target, alone) in targets.items():
            result = restore.richardson_lucy(image, restore.psf.resampled(psf, step), target=target, subsampling=step)
            numbers = of_sources(image, binned(result, step), psf, alone, sources)
            whole = f"all {100 * (result.sum() / step**2 / image.sum() - 1):+.1f} %"
            depth = (np.median(result) - result.min()) / float(np.sqrt(np.mean(image[:15] ** 2)))
            yield f"band {band} to {name:6s} {numbers}; {whole}, darkest {depth:.2f} sigma"
            shown.append(result)
        panels[f"band {band}"] = shown
    if figure is not None:
        draw(figure, panels, orbit)


def of_sources(
    image: np.ndarray, result: np.ndarray, psf: np.ndarray, target: np.ndarray, sources: list[np.ndarray]
) -> str:
    """Return how the fluxes and places of the sources differ in two pictures.

    What two telescopes show, one after the other, is the same whichever comes first: the data are seen by the target,
    and the result through the seeing.
    """
    sigma = float(np.sqrt(np.mean(image[:15] ** 2)))
    before, after = (restore.blur(i, h, boundary="edge") for i, h in ((image, target), (result, psf)))

    def misfit(shift: np.ndarray) -> float:
        return fitted(before, [on_ground(s, psf, image.shape, shift, 1) for s in sources], sigma)[-1]

    shift = optimize.minimize(misfit, np.zeros(2), method="Nelder-Mead", options={"xatol": 0.02}).x
    templates = [on_ground(s, psf, image.shape, shift, 1) for s in sources]
    of_data, error, place, _ = fitted(before, templates, sigma)
    of_result, _, there, _ = fitted(after, templates, sigma)
    moved = np.hypot(*(there - place - (there - place).mean(axis=0)).T)
    columns = zip(100 * (of_result / of_data - 1), 100 * error / of_data, moved, strict=True)
    return "  ".join(f"{flux:+6.2f} % (noise {noise:4.2f}) {far:.3f} px" for flux, noise, far in columns)


def draw(path: Path, panels: dict[str, list[np.ndarray]], orbit: np.ndarray) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(3, len(panels) + 1, figsize=(4 * (len(panels) + 1), 12), squeeze=False)
    for column, (name, pair) in zip(axes.T, panels.items(), strict=False):
        for axis, image, what in zip(column, pair, ("data", "restored to 2 px", "restored to orbit"), strict=True):
            scale = 3 * np.sqrt(np.mean(pair[0][:15] ** 2)) * (1 if image is pair[0] else 3)
            axis.imshow(np.arcsinh(image / scale), origin="lower", cmap="gray")
            axis.set_title(f"{name}, {what}")
    axes[0, -1].imshow(np.arcsinh(orbit / 15), origin="lower", cmap="gray")
    axes[0, -1].set_title("from orbit")
    for axis, width in zip(axes[1:, -1], (2 * GROUND / ORBIT * WIDTH, 1.0), strict=True):
        axis.imshow(np.arcsinh(ndimage.gaussian_filter(orbit, width) / 10), origin="lower", cmap="gray")
    for axis in axes.ravel():
        axis.set_axis_off()
    drawing.tight_layout()
    drawing.savefig(path, dpi=60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="the real field; its PSF is that of the simulations too")
    parser.add_argument("--fields", type=int, default=3, help="simulated fields of each kind; 0 for none")
    parser.add_argument("--band", type=int, default=2, help="plane of PSF_HSC.fits for the simulations")
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 2], help="samples of the result per sample")
    parser.add_argument("--figure", type=Path, help="draw the real field")
    given = parser.parse_args()
    psf = restore.psf.moffat(3.5, beta=3, reach=4)
    if given.folder is not None:
        psf = restore.psf.measured(read(given.folder, "PSF_HSC")[given.band], background=0)
        for text in of_the_field(given.folder, given.figure):
            print(text, flush=True)
    for text in of_simulations(psf, given.fields, given.steps) if given.fields else ():
        print(text, flush=True)


if __name__ == "__main__":
    main()
