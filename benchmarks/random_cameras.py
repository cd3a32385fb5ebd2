"""Files of cameras that nobody chose: how often is the default better than the file, and does it say so where not?

Everything is drawn: the picture (of scikit-image, and of a folder), family and size of the blur, from hardly any to
wide, the sensor's noise, demosaicing, denoising, sharpening, scale, JPEG, and the size of the frame. The program's own
steps read and restore the file, its PSF given ("right"), its family named, nothing said ("auto"), or a PSF of one and a
half to four times its size ("wide"). A case is drawn by
its number alone, so that two versions can be compared case by case (--json).

PSNR is that of linear light clipped to 0..1. "announced" are the results below the file that came with a doubt, "weak"
those others whose PSF was said to be weak, "alarms" is the share of the better results that came with a doubt.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from camera_chain import SUBSAMPLINGS, Camera, exposed, photographed, write
from camera_files import as_the_program, estimated, psnr
from restoration_quality import QUOTED, TUNING, pictures

from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture, read_light
from deconv.pictures import srgb_to_linear
from deconv.settings import Reading
from restore.psf.family import FAMILIES

#: Added to the number of a case.
SEED = 1000
SAID = ("right", "named", "auto", "wide")


@dataclass(frozen=True)
class Score:
    """What became of one case with one word on its PSF."""

    number: int
    picture: str
    psf: str
    camera: str
    said: str
    found: str
    before: float
    after: float
    doubts: tuple[str, ...]

    @property
    def gain(self) -> float:
        """Return the gain over the file."""
        return self.after - self.before


@dataclass(frozen=True, eq=False)
class Case:
    """A file as it was read, its sharp picture and its true PSF."""

    number: int
    picture: str
    kernel: Kernel
    camera: Camera
    file: LightPicture
    sharp: np.ndarray


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def drawn_kernel(rng: np.random.Generator) -> Kernel:
    sizes: dict[str, Callable[[], dict[str, float]]] = {
        "gaussian": lambda: {"sigma": round(log_uniform(rng, 0.7, 3), 2)},
        "disk": lambda: {"radius": round(log_uniform(rng, 1.2, 8), 2)},
        "motion": lambda: {"length": round(log_uniform(rng, 4, 25), 1), "angle": float(round(rng.uniform(0, 180)))},
    }
    family = str(rng.choice(list(sizes)))
    parameters = sizes[family]()
    return Kernel(psf=FAMILIES[family].draw(**parameters), family=family, parameters=parameters)


def drawn_camera(rng: np.random.Generator) -> Camera:
    is_encoded = rng.random() < 0.92
    return Camera(
        electrons=None if rng.random() < 0.12 else float(round(log_uniform(rng, 400, 12000))),
        noise_sigma=round(log_uniform(rng, 0.002, 0.02), 4),
        demosaicing=chosen(rng, {None: 0.1, "bilinear": 0.35, "malvar": 0.35, "half": 0.2}),
        denoising=chosen(rng, {None: 0.7, "median": 0.1, "bilateral": 0.2}),
        sharpening=None if rng.random() < 0.35 else (round(rng.uniform(0.2, 1.1), 2), round(rng.uniform(0.6, 1.6), 2)),
        sharpen_in=str(rng.choice(["encoded", "light"])),
        scale=float(rng.choice([1, 0.5, 0.7, 1.5], p=[0.65, 0.12, 0.12, 0.11])),
        encoded=is_encoded,
        quality=None if not is_encoded or rng.random() < 0.25 else int(rng.choice([75, 85, 90, 92, 95, 97])),
        subsampling=str(rng.choice(list(SUBSAMPLINGS))),
    )


def widened(case: Case) -> Kernel:
    """Return the kernel at one and a half to four times its size, angles as they are."""
    rng, family = np.random.default_rng((SEED, case.number)), str(case.kernel.family)
    factor = log_uniform(rng, 1.5, 4)
    parameters = {name: v if name == "angle" else round(factor * v, 2) for name, v in case.kernel.parameters.items()}
    return Kernel(psf=FAMILIES[family].draw(**parameters), family=family, parameters=parameters)


def chosen(rng: np.random.Generator, shares: dict[str | None, float]) -> str | None:
    return list(shares)[rng.choice(len(shares), p=list(shares.values()))]


def drawn(number: int, scenes: list[tuple[str, np.ndarray]]) -> Case:
    rng = np.random.default_rng(SEED + number)
    name, picture = scenes[rng.integers(len(scenes))]
    kernel, camera, edge = drawn_kernel(rng), drawn_camera(rng), int(rng.choice([200, 256, 320, 400]))
    light, sharp = exposed(srgb_to_linear(picture), kernel.psf, edge)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"frame{camera.suffix}"
        write(path, photographed(light, camera, rng), camera)
        file = read_light(str(path), Reading(axes=None if camera.encoded else "YXC"))
    return Case(number, name, kernel, camera, file, sharp)


def scored(case: Case, said: str) -> Score | None:
    """Return the score; none where the program sees no blur."""
    try:
        words = {"named": str(case.kernel.family), "auto": "auto"}
        given = {"right": lambda: case.kernel, "wide": lambda: widened(case)}
        kernel = given[said]() if said in given else estimated(case.file, words[said])
    except UsageError:
        return None
    result = as_the_program(case.file, kernel, "auto")
    return Score(
        number=case.number,
        picture=case.picture,
        psf=f"{case.kernel.family} {' '.join(f'{v:g}' for v in case.kernel.parameters.values())}",
        camera=str(case.camera),
        said=said,
        found="" if said == "right" else kernel.describe(),
        before=psnr(case.file.image, case.sharp),
        after=psnr(result.image, case.sharp),
        doubts=result.doubts,
    )


def report(scores: list[Score], refused: dict[str, int]) -> None:
    print(f"\n{'PSF':6s} {'cases':>5s} {'refused':>7s} {'gain':>6s} {'median':>6s} {'below':>5s} {'by':>6s}", end=" ")
    print(f"{'announced':>9s} {'weak':>4s} {'alarms':>6s}")
    for said in dict.fromkeys(score.said for score in scores):
        some = [score for score in scores if score.said == said]
        gains = [score.gain for score in some]
        below = [score for score in some if score.gain < 0]
        announced = sum(bool(score.doubts) for score in below)
        weak = sum("weak" in score.found and not score.doubts for score in below)
        alarms = np.mean([bool(score.doubts) for score in some if score.gain >= 0])
        print(
            f"{said:6s} {len(some):5d} {refused[said]:7d} {np.mean(gains):+6.2f} {np.median(gains):+6.2f}"
            f" {len(below):5d} {min(gains):+6.2f} {announced:9d} {weak:4d} {alarms:6.0%}"
        )


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="more sharp colour pictures")
    parser.add_argument("--cases", type=int, default=150, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first case")
    parser.add_argument("--said", nargs="+", choices=SAID, default=list(SAID[:3]), help="of the PSF")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every case")
    return parser.parse_args()


def scenes_of(folder: Path | None) -> list[tuple[str, np.ndarray]]:
    sources: list[tuple[list[str], Path | None]] = [(TUNING, None), (QUOTED, None)]
    sources[:0] = [(QUOTED, folder)] if folder else []
    return [scene for names, place in sources for scene in pictures(names, place, colour=True)]


def main() -> None:
    arguments, started = parsed(), time.perf_counter()
    scenes, scores, refused = scenes_of(arguments.folder), [], dict.fromkeys(SAID, 0)
    for number in range(arguments.first, arguments.first + arguments.cases):
        case = drawn(number, scenes)
        for said in arguments.said:
            score = scored(case, said)
            if score is None:
                refused[said] += 1
                continue
            scores.append(score)
            if score.gain < 0:
                print(
                    number, said, score.picture, score.psf, score.found, f"{score.gain:+.2f}", *score.doubts, flush=True
                )
    report(scores, refused)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(score) for score in scores], indent=1), "utf-8")
    print(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
