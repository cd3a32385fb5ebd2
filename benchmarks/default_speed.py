"""Time the automatic restoration, its methods and the program beside scikit-image, by the size of the picture.

Every cell is a process of its own, on one thread: processor seconds of one call, and the memory at its peak beyond what
picture and libraries take, in pictures of float32. The picture is the world's own: photographs side by side, blurred
by a disk of 5 pixels beyond the frame, with noise of 0.01. scikit-image's `wiener` and `richardson_lucy` are called
once per channel, as it wants; the first is the unit of the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"1": (1000, 1000), "4": (2000, 2000), "12": (3000, 4000), "48": (6000, 8000)}
RADIUS, NOISE = 5, 0.01
CALLS = {
    "skimage wiener": "peer",
    "skimage richardson_lucy, 30": "peer",
    "skimage unsupervised_wiener": "peer",
    "fast": {"quality": "fast"},
    "good (default)": {},
    "hyper_laplacian": {"method": "hyper_laplacian"},
    "total_variation": {"method": "total_variation"},
    "best": {"quality": "best"},
    "program": "program",
    "program, fast": "program",
}


def scene(shape: tuple[int, int], folder: Path | None) -> np.ndarray:
    """Return photographs side by side, mirrored in turn, in linear colour from 0 to 1."""
    from skimage import data, io

    if folder is None:
        names = ("astronaut", "coffee", "chelsea")
        tiles = [np.asarray(getattr(data, name)(), np.float32)[:300, :400] / 255 for name in names]
    else:
        read = [np.asarray(io.imread(path), np.float32)[..., :3] / 255 for path in sorted(folder.glob("*.png"))]
        tiles = [tile if tile.shape[0] <= tile.shape[1] else np.swapaxes(tile, 0, 1) for tile in read]
    height, width = (min(tile.shape[axis] for tile in tiles) for axis in (0, 1))
    tiles = [tile[:height, :width] for tile in tiles]
    rows = []
    for r in range(-(-shape[0] // height)):
        row = [tiles[(r * 5 + c) % len(tiles)][:, :: 1 - 2 * ((r + c) % 2)] for c in range(-(-shape[1] // width))]
        rows.append(np.concatenate(row, axis=1))
    return np.concatenate(rows)[: shape[0], : shape[1]]


def observed(megapixels: str, folder: Path | None, *, gray: bool) -> np.ndarray:
    """Return the picture that is restored, float32."""
    h = restore.psf.disk(RADIUS)
    sharp = scene(tuple(n + len(h) - 1 for n in SIZES[megapixels]), folder)
    sharp = sharp.mean(axis=-1, keepdims=True) if gray else sharp
    rng = np.random.default_rng(0)
    seen = restore.degrade(sharp, h, noise_sigma=NOISE, rng=rng, boundary="valid", channel_axis=-1)
    return np.asarray(seen[..., 0] if gray else seen, np.float32)


def peers() -> dict[str, Callable[[np.ndarray, np.ndarray], object]]:
    """Return functions of scikit-image for one plane."""
    from skimage import restoration

    return {
        "skimage wiener": lambda plane, h: restoration.wiener(plane, h, 0.01, clip=False),
        "skimage richardson_lucy, 30": lambda plane, h: restoration.richardson_lucy(
            plane.clip(0), h, num_iter=30, clip=False
        ),
        "skimage unsupervised_wiener": lambda plane, h: restoration.unsupervised_wiener(plane, h, clip=False, rng=0),
    }


def measured(name: str, path: Path) -> dict[str, float]:
    """Make one call in this process."""
    picture, h = np.load(path), restore.psf.disk(RADIUS)
    axis = -1 if picture.ndim == 3 else None
    settings = CALLS[name]
    if isinstance(settings, dict):

        def call() -> object:
            return restore.deconvolve(picture, h, channel_axis=axis, **settings)

    else:
        function, planes = peers()[name], [picture] if axis is None else list(np.moveaxis(picture, -1, 0))
        small = h.astype(np.float32)

        def call() -> object:
            return [function(np.ascontiguousarray(plane), small) for plane in planes]

    before = peak()
    started = time.process_time()
    call()
    seconds = time.process_time() - started
    return {"seconds": seconds, "memory": 1024 * (peak() - before) / picture.nbytes}


def peak() -> int:
    """Return the most memory that this program has had so far, in KiB.

    What `getrusage` says begins with the memory of the process that started this one.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


def of_program(name: str, path: Path) -> dict[str, float]:
    """Run the program on a JPEG of the picture, files and figure included."""
    from PIL import Image

    picture = np.load(path)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "picture.jpg")
        Image.fromarray((255 * picture.clip(0, 1) + 0.5).astype(np.uint8)).save(source, quality=92)
        words = [
            sys.executable,
            "cli.py",
            "deblur",
            str(source),
            "--psf",
            "disk",
            "--radius",
            str(RADIUS),
            "--quiet",
            "--threads",
            "1",
        ]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words + (["--quality", "fast"] if "fast" in name else []), cwd=ROOT, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "memory": 1024 * after.ru_maxrss / picture.nbytes}


def in_a_process(name: str, path: Path) -> dict[str, float]:
    """Return what a fresh process measures."""
    words = [sys.executable, __file__, "--call", name, "--picture", str(path)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    answer = subprocess.run(words, env=os.environ | threads, check=True, capture_output=True, text=True)
    return {str(key): float(value) for key, value in json.loads(answer.stdout.splitlines()[-1]).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="photographs (PNG) to make the picture of")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["1", "4", "12"], help="megapixels")
    parser.add_argument("--gray", action="store_true", help="one channel")
    parser.add_argument("--calls", nargs="+", choices=CALLS, default=[name for name in CALLS if name != "best"])
    parser.add_argument("--call", choices=CALLS, help=argparse.SUPPRESS)
    parser.add_argument("--picture", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.call:
        run = of_program if CALLS[arguments.call] == "program" else measured
        print(json.dumps(run(arguments.call, arguments.picture)))
        return
    print("processor seconds, per megapixel, times scikit-image's wiener; memory in pictures of float32", flush=True)
    print("(of the program: all of its memory, libraries included)")
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes:
            path = Path(folder, "picture.npy")
            np.save(path, observed(size, arguments.folder, gray=arguments.gray))
            unit = in_a_process("skimage wiener", path)["seconds"]
            for name in arguments.calls:
                found = in_a_process(name, path)
                seconds = found["seconds"]
                print(
                    f"{size:>3s} MP {'gray' if arguments.gray else 'RGB'}  {name:28s} {seconds:8.1f} s"
                    f" {seconds / float(size):7.2f} s/MP {seconds / unit:7.1f} x {found['memory']:6.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
