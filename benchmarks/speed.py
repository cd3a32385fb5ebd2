"""Time periodic Wiener and constrained least squares beside scikit-image and the floor of the real FFTs, in one run.

Every row is one picture: the least processor time of a few rounds in which the candidates take turns, so that a busy
machine slows all of them. The floor is one forward and one split inverse real FFT of the same picture, nothing else.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import fft

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore

SIZES = {
    "1 MP": (1024, 1024),
    "4 MP": (2048, 2048),
    "12 MP": (3000, 4000),
    "16 MP": (4096, 4096),
    "1 MP bad": (1021, 1021),
    "4 MP bad": (2047, 2039),
}


def floor_pair(image: np.ndarray) -> np.ndarray:
    """One forward and one inverse real FFT, written the fast way."""
    spectrum = fft.fft(fft.rfft(image, axis=1), axis=0, overwrite_x=True)
    return fft.irfft(fft.ifft(spectrum, axis=0, overwrite_x=True), n=image.shape[1], axis=1)


def candidates(psf: np.ndarray, channels: int) -> dict[str, Callable[[np.ndarray], object]]:
    """Return what is timed by name; each takes one picture."""
    from skimage.restoration import wiener as peer

    axis = -1 if channels > 1 else None

    def per_channel(function: Callable[[np.ndarray], object]) -> Callable[[np.ndarray], object]:
        if channels == 1:
            return function
        return lambda image: [function(np.ascontiguousarray(image[..., c])) for c in range(channels)]

    def floor(image: np.ndarray) -> object:  # planes prepared outside the clock would be unfair to nobody
        return [floor_pair(plane) for plane in planes[id(image)]] if channels > 1 else floor_pair(image)

    planes: dict[int, list[np.ndarray]] = {}

    def prepared_floor(image: np.ndarray) -> object:
        if channels > 1 and id(image) not in planes:
            planes[id(image)] = [np.ascontiguousarray(image[..., c]) for c in range(channels)]
        return floor(image)

    return {
        "floor": prepared_floor,
        "skimage": per_channel(lambda image: peer(image, psf, 0.01, clip=False)),
        "cls": lambda image: restore.constrained_least_squares(
            image, psf, regularization=0.01, boundary="periodic", channel_axis=axis
        ),
        "wiener": lambda image: restore.wiener(image, psf, nsr=0.01, boundary="periodic", channel_axis=axis),
    }


def measure(
    runs: dict[str, Callable[[np.ndarray], object]], image: np.ndarray, rounds: int
) -> dict[str, tuple[float, float]]:
    """Return least processor seconds and least wall seconds per candidate."""
    best = dict.fromkeys(runs, (np.inf, np.inf))
    for turn in range(rounds + 1):
        for name in list(runs) if turn % 2 else list(reversed(runs)):
            wall, cpu = time.perf_counter(), time.process_time()
            runs[name](image)
            spent = time.process_time() - cpu, time.perf_counter() - wall
            if turn:  # the first turn warms up
                best[name] = min(best[name][0], spent[0]), min(best[name][1], spent[1])
    return best


def peak_memory(function: Callable[[np.ndarray], object], image: np.ndarray) -> float:
    """Return the extra memory at the peak, in multiples of the picture."""
    tracemalloc.start()
    function(image)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / image.nbytes


def cases(names: list[str], channels: list[int], dtypes: list[str]) -> Iterator[tuple[str, np.ndarray, int]]:
    """Yield a label, a random picture and its number of channels."""
    rng = np.random.default_rng(0)
    for name in names:
        for count in channels:
            for dtype in dtypes:
                shape = SIZES[name] + ((count,) if count > 1 else ())
                yield (
                    f"{name:9s} {'RGB ' if count > 1 else 'gray'} {dtype}",
                    rng.random(shape, dtype=dtype),
                    count,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--channels", nargs="+", type=int, default=[1, 3])
    parser.add_argument("--dtypes", nargs="+", choices=["float32", "float64"], default=["float32", "float64"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    psf = np.random.default_rng(1).random((25, 25))
    psf /= psf.sum()
    print("processor time relative to the floor (wall in brackets); memory beyond the picture, in pictures")
    heads = " ".join(f"{name:>15s}" for name in ("skimage", "cls", "wiener"))
    print(f"{'case':26s} {'thr':>3s} {'floor ms':>9s} {heads} {'sk/cls':>7s} {'memory':>7s}")
    for threads in arguments.threads:
        with fft.set_workers(threads):
            for label, image, count in cases(arguments.sizes, arguments.channels, arguments.dtypes):
                runs = candidates(psf, count)
                best = measure(runs, image, arguments.rounds)
                floor_cpu, floor_wall = best["floor"]
                cells = [
                    f"{best[n][0] / floor_cpu:6.2f} ({best[n][1] / floor_wall:5.2f})"
                    for n in ("skimage", "cls", "wiener")
                ]
                gain = best["skimage"][1] / best["cls"][1]
                memory = peak_memory(runs["cls"], image)
                line = " ".join(f"{c:>15s}" for c in cells)
                print(
                    f"{label:26s} {threads:3d} {1e3 * floor_wall:9.1f} {line} {gain:7.2f} {memory:7.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
