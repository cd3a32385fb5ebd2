"""Files to begin from, written by the project's own writers, and arrays that nobody should have to expect."""

import numpy as np
from PIL import Image, ImageCms

from deconv.pictures import Picture, write

SHAPES = [(1, 1), (1, 9), (2, 2), (3, 5), (9, 11), (20, 24), (33, 31)]
FLOATS = ["float16", "float32", "float64"]


def build(folder):
    """Write the corpus into a folder and return its files by kind."""
    rng = np.random.default_rng(0)
    kinds = {
        "pictures": list(_pictures(folder, rng)),
        "arrays": list(_arrays(folder, rng)),
        "psfs": list(_psfs(folder, rng)),
        "kernels": list(_kernels(folder, rng)),
    }
    return {kind: [path.name for path in paths] for kind, paths in kinds.items()}


def _pictures(folder, rng):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[271], exif[305] = "Maker", "fuzz"
    extras = {"icc": profile, "exif": exif.tobytes().removeprefix(b"Exif\0\0"), "dpi": (72.0, 300.0)}
    for suffix, dtypes in {
        "png": ("uint8", "uint16"),
        "tif": ("uint8", "uint16", "int16", "uint32", *FLOATS),
        "jpg": ("uint8",),
        "webp": ("uint8",),
    }.items():
        for dtype in dtypes:
            for colour, alpha, more in ((False, False, {}), (True, False, extras), (True, True, {})):
                if alpha and suffix == "jpg":
                    continue
                yield _picture(folder / f"{dtype}{'c' * colour}{'a' * alpha}.{suffix}", dtype, rng, colour, alpha, more)
    stack = Picture(rng.random((3, 12, 10), np.float32), planes=3, format="TIFF")
    write(stack, folder / "stack.tif")
    yield folder / "stack.tif"


def _picture(path, dtype, rng, colour, alpha, more):
    shape = (28, 25)
    write(
        Picture(
            _samples(rng, dtype, (*shape, 3) if colour else shape),
            alpha=_samples(rng, dtype, shape) if alpha else None,
            channel_axis=-1 if colour else None,
            **more,
        ),
        path,
    )
    return path


def _samples(rng, dtype, shape):
    smooth = np.cumsum(rng.standard_normal(shape), axis=0)
    values = (smooth - smooth.min()) / np.ptp(smooth)
    top = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    return (values * top).astype(dtype)


def values(rng, shape, *, extreme=False):
    """Return float64 numbers: ordinary ones, flat ones, and those with which something is wrong."""
    plain = rng.random(shape)
    odd = [
        lambda: plain,
        lambda: plain,
        lambda: plain - 0.5,
        lambda: np.zeros(shape),
        lambda: np.full(shape, 0.25),
        lambda: np.where(plain > 0.8, 1.0, 0.0),
        lambda: plain * 1e-9,
        lambda: plain * 1e9,
        lambda: np.where(plain > 0.9, np.nan, plain),
        lambda: np.where(plain > 0.9, -np.inf, plain),
    ]
    if extreme:
        odd += [
            lambda power=power: (plain - 0.2) * 10.0**power
            for power in (-320, -300, -150, -40, -25, 20, 30, 38, 150, 307)
        ]
    return odd[rng.integers(len(odd))]()


def _arrays(folder, rng):
    for i, shape in enumerate([*SHAPES, (3, 9, 9), (2, 3, 5, 6), (4,), (0, 5), ()]):
        for dtype in (*FLOATS, "uint8", "complex64", ">f4"):
            with np.errstate(over="ignore", invalid="ignore"):
                array = values(rng, shape, extreme=True).astype(dtype)
            path = folder / f"array{i}{dtype.replace('>', 'b')}.npy"
            np.save(path, np.asfortranarray(array) if i % 3 == 0 else array)
            yield path


def _psfs(folder, rng):
    arrays = {
        "ones": np.ones((3, 3)),
        "even": np.ones((2, 4)),
        "signed": np.array([[0, -0.1, 0], [-0.1, 1.4, -0.1], [0, -0.1, 0]]),
        "zero": np.zeros((3, 3)),
        "mean0": np.array([[1.0, -1.0]]),
        "volume": np.ones((3, 3, 3)),
        "large": np.ones((40, 40)),
        "nan": np.array([[1.0, np.nan]]),
        "huge": np.full((3, 3), 1e308),
        "small": np.full((3, 3), 1e-310),
        "whole": np.eye(3, dtype=np.uint8),
    }
    for name, array in arrays.items():
        np.save(folder / f"psf-{name}.npy", array)
        yield folder / f"psf-{name}.npy"
    for name, samples in (
        ("flat", np.full((5, 5), 7)),
        ("peak", np.pad([[255]], 3)),
        ("noise", rng.integers(0, 255, (7, 6))),
    ):
        write(Picture(samples.astype(np.uint8)), folder / f"psf-{name}.png")
        yield folder / f"psf-{name}.png"


def _kernels(folder, rng):
    for i, shape in enumerate([(1, 1), (3, 3), (4, 2), (1, 1, 3, 3), (3, 2, 4, 4), (2, 2, 2), (0, 3), (9, 9)]):
        for dtype in (*FLOATS, "complex64", "int8"):
            with np.errstate(over="ignore", invalid="ignore"):
                array = (9 * values(rng, shape, extreme=i > 5)).astype(dtype)
            np.save(folder / f"kernel{i}{dtype}.npy", array)
            yield folder / f"kernel{i}{dtype}.npy"
