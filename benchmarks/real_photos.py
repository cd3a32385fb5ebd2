"""What the program makes of real photographs of a shaken camera, on a folder of them, with sheets to look at.

The folder holds photographs NAME.png or NAME.jpg and, where there are any, NAME.reference_kernel.png and
NAME.reference_result.png: a kernel and a restoration that somebody published for the photograph. They are no truth,
only estimates that are known to restore it. None comes with this project.

A row says how large the kernel was found and how sure it is, how long the search took, how like it is to the
reference (the largest normalised correlation over all shifts), and how loud the flat ground became: the deviation of
the fine structure where the photograph is flattest, after over before. With --sheets a picture per photograph shows
input, restoration and reference side by side, the kernels in their corners.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

import restore
from deconv.main import main as program
from restore.blur_identification.shake.from_shake import USUAL_ERROR
from restore.blur_identification.shake.kernel_shape import likeness

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
#: Flat ground: this share of the windows, the flattest, of this edge; fine structure is what this Gaussian leaves out.
FLATTEST, WINDOW, FINE = 0.1, 33, 5.0
#: From this likeness on a kernel usually restores as well as the published one.
ALIKE = 0.85
#: Sheets show no more than this many pixels of an edge.
SHOWN = 640


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), np.float32) / 255


def photographs(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and ".reference_" not in p.name)


def beside(path: Path, what: str) -> Path | None:
    """Return the published kernel or result of a photograph."""
    other = path.with_name(f"{path.stem}.reference_{what}.png")
    return other if other.exists() else None


def ringing(before: np.ndarray, after: np.ndarray) -> float:
    """Return the deviation of the fine structure on flat ground, after over before."""
    first, second = (p.mean(-1) - ndimage.gaussian_filter(p.mean(-1), FINE) for p in (before, after))
    spread = ndimage.uniform_filter(first**2, WINDOW)
    flat = spread <= np.quantile(spread, FLATTEST)
    return float(np.sqrt(np.mean(second[flat] ** 2) / max(np.mean(first[flat] ** 2), 1e-12)))


def restored_by_program(path: Path, psf: np.ndarray) -> np.ndarray:
    """Return the restoration as `--psf blind` makes it, without a second search."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        kernel, output = Path(folder) / "kernel.npy", Path(folder) / "restored.png"
        np.save(kernel, psf)
        words = ["--psf-error", str(USUAL_ERROR), "--outliers", "keep", "--no-figure"]
        program(["deblur", str(path), "--psf", str(kernel), *words, "-o", str(output)])
        return opened(output)


def measured(path: Path, args: argparse.Namespace) -> dict:
    photograph, known = opened(path), beside(path, "kernel")
    started = time.process_time()
    estimate = restore.estimate_kernel(photograph, channel_axis=-1)
    row = {"seconds": time.process_time() - started, "confidence": estimate.confidence, "size": estimate.size}
    if known is not None:
        row["likeness"] = likeness(estimate.psf, opened(known).mean(-1).astype(float))
    if args.kernels_only:
        return row
    restored = None if estimate.confidence == "none" else restored_by_program(path, estimate.psf)
    if restored is not None:
        row["ringing"] = ringing(photograph, restored)
    if args.sheets:
        args.sheets.mkdir(parents=True, exist_ok=True)
        sheet(path, photograph, restored, estimate.psf).save(args.sheets / f"{path.stem}.png")
    return row


def sheet(path: Path, photograph: np.ndarray, restored: np.ndarray | None, psf: np.ndarray) -> Image.Image:
    """Return input, restoration and reference in a row; a refused photograph has a gray place."""
    published, known = beside(path, "result"), beside(path, "kernel")
    gray = np.full_like(photograph, 0.5)
    panels = [photograph, gray if restored is None else with_kernel(restored, psf)]
    if published is not None:
        result = opened(published)
        panels.append(result if known is None else with_kernel(result, opened(known).mean(-1)))
    shrink = min(1.0, SHOWN / max(photograph.shape[:2]))
    edge = [round(shrink * n) for n in photograph.shape[:2]]
    pictures = [Image.fromarray(np.rint(255 * np.clip(p, 0, 1)).astype(np.uint8)).resize(edge[::-1]) for p in panels]
    row = Image.new("RGB", (len(pictures) * (edge[1] + 4), edge[0]), "white")
    for place, picture in enumerate(pictures):
        row.paste(picture, (place * (edge[1] + 4), 0))
    return row


def with_kernel(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the picture with its kernel, twice as large, in the upper left corner."""
    drawn = np.repeat(np.repeat(kernel / kernel.max(), 2, 0), 2, 1)[: picture.shape[0], : picture.shape[1]]
    result = picture.copy()
    result[: drawn.shape[0], : drawn.shape[1]] = drawn[..., None]
    return result


def shown(name: str, row: dict) -> str:
    numbers = "  ".join(
        f"{row[key]:{width}}" if key in row else " " * int(float(width.rstrip("f")))
        for key, width in (("size", "4d"), ("seconds", "6.1f"), ("likeness", "6.3f"), ("ringing", "6.2f"))
    )
    return f"{name:24s}  {row['confidence']:9s}  {numbers}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="folder with photographs")
    parser.add_argument("--only", default="", metavar="TEXT", help="photographs with this in their name")
    parser.add_argument("--kernels-only", action="store_true", help="restore nothing")
    parser.add_argument("--sheets", type=Path, metavar="FOLDER", help="where to write a sheet per photograph")
    args = parser.parse_args()
    if args.folder is None:
        parser.exit(0, "needs a folder with photographs (see --help); nothing done\n")
    print(f"{'':24s}  {'':9s}  size  CPU s   like-  ringing")
    rows = []
    for path in photographs(args.folder):
        if args.only in path.name:
            rows.append(measured(path, args))
            print(shown(path.stem, rows[-1]), flush=True)
    known = [row["likeness"] for row in rows if "likeness" in row]
    if known:
        alike = sum(value >= ALIKE for value in known)
        print(f"likeness to the references: mean {np.mean(known):.3f}, {alike} of {len(known)} >= {ALIKE}")


if __name__ == "__main__":
    main()
