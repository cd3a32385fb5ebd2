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
the data through the target, the restored picture through the seeing. Both need light from outside of the frame, the
second most: the rim that a fortieth of the seeing reaches is left out. For every source the difference of its flux, the
error of the flux itself for the noise of the data, and the difference of its place after one shift for all, beside the
least error that any measurement of the place has (Cramer and Rao, white noise, all fluxes and places unknown); of the
picture, what of its light there is. With --draws the picture from orbit takes the place of the truth: what is seen of
it from the ground, under other noise so many times, goes the same way, and the rms of its differences follows.
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
from restore.operators.resampling import low_bins

#: Samples along a side of a simulated field, between its sources, and around it, where its light may come from.
SIZE, APART, AROUND = 128, 24, 20
NOISE, APERTURE, SKY, GUARD, RING = 0.36, 7, (10, 15), 10, (2, 9)
#: Standard deviation of a Gaussian in its full width at half maximum.
WIDTH = 1 / (2 * np.sqrt(2 * np.log(2)))
#: Light of the seeing beyond the rim of the real field that is left out, and the width of a Gaussian that makes white
#: noise like that of its sky, whose neighbours share 0.14 of it.
EDGE, CORRELATED = 0.025, 0.42
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
    """Return the sources of the picture from orbit, each alone: an island above the noise, or its share."""
    smooth = ndimage.gaussian_filter(orbit, 4)
    sigma = 1.4826 * np.median(np.abs(smooth - np.median(smooth)))
    peaks = (smooth == ndimage.maximum_filter(smooth, 25)) & (smooth > 12 * sigma)
    labels, count = ndimage.label(peaks)
    nearest = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    mine, (islands, _) = labels[tuple(nearest)], ndimage.label(smooth > 2 * sigma)
    cells = (
        (mine == n) & ndimage.binary_dilation(islands == islands[labels == n][0], iterations=3)
        for n in range(1, count + 1)
    )
    return [np.where(cell, orbit, 0) for cell in cells]


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


class Fit(NamedTuple):
    """So much of every template, how sure that is, how far each is moved, how sure that is, the ground, the rest."""

    amounts: np.ndarray
    error: np.ndarray
    place: np.ndarray
    bound: np.ndarray
    ground: float
    rest: float


def fitted(image: np.ndarray, templates: list[np.ndarray], sigma: float) -> Fit:
    slopes = [slope for t in templates for slope in np.gradient(t)]
    matrix = np.stack([*(t.ravel() for t in (*templates, *slopes)), np.ones(image.size)], axis=1)
    amounts = np.linalg.lstsq(matrix, image.ravel())[0]
    rest, count = image.ravel() - matrix @ amounts, len(templates)
    errors = sigma * np.sqrt(np.diag(np.linalg.inv(matrix.T @ matrix)))
    moved, bound = (v[count:-1].reshape(count, 2) / amounts[:count, None] for v in (-amounts, errors))
    return Fit(amounts[:count], errors[:count], moved, np.hypot(*bound.T), float(amounts[-1]), float(rest @ rest))


