"""Stored codes or light: how often is what was blurred told from a file?

Pictures (scikit-image's, and those of a folder), families and sizes of the blur, noise, PNG or JPEG are drawn; every
other one is blurred in its codes, the others in the light that they stand for. Their PSF is given. With --cameras,
files of cameras drawn as in `random_cameras.py` come too, whose light was blurred. For each kind: the share told
rightly, and the mean gain of the default over the file, in PSNR of the codes, in the light that is told, always in
light, and always in the right one.
"""

from __future__ import annotations

import argparse
import io
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import random_cameras

import restore
from deconv.pictures import linear_to_srgb, srgb_to_linear
from restore.blur_identification.tone_curve import votes_for_codes
from restore.metrics import psnr

NAMES = ("astronaut", "coffee", "chelsea", "rocket", "camera", "moon", "coins", "page", "text")
NOISES, FORMATS = (0.001, 0.003, 0.01, 0.02), (None, None, 95, 85)
EDGE, RIM = 340, 40
#: Cameras from this number on: those before are the cases of `random_cameras.py`.
FIRST_CAMERA = 1000


@dataclass(frozen=True, eq=False)
class Case:
    """Codes as a file holds them, 0..1, and what is known of them."""

    kind: str
    blurred: str  # "codes" or "light"
    codes: np.ndarray
    sharp: np.ndarray  # the codes of the sharp picture
    psf: np.ndarray

    @property
    def channel_axis(self) -> int | None:
        """Return the axis of the colours."""
        return -1 if self.codes.ndim == 3 else None


def drawn_psf(rng: np.random.Generator) -> np.ndarray:
    family = rng.integers(3)
    if family == 0:
        return restore.psf.gaussian(rng.uniform(1, 4))
    return (
        restore.psf.disk(rng.uniform(1.5, 8))
        if family == 1
        else restore.psf.motion(rng.uniform(5, 25), rng.uniform(0, 180))
    )


def drawn(number: int, seed: int, paths: list[Path]) -> Case:
    rng = np.random.default_rng((seed, number))
    which = int(rng.integers(len(paths) + len(NAMES)))
    stored = np.asarray(Image.open(paths[which])) if which < len(paths) else getattr(data, NAMES[which - len(paths)])()
    stored = stored[..., :3] if stored.ndim == 3 else stored
    row, column = (int(rng.integers(max(1, n - EDGE - RIM))) for n in stored.shape[:2])
    sharp = stored[row : row + EDGE + RIM, column : column + EDGE + RIM] / 255.0
    psf, noise, quality = drawn_psf(rng), float(rng.choice(NOISES)), FORMATS[rng.integers(len(FORMATS))]
    blurred = ("light", "codes")[number % 2]
    axis = -1 if sharp.ndim == 3 else None
    scene = srgb_to_linear(sharp) if blurred == "light" else sharp
    seen = restore.degrade(scene, psf, noise_sigma=noise, rng=rng, boundary="valid", channel_axis=axis).clip(0, 1)
    samples = np.rint(255 * (linear_to_srgb(seen) if blurred == "light" else seen)).astype(np.uint8)
    if quality is not None:
        file = io.BytesIO()
        Image.fromarray(samples).save(file, "JPEG", quality=quality)
        samples = np.asarray(Image.open(file))
    inside = tuple(slice(k // 2, n - k // 2) for n, k in zip(sharp.shape, psf.shape, strict=False))
    kind = f"{blurred}, {'PNG' if quality is None else 'JPEG'}"
    return Case(kind, blurred, samples / np.float32(255), sharp[inside], psf)


def of_cameras(count: int, folder: Path | None) -> Iterator[Case]:
    scenes = random_cameras.scenes_of(folder)
    for number in range(FIRST_CAMERA, FIRST_CAMERA + count):
        case = random_cameras.drawn(number, scenes)
        if case.camera.encoded:
            codes, sharp = case.file.picture.samples / np.float32(255), linear_to_srgb(case.sharp)
            yield Case("light, camera", "light", codes, sharp, case.kernel.psf)


def restored(case: Case, light: str) -> float:
    """Return the PSNR of the default in one light."""
    decode, encode = (srgb_to_linear, linear_to_srgb) if light == "light" else (np.asarray, np.asarray)
    image = restore.deconvolve(decode(case.codes), case.psf, channel_axis=case.channel_axis).image
    return psnr(encode(image.clip(0, 1)), case.sharp, data_range=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="a folder of PNGs of 380 pixels or more along each side")
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--cameras", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    paths = sorted(arguments.folder.glob("*.png")) if arguments.folder else []
    cases = [drawn(number, arguments.seed, paths) for number in range(arguments.count)]
    if arguments.cameras:
        cases += of_cameras(arguments.cameras, arguments.folder)
    rows = defaultdict(list)
    for case in cases:
        votes = votes_for_codes(case.codes, srgb_to_linear, case.psf)
        told = "codes" if votes.are_for_codes else "light"
        before, results = psnr(case.codes, case.sharp, data_range=1), {n: restored(case, n) for n in ("codes", "light")}
        gains = [results[light] - before for light in (told, "light", case.blurred)]
        rows[case.kind].append([told == case.blurred, votes.are_doubtful, *gains])
    print(f"{'blurred':16s} count  right  doubted | gain as told  in light  in the right one")
    for kind, values in sorted(rows.items()):
        right, doubted, told, light, best = np.mean(values, axis=0)
        print(f"{kind:16s} {len(values):5d} {right:6.3f} {doubted:8.3f} | {told:12.2f} {light:9.2f} {best:17.2f}")


if __name__ == "__main__":
    main()
