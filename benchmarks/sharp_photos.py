"""Photographs of a folder that are sharp: how many are called blurred, as they are, and what is found once they are?

For every file: what the default says of its blur (a family), what `--psf blind` says, and, reduced, mirrored and shaken
along a random path with noise and JPEG, how sure that is of its kernel and how much alike the true one it is (largest
normalised correlation). Any folder of photographs will do that nobody tuned on; --seed draws other sizes and paths.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage, signal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from deconv.pictures import linear_to_srgb, srgb_to_linear
from restore.blur_identification.shake.kernel_shape import likeness

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp")
#: Pixels of the longer side beyond which a photograph is reduced before it is shaken, and of the shortest side.
LONGEST, SHORTEST = 1200, 200
#: Lengths of the paths in pixels, the noise in light, and the qualities of the JPEG.
LENGTHS, NOISES, QUALITIES = (8, 40), (0.001, 0.004), (88, 94)


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def codes(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float64) / 255


def path_of(rng: np.random.Generator, length: float) -> np.ndarray:
    """Return a smooth random walk, drawn with light that is even in time."""
    steps = ndimage.gaussian_filter1d(rng.normal(size=(400, 2)), rng.uniform(15, 60), axis=0)
    places = np.cumsum(steps, axis=0)
    places *= length / np.ptp(places, axis=0).max()
    places -= places.mean(axis=0)
    reach = int(np.abs(places).max()) + 3
    edges = np.arange(-reach, reach + 2) - 0.5
    drawn = np.histogramdd(places, bins=(edges, edges))[0]
    kernel = ndimage.gaussian_filter(drawn, 0.6)
    return np.asarray(kernel / kernel.sum())


def shaken(image: Image.Image, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a smaller mirrored copy, shaken in light and stored as JPEG, and the kernel."""
    scale = min(rng.uniform(0.55, 0.9), LONGEST / max(image.size))
    if min(image.size) * scale < SHORTEST:
        scale = 1.0
    smaller = ImageOps.mirror(image.resize([round(n * scale) for n in image.size], Image.Resampling.LANCZOS))
    low, high = np.log(LENGTHS)
    kernel = path_of(rng, min(float(np.exp(rng.uniform(low, high))), min(smaller.size) / 6))
    light = srgb_to_linear(codes(smaller))
    blurred = np.stack([signal.fftconvolve(light[..., c], kernel, mode="valid") for c in range(3)], axis=-1)
    blurred += rng.normal(0, rng.choice(NOISES), blurred.shape)
    file = io.BytesIO()
    stored = np.rint(255 * linear_to_srgb(blurred.clip(0, 1))).astype(np.uint8)
    Image.fromarray(stored).save(file, "JPEG", quality=int(rng.choice(QUALITIES)))
    return codes(Image.open(file)), kernel


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=900)
    arguments = parser.parse_args()
    sharp, families, alike = [], [], []
    for number, path in enumerate(p for p in sorted(arguments.folder.iterdir()) if p.suffix.lower() in SUFFIXES):
        image = opened(path)
        if min(image.size) < SHORTEST:
            continue
        picture = codes(image)
        family = restore.estimate_psf(srgb_to_linear(picture), channel_axis=-1)
        blind = restore.estimate_kernel(picture, channel_axis=-1)
        blurred, kernel = shaken(image, np.random.default_rng((arguments.seed, number)))
        found = restore.estimate_kernel(blurred, channel_axis=-1)
        families.append(family.confidence)
        sharp.append(blind.confidence)
        alike.append((found.confidence, likeness(found.psf, kernel)))
        said = "" if family.confidence == "none" else family.verdict[:50]
        print(
            f"{path.name[:32]:32s} family {family.confidence:9s} blind {blind.confidence:9s}"
            f" shaken {found.confidence:9s} alike {alike[-1][1]:.2f}  {said}",
            flush=True,
        )
    for name, words in (("family", families), ("blind", sharp)):
        print(f"sharp, {name}: " + ", ".join(f"{words.count(w)} {w}" for w in ("confident", "weak", "none")))
    for word in ("confident", "weak", "none"):
        some = [a for w, a in alike if w == word]
        if some:
            print(
                f"shaken, {word}: {len(some)}, alike {np.median(some):.2f}, {sum(a >= 0.84 for a in some)} from 0.84 on"
            )


if __name__ == "__main__":
    main()
