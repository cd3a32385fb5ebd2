"""Time restorations with the FFTs of SciPy and with those of other libraries, through `scipy.fft.set_backend`.

Every cell is a process of its own and the candidates take turns; what is printed is the least processor time of a few
rounds, and the largest difference from SciPy's result. A candidate is a module with SciPy's interface, such as
`mkl_fft.interfaces.scipy_fft` or `pyfftw.interfaces.scipy_fft`; it must be installed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import fft

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from default_speed import RADIUS, SIZES, observed

import restore

CALLS = ("periodic wiener", "fast", "good")


def restored(call: str, picture: np.ndarray) -> np.ndarray:
    """Make one call."""
    h = restore.psf.disk(RADIUS)
    if call == "periodic wiener":
        return np.asarray(restore.wiener(picture, h, nsr=0.01, boundary="periodic", channel_axis=-1))
    return restore.deconvolve(picture, h, quality=call, channel_axis=-1).image


def measured(backend: str, call: str, threads: int, path: Path, result: Path) -> dict[str, float]:
    """Return the processor and wall seconds of one call in this process."""
    picture = np.load(path)
    chosen = contextlib.nullcontext() if backend == "scipy" else fft.set_backend(importlib.import_module(backend))
    with chosen, fft.set_workers(threads):
        restored(call, picture[:300, :300])
        cpu, wall = time.process_time(), time.perf_counter()
        image = restored(call, picture)
        seconds = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    if backend == "scipy":
        np.save(result, image)
        return seconds | {"differs": 0.0}
    return seconds | {"differs": float(np.abs(image - np.load(result)).max())}


def in_a_process(backend: str, call: str, threads: int, *paths: Path) -> dict[str, float]:
    """Return what a fresh process measures."""
    words = [sys.executable, __file__, "--one", backend, call, str(threads), *map(str, paths)]
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    answer = subprocess.run(words, env=environment, check=True, capture_output=True, text=True)
    return {str(key): float(value) for key, value in json.loads(answer.stdout.splitlines()[-1]).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="photographs (PNG) to make the picture of")
    parser.add_argument("--backends", nargs="+", default=[], help="modules with the interface of scipy.fft")
    parser.add_argument("--calls", nargs="+", choices=CALLS, default=list(CALLS))
    parser.add_argument("--size", choices=SIZES, default="12", help="megapixels")
    parser.add_argument("--threads", nargs="+", type=int, default=[1])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        backend, call, threads, path, result = arguments.one
        print(json.dumps(measured(backend, call, int(threads), Path(path), Path(result))))
        return
    print(f"{'call':16s} threads {'FFTs':36s} processor s   wall s  largest difference")
    with tempfile.TemporaryDirectory() as folder:
        path, result = Path(folder, "picture.npy"), Path(folder, "result.npy")
        np.save(path, observed(arguments.size, arguments.folder, gray=False))
        for call in arguments.calls:
            for threads in arguments.threads:
                rounds = [
                    {name: in_a_process(name, call, threads, path, result) for name in ("scipy", *arguments.backends)}
                    for _ in range(arguments.rounds)
                ]
                for name in rounds[0]:
                    cpu, wall = (min(one[name][key] for one in rounds) for key in ("cpu", "wall"))
                    differs = max(one[name]["differs"] for one in rounds)
                    print(f"{call:16s} {threads:7d} {name:36s} {cpu:11.2f} {wall:8.2f}  {differs:.1e}", flush=True)


if __name__ == "__main__":
    main()
