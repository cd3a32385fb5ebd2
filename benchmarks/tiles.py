"""Large pictures in tiles: the seam, what memory it takes and what time, beside the picture at once.

The picture is scikit-image's camera, mirrored again and again, blurred, with noise of 0.01, float32, in a file that is
mapped into memory. Every run is a process of its own. "seam" is the largest difference between the tiles and one tile
of the whole picture, relative to the range; "whole" and "tiles" are seconds of the processor and the most memory that
was taken beyond what interpreter and libraries hold, with the result, the windows that are looked at once (some 50 MB)
and what the system keeps of the mapped file.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore

PSFS = {"gaussian": restore.psf.gaussian(2), "disk": restore.psf.disk(4), "motion": restore.psf.motion(15, 20)}
METHODS = {
    "wiener": {"method": "wiener"},
    "wiener-given": {"method": "wiener", "nsr": 0.02},
    "auto": {},
    "hyper_laplacian": {"method": "hyper_laplacian"},
    "total_variation": {"method": "total_variation"},
    "richardson_lucy": {"method": "richardson_lucy", "iterations": 15, "acceleration": False},
}


def make(path: Path, megapixels: float, psf: np.ndarray) -> None:
    """Write a blurred and noisy picture."""
    from skimage import data

    edge = round((megapixels * 1e6) ** 0.5)
    sharp = np.pad(data.camera().astype(np.float32) / 255, [(0, max(0, edge - 512))] * 2, mode="symmetric")
    observed = restore.degrade(sharp[:edge, :edge], psf, noise_sigma=0.01, rng=0, boundary="symmetric")
    np.save(path, observed.astype(np.float32))


def work(path: Path, out: Path, psf: str, method: str, tile: int, memory: float) -> None:
    """Restore in this process, and print seconds and bytes as JSON."""
    picture = np.load(path, mmap_mode="r")
    # What every process holds, and what a first use of each library loads, is no part of the method's.
    restore.map_tiles(np.asarray(picture[:256, :256]), PSFS[psf], **METHODS[method])
    before, start = peak(), time.process_time()
    edge = {"tile": tile} if tile else {"memory": memory}
    restored = restore.map_tiles(picture, PSFS[psf], **edge, **METHODS[method])
    seconds, taken = time.process_time() - start, peak() - before
    np.save(out, restored)
    print(json.dumps({"seconds": seconds, "bytes": taken}))


def peak() -> int:
    """Return the most bytes that this process has held; Linux counts the process before it in the general record."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def run(*arguments: object) -> dict[str, float]:
    """Return what a process of its own says."""
    command = [sys.executable, __file__, "--worker", *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", nargs="+", type=float, default=[1, 4, 12])
    parser.add_argument("--psfs", nargs="+", choices=PSFS, default=["gaussian"])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--tile", type=int, default=512, help="edge of a tile (default 512)")
    parser.add_argument("--worker", nargs=6, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        path, out, psf, method, tile, memory = options.worker
        work(Path(path), Path(out), psf, method, int(tile), float(memory))
        return
    heads = ("MP", "psf", "method", "seam", "whole s", "MB", "tiles s", "MB")
    print("{:>5s} {:9s} {:16s} {:>8s} {:>8s} {:>6s} {:>8s} {:>6s}".format(*heads))
    with tempfile.TemporaryDirectory() as folder:
        for psf in options.psfs:
            for megapixels in options.megapixels:
                picture, *results = (Path(folder) / f"{name}.npy" for name in ("picture", "tiles", "whole", "at_once"))
                make(picture, megapixels, PSFS[psf])
                for method in options.methods:
                    report(megapixels, psf, method, options.tile, picture, results)


def report(megapixels: float, psf: str, method: str, tile: int, picture: Path, results: list[Path]) -> None:
    """Print a line of the table."""
    tiles = run(picture, results[0], psf, method, tile, 0)
    run(picture, results[1], psf, method, 1 << 20, 0)
    at_once = run(picture, results[2], psf, method, 0, 1e15)
    cut, whole = (np.load(path) for path in results[:2])
    seam = float(np.abs(cut - whole).max() / np.ptp(np.load(picture)))
    print(
        f"{megapixels:5g} {psf:9s} {method:16s} {seam:8.1e} {at_once['seconds']:8.1f} {at_once['bytes'] / 1e6:6.0f} "
        f"{tiles['seconds']:8.1f} {tiles['bytes'] / 1e6:6.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
