"""Automatic restoration of what a camera writes: is the result better than the file, and how far from the best one?

Sharp pictures are decoded to light and blurred beyond the frame (valid convolution); a simulated camera
(camera_chain.py) makes a file of the light, and the program's own steps read and restore it: light, clipped samples,
the variance of a JPEG. The PSF is given, or with --estimate found in the file as `--psf FAMILY` does. Every part of the
camera can be replaced in all kinds at once, for example `--electrons 600` for a night.

PSNR is that of linear light clipped to 0..1, over the whole frame. "oracle" is the method at the one strength that the
sharp picture likes best, by steps of 10^(1/4) from the automatic one; a method whose automatic result is more than one
number, such as "wiener" with its fitted spectrum, can pass it. "announced" are the results below the input that came
with a doubt, "alarms" is the share of the others that did.

Constants of the program were tuned on the pictures of --split tuning; those of a folder are all quoted.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from camera_chain import KINDS, SUBSAMPLINGS, Camera, enlarged, exposed, photographed, write
from restoration_quality import QUOTED, TUNING, pictures

from deconv.deblur.request import DeblurRequest, Judging, MethodChoice
from deconv.deblur.restoration import Restored, restored
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.linear_light import LightPicture, read_light
from deconv.inputs.masks import hidden_samples
from deconv.inputs.psf import estimated_kernel
from deconv.pictures import srgb_to_linear
from deconv.settings import Destination, PSFChoice, Reading, Reporting, UnknownSamples
from restore.methods.method import METHODS
from restore.observation.observation import observe
from restore.operators.progress import silent
from restore.psf.family import FAMILIES

PSFS = {
    "disk 2.2": Kernel(psf=FAMILIES["disk"].draw(radius=2.2), family="disk"),
    "disk 4.3": Kernel(psf=FAMILIES["disk"].draw(radius=4.3), family="disk"),
    "motion 15@25": Kernel(psf=FAMILIES["motion"].draw(length=15, angle=25), family="motion"),
    "motion 13@172": Kernel(psf=FAMILIES["motion"].draw(length=13, angle=172), family="motion"),
    "gaussian 1.3": Kernel(psf=FAMILIES["gaussian"].draw(sigma=1.3), family="gaussian"),
    "gaussian 2": Kernel(psf=FAMILIES["gaussian"].draw(sigma=2), family="gaussian"),
    "disk 11": Kernel(psf=FAMILIES["disk"].draw(radius=11), family="disk"),
}
USUAL = {
    "edge": 256,
    "kinds": list(KINDS),
    "methods": ["auto", "wiener", "hyper_laplacian", "total_variation"],
    "psfs": [name for name in PSFS if name != "disk 11"],
    "count": None,
}
QUICK = {
    "edge": 160,
    "kinds": ["white", "bayer", "camera"],
    "methods": ["auto", "wiener"],
    "psfs": ["disk 4.3", "gaussian 2"],
    "count": 1,
}
#: A picture of 12 megapixels.
LARGE = {"edge": 4000, "kinds": ["camera"], "psfs": ["disk 11"], "count": 1}
#: Step of the search for the best strength, how many steps downwards end it, and the most iterations that are tried.
STEP = 10**0.25
PATIENCE = 2
MOST_ITERATIONS = 1000


@dataclass(frozen=True, eq=False)
class Task:
    """A case to measure: a scene in linear light, its blur, and what the camera does."""

    name: str
    scene: np.ndarray
    psf: str
    kind: str
    camera: Camera
    edge: int
    methods: tuple[str, ...]
    estimate: bool
    oracle: bool

    @property
    def rng(self) -> np.random.Generator:
        """Return the same draws for the same case, whatever else is measured."""
        return np.random.default_rng(zlib.crc32(f"{self.name} {self.psf} {self.kind}".encode()))


@dataclass(frozen=True)
class Score:
    """PSNR of one method in one case; the strengths are the automatic and the best one."""

    kind: str
    psf: str
    name: str
    method: str
    before: float
    automatic: float
    oracle: float
    strengths: tuple[float, float]
    kernel: str
    doubts: tuple[str, ...]

    @property
    def gain(self) -> float:
        """Return the gain over the input."""
        return self.automatic - self.before


def psnr(image: np.ndarray, sharp: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((np.clip(image, 0, 1).astype(float) - sharp) ** 2)))


def measured(task: Task) -> list[Score]:
    """Return the scores of all methods; none where the program sees no blur to estimate."""
    light, sharp = exposed(task.scene, PSFS[task.psf].psf, task.edge)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"frame{task.camera.suffix}"
        write(path, photographed(light, task.camera, task.rng), task.camera)
        file = read_light(str(path), Reading(axes=None if task.camera.encoded else "YXC"))
    try:
        kernel = estimated(file, PSFS[task.psf].family) if task.estimate else PSFS[task.psf]
    except UsageError:
        return []
    return [scored(task, file, sharp, kernel, method) for method in task.methods]


def estimated(file: LightPicture, family: str) -> Kernel:
    return estimated_kernel(PSFChoice(psf=family, parameters={}), file, Reporting(quiet=True))


def scored(task: Task, file: LightPicture, sharp: np.ndarray, kernel: Kernel, method: str) -> Score:
    result = as_the_program(file, kernel, method)
    automatic = psnr(result.image, sharp)
    top, strength = np.nan, np.nan
    if task.oracle and METHODS[result.first.method].strength is not None:
        top, strength = oracle(file, kernel, result, sharp)
    return Score(
        kind=task.kind,
        psf=task.psf,
        name=task.name,
        method=method,
        before=psnr(file.image, sharp),
        automatic=automatic,
        oracle=top,
        strengths=(result.first.parameter, strength),
        kernel=kernel.describe() if task.estimate else "",
        doubts=result.doubts,
    )


def as_the_program(file: LightPicture, kernel: Kernel, method: str) -> Restored:
    """Restore as `deblur --method METHOD` does, or without that option for "auto"."""
    request = DeblurRequest(
        inputs=(),
        reading=Reading(),
        psf=PSFChoice(psf=None, parameters={}),
        method=MethodChoice(name=None if method == "auto" else method, arguments={}),
        unknown=UnknownSamples(),
        judging=Judging(),
        destination=Destination(),
        reporting=Reporting(quiet=True),
    )
    return restored(request, file, kernel, hidden_samples(request.unknown, file))


def oracle(file: LightPicture, kernel: Kernel, result: Restored, sharp: np.ndarray) -> tuple[float, float]:
    """Return the best PSNR over strengths, and where it lies; the data and the mask are those of the result."""
    record, settings = METHODS[result.first.method], result.settings
    observation = observe(
        file.image, kernel.psf, settings["boundary"], file.channel_axis, result.mask, settings["extra_noise_var"]
    )

    def score(strength: float) -> float:
        own = record.settings(**{record.strength.argument: strength})
        return psnr(record.solve(observation, own, silent).image, sharp)

    start = result.first.parameter
    if record.strength.argument == "noise_var":  # the parameter is a standard deviation
        return climbed(lambda sigma: score(sigma**2), start)
    if record.strength.is_count:
        top, count = climbed(lambda count: score(iterations(count)), start)
        return top, iterations(count)
    return climbed(score, start)


def iterations(count: float) -> int:
    return min(max(round(count), 1), MOST_ITERATIONS)


def climbed(score: Callable[[float], float], start: float) -> tuple[float, float]:
    """Climb to larger and to smaller strengths, until the score has fallen for some steps on both sides."""
    scores = {start: score(start)}
    for step in (STEP, 1 / STEP):
        strength, falls, before = start, 0, scores[start]
        while falls < PATIENCE:
            strength *= step
            scores[strength] = now = score(strength)
            falls, before = (0 if now > before else falls + 1), now
    top = max(scores, key=scores.__getitem__)
    return scores[top], top


def tasks_of(arguments: argparse.Namespace) -> Iterator[Task]:
    names = TUNING if arguments.split == "tuning" else QUOTED
    parts = parts_of(arguments)
    for name, picture in itertools.islice(pictures(names, arguments.folder, colour=True), arguments.count):
        scene = enlarged(srgb_to_linear(picture)) if arguments.large else srgb_to_linear(picture)
        for psf, kind in itertools.product(arguments.psfs, arguments.kinds):
            yield Task(
                name=name,
                scene=scene,
                psf=psf,
                kind=kind,
                camera=replace(KINDS[kind], **parts),
                edge=arguments.edge,
                methods=tuple(arguments.methods),
                estimate=arguments.estimate,
                oracle=not arguments.no_oracle,
            )


GROUPS: dict[str, Callable[[Score], str]] = {"kind": lambda s: s.kind, "PSF": lambda s: s.psf, "": lambda _: "all"}


def report(scores: list[Score]) -> None:
    """Print every kind and method, then every PSF and method, then all."""
    methods = dict.fromkeys(score.method for score in scores)
    for title, group in GROUPS.items():
        print(
            f"\n{title:15s} {'method':16s} {'cases':>5s} {'input':>6s} {'autom.':>6s} {'oracle':>6s} {'gap':>6s}"
            f" {'worst':>6s} {'below':>5s} {'by':>6s} {'announced':>9s} {'alarms':>6s}"
        )
        for label, method in itertools.product(dict.fromkeys(map(group, scores)), methods):
            print(line(label, method, [s for s in scores if group(s) == label and s.method == method]))


def line(label: str, method: str, scores: list[Score]) -> str:
    before, automatic, top = np.mean([(s.before, s.automatic, s.oracle) for s in scores], axis=0)
    gaps = [s.automatic - s.oracle for s in scores]
    below = [s for s in scores if s.gain < 0]
    above = [s for s in scores if s.gain >= 0]
    announced = f"{sum(bool(s.doubts) for s in below)}/{len(below)}"
    alarms = f"{np.mean([bool(s.doubts) for s in above]):.0%}" if above else ""
    depth = f"{min(s.gain for s in below):+6.2f}" if below else ""
    return (
        f"{label:15s} {method:16s} {len(scores):5d} {before:6.2f} {automatic:6.2f} {top:6.2f} {np.mean(gaps):+6.2f}"
        f" {min(gaps):+6.2f} {len(below):5d} {depth:>6s} {announced:>9s} {alarms:>6s}"
    )


def print_case(score: Score) -> None:
    print(
        f"{score.name:14s} {score.psf:14s} {score.kind:14s} {score.method:16s} input {score.before:6.2f}"
        f"  automatic {score.automatic:6.2f} at {score.strengths[0]:<8.3g}"
        f"  oracle {score.oracle:6.2f} at {score.strengths[1]:<8.3g}",
        *filter(None, [score.kernel, "; ".join(score.doubts)]),
        flush=True,
    )


def parts_of(arguments: argparse.Namespace) -> dict[str, object]:
    """Return what the options replace in every kind of camera."""
    words = vars(arguments)
    names = ("electrons", "read_noise", "noise_sigma", "demosaicing", "denoising", "sharpening", "sharpen_in", "scale")
    names += ("quality", "subsampling", "orientation")
    nothing = {"denoising": "none", "quality": 0}
    return {n: None if words[n] == nothing.get(n) else words[n] for n in names if words[n] is not None}


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="sharp colour pictures (default: scikit-image's own)")
    parser.add_argument("--split", choices=["tuning", "quoted"], default="quoted", help="of scikit-image's pictures")
    parser.add_argument("--count", type=int, metavar="N", help="the first N pictures alone")
    parser.add_argument("--edge", type=int, help="frame size in pixels (default: 256)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--psfs", nargs="+", choices=PSFS, metavar="PSF", help=", ".join(f'"{p}"' for p in PSFS))
    parser.add_argument(
        "--methods", nargs="+", choices=["auto", *METHODS], metavar="METHOD", help="auto, " + ", ".join(METHODS)
    )
    parser.add_argument("--estimate", action="store_true", help="find the PSF in the file, its family given")
    parser.add_argument("--no-oracle", action="store_true", help="leave out the search for the best strength")
    parser.add_argument("--quick", action="store_true", help="a small part of everything")
    parser.add_argument("--large", action="store_true", help="12 megapixels; slow")
    parser.add_argument("--jobs", type=int, default=1, help="processes (set OMP_NUM_THREADS=1 beside it)")
    parser.add_argument("--verbose", action="store_true", help="a line for every case and method")
    camera = parser.add_argument_group("the camera, in all kinds")
    camera.add_argument("--electrons", type=float, help="at full scale, of shot noise")
    camera.add_argument("--read-noise", type=float, help="in electrons")
    camera.add_argument("--noise-sigma", type=float, help="white noise in light, in kinds without electrons")
    camera.add_argument("--demosaicing", choices=["bilinear", "malvar", "half"])
    camera.add_argument("--denoising", choices=["none", "median", "bilateral"])
    camera.add_argument("--sharpening", nargs=2, type=float, metavar=("AMOUNT", "SIGMA"), help="unsharp mask")
    camera.add_argument("--sharpen-in", choices=["encoded", "light"])
    camera.add_argument("--scale", type=float, help="size of the file over that of the sensor")
    camera.add_argument("--quality", type=int, help="of a JPEG; 0 for PNG")
    camera.add_argument("--subsampling", choices=SUBSAMPLINGS)
    camera.add_argument("--orientation", type=int, choices=[1, 6], help="EXIF orientation")
    arguments = parser.parse_args()
    usual = USUAL | (LARGE if arguments.large else {}) | (QUICK if arguments.quick and not arguments.large else {})
    for name, value in usual.items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    return arguments


def results_of(work: list[Task], jobs: int) -> Iterator[list[Score]]:
    if jobs == 1:
        yield from map(measured, work)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(measured, work)


def main() -> None:
    arguments, started = parsed(), time.perf_counter()
    work, scores, refused = list(tasks_of(arguments)), [], []
    for task, rows in zip(work, results_of(work, arguments.jobs), strict=True):
        scores += rows
        refused += [] if rows else [f"{task.name}, {task.psf}, {task.kind}"]
        if arguments.verbose:
            for score in rows:
                print_case(score)
    if scores:
        report(scores)
    if refused:
        print(f"\nno blur was seen in {len(refused)} of {len(work)} files: {'; '.join(refused)}")
    print(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
