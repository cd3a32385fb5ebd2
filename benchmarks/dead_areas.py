"""Areas without a picture: how far from them a restoration differs from the one without them.

Cases are drawn: a picture (scikit-image's, and those of --pictures), a blur, a noise, an area (bars on one side, two
or all four, round corners, a painted box, a slanted frame) of black, gray or white, as uint8, uint16, float32 or JPEG,
with a mask and without. Every method restores the frame cut from the blurred picture, and the same with the area put
over it. What is compared is the error against the sharp picture, farther from the area than the blur is wide: its root
mean square with the area over that without it, 1.05 at most. The rms of the difference of both restorations, over that
of the restoration about its mean, is printed beside it.
"""

from __future__ import annotations

import argparse
import collections
import io
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage import data

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from restore.noise.jpeg_rounding import rounding_variance

METHODS = ("wiener", "cls", "auto", "hyper_laplacian", "total_variation", "nonlocal", "richardson_lucy")
DEPTHS = ("uint8", "uint16", "float32", "jpeg90", "jpeg95")
BLURS = {
    "disk 3": restore.psf.disk(3),
    "gaussian 2": restore.psf.gaussian(2),
    "motion 11": restore.psf.motion(11, 30),
    "disk 5": restore.psf.disk(5),
}
NARROW = {
    "gaussian 0.8": restore.psf.gaussian(0.8),
    "gaussian 1": restore.psf.gaussian(1),
    "gaussian 1.3": restore.psf.gaussian(1.3),
    "disk 1.5": restore.psf.disk(1.5),
    "disk 2": restore.psf.disk(2),
    "motion 5": restore.psf.motion(5, 30),
}
NOISES = (0.02, 0.01, 0.003)
LEVELS = {"black": 0.0, "gray": 0.5, "white": 1.0}
WIDTHS = (4, 6, 8, 11, 16, 24)
SIZE = 224


@dataclass(frozen=True)
class Case:
    """What is restored."""

    picture: str
    blur: str
    noise: float
    area: str
    width: int
    level: str
    depth: str
    masked: bool


def pictures(folder: Path | None) -> dict[str, Callable[[], np.ndarray]]:
    """Return what reads a picture of the light 0..1, once, by its name."""
    names = ("camera", "astronaut", "moon", "coffee", "coins")
    found: dict[str, Callable[[], np.ndarray]] = {name: lambda n=name: gray(getattr(data, n)()) for name in names}
    for path in sorted(folder.glob("*.png")) if folder else ():
        found[path.stem] = lambda p=path: gray(np.asarray(Image.open(p)))
    return {name: cache(read) for name, read in found.items()}


def gray(samples: np.ndarray) -> np.ndarray:
    """Return a picture in gray, 0..1."""
    colours = samples / 255.0
    return colours if colours.ndim == 2 else colours[..., :3] @ np.array([0.299, 0.587, 0.114])


def area(name: str, width: int) -> np.ndarray:
    """Return where there is no picture."""
    y, x = np.indices((SIZE, SIZE))
    top, left = y < width, x < width
    centre = (SIZE - 1) / 2
    return {
        "top": top,
        "left": left,
        "letterbox": top | top[::-1],
        "pillars": left | left[:, ::-1],
        "frame": top | top[::-1] | left | left[:, ::-1],
        "round": (y - centre) ** 2 + (x - centre) ** 2 > (SIZE / 2 + 8 - width) ** 2,
        "box": (abs(y - 70) < 1.5 * width) & (abs(x - 100) < 2 * width),
        "slanted": abs(y - centre + (x - centre) / 8) > SIZE / 2 - width,
    }[name]


AREAS = ("top", "left", "letterbox", "pillars", "frame", "round", "box", "slanted")


def draw(
    rng: np.random.Generator, names: list[str], widths: Sequence[int] = WIDTHS, blurs: Iterable[str] = BLURS
) -> Case:
    """Return a case at random."""

    def index(count: int) -> int:
        return int(rng.integers(count))

    return Case(
        picture=names[index(len(names))],
        blur=list(blurs)[index(len(list(blurs)))],
        noise=NOISES[index(len(NOISES))],
        area=AREAS[index(len(AREAS))],
        width=widths[index(len(widths))],
        level=list(LEVELS)[index(len(LEVELS))],
        depth=DEPTHS[index(len(DEPTHS))],
        masked=index(2) == 1,
    )


