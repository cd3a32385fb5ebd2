"""Learned layers beside the fixed kernels and the Wiener filter, on pictures that nothing was trained on.

Enlarging: the pictures, gray, are shrunk to the means of 2 x 2 blocks and enlarged again; "mirrored" are kernels from
the training pictures and their mirror images and turns, "as they are" from these alone, as is the descent.

Restoring: they are blurred by a Gaussian (of the whole frame, which is then cut so that only true samples count) and
get noise; a layer of stride 1 is trained on (blurred, sharp). "Wiener of the mean" is conj(H) / (|H|^2 + S_noise / S),
S the mean periodogram of the training pictures; "automatic" looks at each picture's own spectrum. PSNR is the mean over
the quoted pictures, over the whole frame. --folder quotes all pictures of a folder instead, and trains on all bundled
ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
import upsample

TRAINING = ["camera", "coins", "astronaut", "chelsea", "gravel", "brick", "grass", "moon"]
QUOTED = ["coffee", "rocket", "stereo_motorcycle"]
STRIDE = 2
PATCH = 128  # edge of the periodograms


def bundled(name: str) -> np.ndarray:
    from skimage import data

    picture = getattr(data, name)()
    return gray(picture[0] if isinstance(picture, tuple) else picture)


def gray(samples: np.ndarray) -> np.ndarray:
    values = samples / np.iinfo(samples.dtype).max
    return values if values.ndim == 2 else values[..., :3] @ [0.2125, 0.7154, 0.0721]


def even(picture: np.ndarray) -> np.ndarray:
    return picture[: picture.shape[0] // STRIDE * STRIDE, : picture.shape[1] // STRIDE * STRIDE]


def pictures(folder: Path | None) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the training and the quoted pictures."""
    if folder is None:
        return [even(bundled(n)) for n in TRAINING], [even(bundled(n)) for n in QUOTED]
    from skimage import io

    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".png", ".tif", ".jpg"))
    return [even(bundled(n)) for n in (*TRAINING, *QUOTED)], [even(gray(io.imread(path))) for path in files]


def psnr(image: np.ndarray, sharp: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((image - sharp) ** 2)))


