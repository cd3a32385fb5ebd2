"""Learn the kernel that `--kernel learned` is, and compare it with the fixed ones on photographs it did not see.

The three colours of samples/sharp.png, a portrait in the public domain, are shrunk to the means of 2 x 2 blocks. Their
mirror images and turns count as well, and every phase is held to sum to 1. What is printed goes, in units of 1/65536,
into upsample/kernels/learned.py.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from learned_layers import QUOTED, STRIDE, bundled, even, gray, psnr, shrunk

import upsample

ROOT = Path(__file__).resolve().parents[1]
UNIT = 65536
KERNELS = ("nearest", "bilinear", "cubic", "learned")


def learned() -> np.ndarray:
    """Return one quadrant in whole units; what rounding takes from its sum goes back to the largest tap."""
    from skimage import io

    colours = np.moveaxis(io.imread(ROOT / "samples" / "sharp.png") / 255, -1, 0)
    pairs = [(shrunk(colour), colour) for colour in colours]
    layer = upsample.learn_kernel(pairs, stride=STRIDE, size=8, keep_constant=True, symmetric=True)
    quadrant = np.rint(UNIT * layer.weight[0, 0, :4, :4]).astype(int)
    quadrant[-1, -1] += UNIT - quadrant.sum()
    return quadrant


def compare(pictures: dict[str, np.ndarray]) -> None:
    """Print the PSNR of every kernel on every picture, and the mean."""
    print(f"{'PSNR, dB':24s}" + "".join(f"{name:>10s}" for name in KERNELS))
    table = []
    for name, picture in pictures.items():
        small = shrunk(picture)[None]
        table.append([psnr(upsample.interpolate(small, STRIDE, kernel=kernel)[0], picture) for kernel in KERNELS])
        print(f"{name:24s}" + "".join(f"{value:10.2f}" for value in table[-1]))
    print(f"{'mean':24s}" + "".join(f"{value:10.2f}" for value in np.mean(table, axis=0)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="compare on the pictures of this folder")
    options = parser.parse_args()
    quadrant = learned()
    print(quadrant)
    ours = upsample.learned_kernel()[:4, :4] * UNIT
    print("the package has them" if np.array_equal(ours, quadrant) else "the package has others")
    if options.folder is None:
        compare({name: even(bundled(name)) for name in QUOTED})
    else:
        from skimage import io

        files = sorted(path for path in options.folder.iterdir() if path.suffix.lower() in (".png", ".tif", ".jpg"))
        compare({path.name: even(gray(io.imread(path))) for path in files})


if __name__ == "__main__":
    main()