def stored(picture: np.ndarray, depth: str) -> tuple[np.ndarray, Callable[[np.ndarray | None], float] | float]:
    """Return a picture as a file gives it back, and what reads the variance of a JPEG's rounding off it."""
    if depth == "float32":
        return picture.astype(np.float32), 0.0
    if not depth.startswith("jpeg"):
        top = np.iinfo(depth).max
        return (np.rint(top * np.clip(picture, 0, 1)) / top).astype(np.float32), 0.0
    file = io.BytesIO()
    Image.fromarray(np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)).save(file, "JPEG", quality=int(depth[4:]))
    with Image.open(file) as image:
        samples, table = np.asarray(image, np.float32) / 255, np.array(vars(image)["quantization"][0]).reshape(8, 8)
    return samples, partial(rounding_variance, samples, table, None)


def measured(case: Case, scene: np.ndarray, methods: list[str]) -> Iterator[tuple[str, float, float]]:
    """Yield the method, the ratio of the errors, and the relative difference."""
    h = (BLURS | NARROW)[case.blur]
    rim = [size // 2 for size in h.shape]
    rows, columns = (slice(40 - r, 40 + SIZE + r) for r in rim)
    sharp = scene[40 : 40 + SIZE, 40 : 40 + SIZE]
    observed = restore.degrade(scene[rows, columns], h, noise_sigma=case.noise, rng=0, boundary="valid")
    dead = area(case.area, case.width)
    far = ndimage.distance_transform_edt(~dead) > max(10, *h.shape)
    white = 1.0 if case.level == "white" and case.depth != "float32" else None
    with_area = np.where(dead, LEVELS[case.level], observed)
    mask = dead if case.masked else None
    plain, plain_var = stored(observed, case.depth)
    covered, covered_var = stored(with_area, case.depth)
    for method in methods:
        without = restore.deconvolve(plain, h, method=method, extra_noise_var=plain_var, white_level=white)
        found = restore.deconvolve(covered, h, method=method, extra_noise_var=covered_var, white_level=white, mask=mask)
        errors = [np.sqrt(np.mean((image - sharp)[far] ** 2)) for image in (found.image, without.image)]
        differs = np.sqrt(np.mean((found.image - without.image)[far] ** 2)) / np.std(without.image[far])
        yield method, float(errors[0] / errors[1]), float(differs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, help="a folder of PNGs of 290 pixels or more along each side")
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--widths", nargs="+", type=int, default=WIDTHS, help="of bars and rims, up to 86 samples")
    parser.add_argument("--narrow", action="store_true", help="blurs that leave hard edges themselves")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", restore.StrengthWarning)
    rng, sources = np.random.default_rng(arguments.seed), pictures(arguments.pictures)
    ratios, differences = collections.defaultdict(list), collections.defaultdict(list)
    for number in range(arguments.cases):
        case = draw(rng, list(sources), arguments.widths, NARROW if arguments.narrow else BLURS)
        for method, ratio, differs in measured(case, sources[case.picture](), arguments.methods):
            ratios[method].append(ratio)
            differences[method].append(differs)
            if ratio > 1.05:
                print(f"{number:4d} {method:16s} {ratio:.3f} {differs:.3f}  {case}", flush=True)
    print(f"{'method':16s} median   95 %    max  above 1.05 | difference: median  max")
    for method in arguments.methods:
        values, other = np.array(ratios[method]), np.array(differences[method])
        print(
            f"{method:16s} {np.median(values):6.3f} {np.quantile(values, 0.95):6.3f} {values.max():6.3f}"
            f"  {np.count_nonzero(values > 1.05):3d} of {values.size:<5d}| {np.median(other):6.3f} {other.max():6.3f}"
        )


if __name__ == "__main__":
    main()