def binned(image: np.ndarray, step: int) -> np.ndarray:
    return image.reshape(image.shape[0] // step, step, -1, step).mean(axis=(1, 3))


class Band(NamedTuple):
    """One band of the field: its PSF, what of it is compared, the sources as it shows them, and its noise."""

    image: np.ndarray
    psf: np.ndarray
    inside: tuple[slice, slice]
    templates: list[np.ndarray]
    sigma: float

    @classmethod
    def of(cls, image: np.ndarray, stamp: np.ndarray, sources: list[np.ndarray]) -> Band:
        """Fit one shift for all sources to an image."""
        psf = restore.psf.measured(stamp, background=0)
        rows, columns = (rim(psf.sum(axis=axis)) for axis in (1, 0))
        inside = slice(rows, -rows), slice(columns, -columns)

        def shown(shift: np.ndarray) -> list[np.ndarray]:
            return [on_ground(s, psf, image.shape, shift, 1) for s in sources]

        def misfit(shift: np.ndarray) -> float:
            return fitted(image[inside], [t[inside] for t in shown(shift)], 1.0).rest

        simplex = [[0, 0], [4, 0], [0, 4]]
        shift = optimize.minimize(
            misfit, simplex[0], method="Nelder-Mead", options={"xatol": 0.02, "initial_simplex": simplex}
        ).x
        return cls(image, psf, inside, shown(shift), float(image[:15].std()))

    def fit(self, image: np.ndarray) -> Fit:
        """Return how much of every source there is in a picture."""
        return fitted(image[self.inside], [t[self.inside] for t in self.templates], self.sigma)

    def drawn(self, seed: int) -> np.ndarray:
        """Return what the ground shows of the sources under other noise."""
        fit = self.fit(self.image)
        scene = sum(a * t for a, t in zip(fit.amounts, self.templates, strict=True)) + fit.ground
        noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(0, 1, scene.shape), CORRELATED, mode="wrap")
        return scene + self.sigma * noise / noise.std()

    def differences(
        self, image: np.ndarray, result: np.ndarray, target: np.ndarray, step: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how the fluxes and places of the sources differ in two pictures, in per cent and in samples.

        What two telescopes show, one after the other, is the same whichever comes first: the data are seen by the
        target, and the result through the seeing, which is what it was restored with on its finer grid.
        """
        before = self.fit(low_passed(image, target, step))
        after = self.fit(binned(restore.blur(result, restore.psf.resampled(self.psf, step), boundary="edge"), step))
        moved = after.place - before.place
        return 100 * (after.amounts / before.amounts - 1), np.hypot(*(moved - moved.mean(axis=0)).T)


def low_passed(image: np.ndarray, psf: np.ndarray, step: int) -> np.ndarray:
    """Return a picture as a PSF on a grid finer by `step` shows it: that grid's frequencies, as far as it has them."""
    fine = [n * step for n in image.shape]
    return fft.irfft2(fft.rfft2(image) * low_bins(restore.psf_to_otf(psf, fine), fine, image.shape), image.shape)


def rim(profile: np.ndarray) -> int:
    """Return from how many samples on less than a given share of the light of a PSF reaches over an edge."""
    beyond = np.cumsum(profile[::-1])[::-1]
    return int(np.argmax(beyond < EDGE)) - profile.size // 2


def of_the_field(folder: Path, figure: Path | None, draws: int) -> Iterator[str]:
    data, psfs, orbit = read(folder, "Cut_HSC"), read(folder, "PSF_HSC"), read(folder, "Cut_HST")
    seeing = restore.psf.measured(read(folder, "PSF_HST"), background=0)
    targets = {
        "2 px": (2, restore.psf.gaussian(4 * WIDTH, truncate=5)),
        "orbit": (4, restore.psf.resampled(seeing, ORBIT / GROUND * 4)),
    }
    sources, panels = cut_outs(orbit), {}
    for number, (image, stamp) in enumerate(zip(data, psfs, strict=True)):
        band, shown = Band.of(image, stamp, sources), [image]
        for name, (step, target) in targets.items():

            def restored(picture: np.ndarray, step: int = step, target: np.ndarray = target) -> np.ndarray:
                fine = restore.psf.resampled(band.psf, step)  # noqa: B023
                return restore.richardson_lucy(picture, fine, target=target, subsampling=step)

            result = restored(image)
            flux, far = band.differences(image, result, target, step)
            fit = band.fit(low_passed(image, target, step))
            words = [
                f"{f:+6.2f} % (noise {n:4.2f}) {p:.3f} px (bound {b:.3f})"
                for f, n, p, b in zip(flux, 100 * fit.error / fit.amounts, far, fit.bound, strict=True)
            ]
            whole = f"all {100 * (result.sum() / step**2 / image.sum() - 1):+.1f} %"
            depth = (np.median(result) - result.min()) / band.sigma
            yield f"band {number} to {name:6s} {'  '.join(words)}; {whole}, darkest {depth:.2f} sigma"
            shown.append(result)
            drawn = [band.drawn(seed) for seed in range(draws)]
            others = [band.differences(d, restored(d), target, step) for d in drawn]
            if others:
                rms = [np.sqrt(np.mean(np.square(column), axis=0)) for column in zip(*others, strict=True)]
                mean = np.mean([flux for flux, _ in others], axis=0)
                rows = zip(mean, *rms, strict=True)
                yield (
                    f"{'':16s} " + "  ".join(f"{m:+6.2f} % (rms   {f:4.2f}) {p:.3f} px" for m, f, p in rows) + "; drawn"
                )
        panels[f"band {number}"] = shown
    if figure is not None:
        draw(figure, panels, orbit)


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
    parser.add_argument(
        "--draws", type=int, default=0, help="draws of other noise over what orbit shows of the real field"
    )
    parser.add_argument("--figure", type=Path, help="draw the real field")
    given = parser.parse_args()
    psf = restore.psf.moffat(3.5, beta=3, reach=4)
    if given.folder is not None:
        psf = restore.psf.measured(read(given.folder, "PSF_HSC")[given.band], background=0)
        for text in of_the_field(given.folder, given.figure, given.draws):
            print(text, flush=True)
    for text in of_simulations(psf, given.fields, given.steps) if given.fields else ():
        print(text, flush=True)


if __name__ == "__main__":
    main()
