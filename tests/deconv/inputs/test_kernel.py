"""A PSF that is larger than the picture: its rim goes, and that is said."""

import json

import numpy as np
import pytest
import tifffile

import restore
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel, fitting


@pytest.mark.parametrize(
    ("size", "grid"), [((25, 9), (24, 40)), ((24, 9), (23, 40)), ((9, 25), (40, 20)), ((7, 9), (7, 9))]
)
def test_the_centre_stays_in_the_middle(size, grid):
    psf = np.zeros(size)
    psf[size[0] // 2, size[1] // 2] = 1
    cut = fitting(Kernel(psf=psf, family="point"), grid, "a.png").psf
    assert cut.shape == tuple(map(min, size, grid))
    assert cut[cut.shape[0] // 2, cut.shape[1] // 2] == 1 == cut.sum()


def test_a_little_may_be_lost_and_is_said_and_much_is_refused():
    psf = restore.psf.gaussian(3)
    kernel = fitting(Kernel(psf=psf, family="a"), (19, 40), "a.png")
    middle = len(psf) // 2
    kept = psf[middle - 9 : middle + 10]
    np.testing.assert_allclose(kernel.psf, kept / kept.sum(), rtol=1e-14)
    (note,) = kernel.notes
    assert f"larger than the picture of 19 x 40: its rim was cut off, with {100 * (1 - kept.sum()):.2g} % of it" in note
    with pytest.raises(UsageError, match=r"^a\.png: the PSF of 25 x 25 samples .* and 24 % of it lies outside"):
        fitting(Kernel(psf=psf, family="a"), (7, 40), "a.png")


def test_a_bead_of_more_planes_than_the_stack(run, texture, tmp_path, capsys):
    stack = np.stack([texture((20, 22), seed) for seed in range(6)]).astype(np.float32)
    bead = np.zeros((9, 5, 5))
    bead[2:7, 1:4, 1:4] = 1
    bead[0] = bead[-1] = 1e-3
    np.save(tmp_path / "bead.npy", bead / bead.sum())
    tifffile.imwrite(tmp_path / "stack.tif", stack, photometric="minisblack")
    words = ["--frame", "all", "--psf", tmp_path / "bead.npy", "--method", "wiener", "--no-figure", "--json"]
    assert run("deblur", tmp_path / "stack.tif", *words) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("the PSF of 9 x 5 x 5 samples is larger than the picture of 6 x 20 x 22" in note for note in notes)


def test_a_file_is_described_by_its_name_alone():
    kernel = Kernel(psf=np.ones((3, 5)) / 15, family="/home/somebody/kernels/star.npy")
    assert kernel.describe() == "star.npy, 3 x 5 px"