def shrunk(picture: np.ndarray) -> np.ndarray:
    rows, columns = (n // STRIDE for n in picture.shape)
    return picture.reshape(rows, STRIDE, columns, STRIDE).mean(axis=(1, 3))


def enlarging(training: list[np.ndarray], quoted: list[np.ndarray], sizes: list[int], steps: int) -> None:
    pairs = [(shrunk(f), f) for f in training]
    tests = [(shrunk(f), f) for f in quoted]
    print("enlarging by 2 from 2 x 2 means     PSNR, dB    training    phase sums")
    for name in ("nearest", "bilinear", "cubic"):
        score = np.mean([psnr(upsample.interpolate(x[None], STRIDE, kernel=name)[0], y) for x, y in tests])
        print(f"  {name:30s}{score:12.2f}")
    for size in sizes:
        for how, learned in (
            ("mirrored", upsample.learn_kernel(pairs, stride=STRIDE, size=size, symmetric=True)),
            ("as they are", upsample.learn_kernel(pairs, stride=STRIDE, size=size)),
            (f"{steps} steps", upsample.descend_kernel(pairs, stride=STRIDE, size=size, steps=steps, rng=0)),
        ):
            score = np.mean([psnr(learned(x[None])[0], y) for x, y in tests])
            sums = upsample.checkerboard(learned.weight, STRIDE).phase_sums
            training_psnr = -10 * np.log10(learned.training_error)
            row = f"  {f'learned, {size} x {size}, {how}':30s}{score:12.2f}{training_psnr:12.2f}"
            print(f"{row}    {sums.min():.4f} to {sums.max():.4f}")


def observed(sharp: np.ndarray, psf: np.ndarray, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the frame of the blurred picture that saw only true samples, and the sharp one there."""
    blurred = restore.degrade(sharp, psf, noise_sigma=noise, rng=seed, boundary="valid")
    rim = [k // 2 for k in psf.shape]
    return blurred, sharp[tuple(slice(r, r + n) for r, n in zip(rim, blurred.shape, strict=True))]


def mean_spectrum(training: list[np.ndarray]) -> np.ndarray:
    """Return the mean periodogram of windowed patches, per sample."""
    line = np.hanning(PATCH + 2)[1:-1]
    window = np.outer(line, line)
    total, count = np.zeros((PATCH, PATCH)), 0
    for f in training:
        for i in range(0, f.shape[0] - PATCH + 1, PATCH // 2):
            for j in range(0, f.shape[1] - PATCH + 1, PATCH // 2):
                patch = f[i : i + PATCH, j : j + PATCH]
                total += np.abs(np.fft.fft2(window * (patch - patch.mean()))) ** 2 / (window**2).sum()
                count += 1
    return total / count


def wiener_of_the_mean(training: list[np.ndarray], psf: np.ndarray, noise: float) -> np.ndarray:
    """Return the filter as the weight of a layer."""
    otf = np.fft.fft2(np.fft.ifftshift(embedded(psf)))
    response = np.conj(otf) / (np.abs(otf) ** 2 + noise**2 / mean_spectrum(training))
    response[0, 0] = 1  # patches lost their mean
    return np.fft.fftshift(np.fft.ifft2(response).real)


def embedded(psf: np.ndarray) -> np.ndarray:
    plane = np.zeros((PATCH, PATCH))
    plane[tuple(slice(PATCH // 2 - k // 2, PATCH // 2 - k // 2 + k) for k in psf.shape)] = psf
    return plane


def filtered(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the convolution, the edge repeated; the centre of the kernel at size // 2."""
    from scipy import signal

    edges = [(k - 1 - k // 2, k // 2) for k in kernel.shape]
    return signal.fftconvolve(np.pad(image, edges, mode="edge"), kernel, "valid")


def restoring(
    training: list[np.ndarray], quoted: list[np.ndarray], sizes: list[int], options: argparse.Namespace
) -> None:
    psf = restore.psf.gaussian(options.sigma)
    pairs = [observed(f, psf, options.noise, seed) for seed, f in enumerate(training)]
    tests = [observed(f, psf, options.noise, 1000 + seed) for seed, f in enumerate(quoted)]
    filter_kernel = wiener_of_the_mean(training, psf, options.noise)
    rows = {
        "blurred": lambda g: g,
        "transpose C'g": lambda g: restore.blur(g, psf[::-1, ::-1], boundary="edge"),
        "Wiener of the mean spectrum": lambda g: filtered(g, filter_kernel),
        "automatic Wiener": lambda g: restore.wiener(g, psf),
    }
    for size in sizes:
        layer = upsample.learn_kernel(pairs, stride=1, size=size)
        rows[f"learned, {size} x {size}"] = lambda g, layer=layer: layer(g[None])[0]
    print(f"restoring, Gaussian {options.sigma:g} px, noise {options.noise:g}     PSNR, dB")
    for name, apply in rows.items():
        print(f"  {name:30s}{np.mean([psnr(apply(g), f) for g, f in tests]):12.2f}")


def timing() -> None:
    """30 pictures of 0.15 megapixels, size 8 at stride 2: processor time to learn, over that to apply."""
    rng = np.random.default_rng(0)
    large = [rng.random((320, 480)) for _ in range(30)]
    pairs = [(shrunk(f), f) for f in large]
    started = time.process_time()
    learned = upsample.learn_kernel(pairs, stride=STRIDE, size=8)
    learning = time.process_time() - started
    started = time.process_time()
    for x, _ in pairs:
        learned(x[None])
    applying = time.process_time() - started
    print(
        f"30 pictures of 320 x 480, 8 x 8 taps, stride 2: learning {learning:.2f} s, applying {applying:.2f} s,",
        end=" ",
    )
    print(f"ratio {learning / applying:.1f} (processor time)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="quote the pictures of this folder")
    parser.add_argument("--sigma", type=float, default=1.5, help="width of the Gaussian (1.5)")
    parser.add_argument("--noise", type=float, default=0.01, help="noise sigma (0.01)")
    parser.add_argument("--steps", type=int, default=2000, help="steps of the descent (2000)")
    options = parser.parse_args()
    training, quoted = pictures(options.folder)
    print(f"{len(training)} pictures to train on, {len(quoted)} quoted")
    enlarging(training, quoted, [4, 6, 8, 12], options.steps)
    restoring(training, quoted, [5, 9, 13, 17], options)
    timing()


if __name__ == "__main__":
    main()
