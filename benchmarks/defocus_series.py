"""Is a defocus found at any size? A series of pictures, ever more out of focus, as it is and enlarged.

FOLDER holds pictures whose names end in the step of the focus, such as `step_7.png`. The radius of a lens's blur grows
linearly with the step, and an enlarged copy has the same blur in larger pixels: both are laws that need no known
radius. Printed are, per step, the radius in pixels of the picture itself, its distance from the line through the steps
from --first on, and at which reduced size the blur was seen.
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

import numpy as np
from PIL import Image

from deconv.pictures import srgb_to_linear
from restore import PSFEstimate, estimate_psf


def steps(folder: Path) -> dict[int, Path]:
    """Return the pictures of a series by their steps."""
    numbered = {re.search(r"(\d+)$", path.stem): path for path in folder.glob("*.png")}
    return dict(sorted((int(match[1]), path) for match, path in numbered.items() if match))


def estimated(path: Path, factor: int, family: str) -> PSFEstimate:
    """Return the blur of a picture that was enlarged by cubic interpolation and rounded to 8 bits again."""
    with Image.open(path) as stored:
        picture = stored.convert("L")
    enlarged = picture.resize((factor * picture.width, factor * picture.height), Image.Resampling.BICUBIC)
    return estimate_psf(srgb_to_linear(np.asarray(enlarged) / 255), family=family)


def report(folder: Path, factor: int, family: str, first: int) -> None:
    start, found = time.perf_counter(), {}
    for step, path in steps(folder).items():
        found[step] = estimated(path, factor, family)
    radii = {step: e.parameters["radius"] / factor for step, e in found.items() if "radius" in e.parameters}
    fitted = [step for step in radii if step >= first]
    line = np.polynomial.Polynomial.fit(fitted, [radii[s] for s in fitted], 1) if len(fitted) > 2 else None
    print(f"\nenlarged {factor} times, family {family}, {time.perf_counter() - start:.0f} s")
    for step, estimate in found.items():
        off = f"{radii[step] - line(step):+.2f}" if line and step in fitted else "     "
        radius = f"{radii[step]:6.2f}" if step in radii else "     -"
        print(f"step {step:3d}: radius {radius} {off}  {estimate.confidence:9} {estimate.verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--factors", nargs="+", type=int, default=(1, 4, 10), help="enlargements")
    parser.add_argument("--family", default="disk", help='"auto", or the family to look for')
    parser.add_argument("--first", type=int, default=4, help="step from which on the radius is on a line")
    args = parser.parse_args()
    for factor in args.factors:
        report(args.folder, factor, args.family, args.first)


if __name__ == "__main__":
    main()
