"""A file larger than memory through the program: seconds of the processor, wall time and the peak of the whole process.

The picture is scikit-image's camera, mirrored again and again, under a Gaussian of 1.5 samples with noise of 0.01, as
an uncompressed BigTIFF. Every run is a process of its own, on one thread. A gigapixel is 4.3 GB of float32, and each of
its results 3.7 GB.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore

ROOT = Path(__file__).resolve().parents[1]
#: Edge of the part that is repeated, and words for its PSF.
EDGE, PSF = 1024, ("--psf", "gaussian", "--sigma", "1.5")


def make(path: Path, edge: int, dtype: str) -> None:
    """Write a blurred and noisy picture, a row of parts at a time."""
    import tifffile
    from skimage import data

    sharp = np.pad(data.camera().astype(np.float32) / 255, [(0, 512)] * 2, mode="symmetric")
    blurred = restore.blur(sharp, restore.psf.gaussian(1.5), boundary="periodic").astype(np.float32)
    picture = tifffile.memmap(path, shape=(edge, edge), dtype=dtype, bigtiff=True)
    rng = np.random.default_rng(0)
    for row in range(0, edge, EDGE):
        part = np.tile(blurred, (1, edge // EDGE)) + np.float32(0.01) * rng.standard_normal((EDGE, edge), np.float32)
        picture[row : row + EDGE] = part if dtype == "float32" else np.rint(np.clip(part, 0, 1) * 255)
    picture.flush()


def run(*words: object) -> tuple[float, float, float]:
    """Return the processor's seconds, those of the clock and the peak in MB of a run of the program."""
    command = [sys.executable, str(ROOT / "cli.py"), "deblur", *map(str, words)]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, held(process.pid))
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, time.perf_counter() - begun, peak / 1e6


def held(process: int) -> int:
    """Return the most bytes that a process has held so far, 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    except (OSError, StopIteration):
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edge", type=int, default=8192, help="rows and columns, a multiple of 1024 (default 8192)")
    parser.add_argument("--type", choices=["float32", "uint8"], default="float32")
    parser.add_argument("--memory", default="2G")
    parser.add_argument("--methods", nargs="+", default=["wiener", "auto"])
    parser.add_argument("--outputs", nargs="+", default=["tif", "zarr"], choices=["tif", "zarr", "npy"])
    parser.add_argument("--folder", help="where the files go (default: a temporary one)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        make(folder / "picture.tif", options.edge, options.type)
        print(f"{'method':16s} {'output':7s} {'seconds':>8s} {'wall':>7s} {'MB':>6s} {'megapixels/s':>13s}")
        for method in options.methods:
            for suffix in options.outputs:
                out = folder / f"{method}.{suffix}"
                words = (*PSF, "--method", method, "--memory", options.memory, "--threads", 1, "--no-figure", "-o", out)
                seconds, wall, peak = run(folder / "picture.tif", *words)
                rate = options.edge**2 / seconds / 1e6
                print(f"{method:16s} {suffix:7s} {seconds:8.1f} {wall:7.1f} {peak:6.0f} {rate:13.2f}", flush=True)
                shutil.rmtree(out) if out.is_dir() else out.unlink()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
