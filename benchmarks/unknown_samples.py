"""Lights that clip and a scratch: what taking them as unknown samples gains, in one figure and a few numbers.

Made from one picture (scikit-image's camera by default, or --picture): bright lights are set into it before it is
blurred by a disk, noise is added and the result is clipped at 1; in a second copy three rows are lost. Both are
restored without the mask and with it, the lights as the program does it: those far above the top code together with all
that the blur spread of them. PSNR in dB, over the whole frame and over what lies within 12 pixels of a light or of the
scratch, the lights themselves left out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import restore
from restore.observation.highlights import restored_around

PSF = restore.psf.disk(4)
LIGHTS = ((60, 70), (200, 220), (120, 250), (250, 60), (85, 190))


def psnr(estimate: np.ndarray, truth: np.ndarray, where: np.ndarray | None = None) -> float:
    """PSNR in dB of the estimate clipped to 0..1, over all samples or those chosen."""
    error = (np.clip(estimate, 0, 1) - np.clip(truth, 0, 1)) ** 2
    return float(-10 * np.log10(np.mean(error if where is None else error[where])))


def lights(scene: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sharp frame, what a camera records of it and where that is clipped."""
    scene = scene.copy()
    rows, columns = np.indices(scene.shape)
    for row, column in LIGHTS:
        scene[(rows - row) ** 2 + (columns - column) ** 2 < 16] = 8
    seen = np.clip(restore.degrade(scene, PSF, noise_sigma=0.003, rng=0, boundary="valid"), 0, 1)
    return scene[4:-4, 4:-4], seen, seen >= 1


def scratch(scene: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sharp frame, a scratched photograph of it and where the scratch is."""
    seen = restore.degrade(scene, PSF, noise_sigma=0.003, rng=0, boundary="valid")
    hidden = np.zeros(seen.shape, bool)
    hidden[100:103, 20:250] = True
    hidden[50:200, 150:153] = True
    return scene[4:-4, 4:-4], np.where(hidden, 1.0, seen), hidden


def unknown(seen: np.ndarray, hidden: np.ndarray, *, lights_clip: bool) -> np.ndarray:
    """Return the restoration as the program makes it, with a mask."""

    def restored(mask: np.ndarray) -> np.ndarray:
        return restore.wiener(seen, PSF, mask=mask)

    if not lights_clip:
        return restored(hidden)
    return restored_around(restored, restored(hidden), hidden, hidden, PSF, channels=False)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path, help="a gray or RGB picture of 300 pixels or more along each side")
    parser.add_argument("--figure", type=Path, help="write the comparison figure to this PNG")
    arguments = parser.parse_args()
    if arguments.picture is None:
        from skimage.data import camera

        scene = camera()[100:400, 100:400] / 255.0
    else:
        from PIL import Image

        scene = np.asarray(Image.open(arguments.picture).convert("L"))[:300, :300] / 255.0
    figure = Figure(figsize=(14, 8.2), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 4)
    for row, (name, make) in zip(axes, (("clipped lights", lights), ("scratch", scratch)), strict=True):
        truth, seen, hidden = make(scene)
        near = ndimage.binary_dilation(hidden, iterations=12) & (truth <= 1)
        shown = {
            f"{name}: observed": seen,
            "restored, samples as they are": restore.wiener(seen, PSF),
            "restored, samples unknown": unknown(seen, hidden, lights_clip=name == "clipped lights"),
            "sharp": truth,
        }
        for axis, (title, image) in zip(row, shown.items(), strict=True):
            axis.imshow(image, cmap="gray", vmin=0, vmax=1)
            axis.set_title(title, fontsize=14)
            axis.set(xticks=[], yticks=[])
            if title != "sharp":
                axis.set_xlabel(f"{psnr(image, truth):.1f} dB, near it {psnr(image, truth, near):.1f} dB", fontsize=13)
                print(f"{title:32s} {psnr(image, truth):6.2f} dB, near {psnr(image, truth, near):6.2f} dB")
    if arguments.figure is not None:
        figure.savefig(arguments.figure)


if __name__ == "__main__":
    main()
