"""Whether the result of tiles is doubted where that of the whole is.

Pictures of a folder and of scikit-image, gray, in 8 bits, blurred beyond the frame and with noise, are restored by the
right PSF, by one 1.5 and 2.5 times too wide, with coloured noise, and without any blur at all; at once and judged
as tiles are. Every case says what each found: "-" no doubt, "w" a PSF that looks wrong, "d" darker than can be or a
strength that was raised for it, "g" given up, "b" noise that rows share. "refused" where the strength that was found
reaches too far for tiles.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import ndimage, signal
from skimage import data, io

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from restore.tiles.kinds import picture_of
from restore.tiles.preparation import prepared

SIGNS = {"looks": "w", "darker": "d", "rows or columns": "b", "no strength": "g"}
TILE = 256


def pictures(folder: Path) -> Iterator[tuple[str, np.ndarray]]:
    for path in sorted(folder.glob("*.png")):
        yield path.stem, io.imread(path, as_gray=True)
    for name in ("camera", "coins", "moon", "brick", "grass", "page"):
        yield name, getattr(data, name)() / 255.0


def cases(sharp: np.ndarray, psf: Callable[[float], np.ndarray]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield a name, a picture and the PSF that it is restored by."""
    rng = np.random.default_rng(0)
    blurred = signal.fftconvolve(sharp, psf(1), mode="valid")
    noise = rng.normal(0, 1, blurred.shape)
    noisy = stored(blurred + 0.005 * noise)
    yield "right", noisy, psf(1)
    yield "x 1.5", noisy, psf(1.5)
    yield "x 2.5", noisy, psf(2.5)
    yield "coloured noise", stored(blurred + 0.03 * ndimage.gaussian_filter(noise, 1)), psf(1)
    yield "rows share noise", stored(blurred + 0.005 * noise + rng.normal(0, 0.008, (len(blurred), 1))), psf(1)
    yield "sharp", stored(sharp), psf(1)


def stored(picture: np.ndarray) -> np.ndarray:
    return (np.round(np.clip(picture, 0, 1) * 255) / 255).astype(np.float32)


def signs(doubts: tuple[str, ...]) -> str:
    return "".join(sorted({sign for words, sign in SIGNS.items() if any(words in d for d in doubts)})) or "-"


def in_tiles(image: np.ndarray, psf: np.ndarray, words: dict[str, object]) -> str:
    """Return the verdict of tiles, as a report has it: the share that is too dark is counted over all of them."""
    picture = picture_of(image, None)
    try:
        common = prepared(picture, psf, words, memory=1e9, tile=TILE, is_judged=True)
    except ValueError as error:
        return "refused" + ("" if "; " not in str(error) else " " + signs(tuple(str(error).split("; "))))
    assert common.evidence is not None
    return signs(common.evidence.doubts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of sharp pictures, PNG")
    parser.add_argument("--methods", nargs="+", default=["wiener", "auto"])
    parser.add_argument("--nsr", type=float, help="a given strength of wiener, with which nothing reaches too far")
    parser.add_argument("--blur", choices=("disk", "gaussian"), default="disk")
    arguments = parser.parse_args()
    radius, family = (3, restore.psf.disk) if arguments.blur == "disk" else (1.5, restore.psf.gaussian)
    alike, count, refused = 0, 0, 0
    for name, sharp in pictures(arguments.folder):
        for case, image, psf in cases(sharp, lambda factor: family(radius * factor)):
            for method in arguments.methods:
                words = {"method": method}
                if method == "wiener" and arguments.nsr is not None:
                    words["nsr"] = arguments.nsr
                whole = signs(restore.deconvolve(image, psf, **words).doubts)
                start = time.process_time()
                tiles = in_tiles(image, psf, words)
                seconds = time.process_time() - start
                if tiles.startswith("refused"):
                    refused += 1
                else:
                    count, alike = count + 1, alike + (tiles == whole)
                print(f"{name:10} {case:18} {method:8} whole {whole:4} tiles {tiles:10} {seconds:6.1f} s", flush=True)
    print(f"alike in {alike} of {count}, refused in tiles {refused}")


if __name__ == "__main__":
    main()
