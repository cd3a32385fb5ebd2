"""Lights far above the top code: no ring around them, and nothing changed where they are not."""

import json

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from skimage.data import camera

import cli
import restore
from restore import psf
from restore.observation.highlights import far_lights

DISK = psf.disk(4)


def night(tmp_path, level, *, colour=False):
    """Write a photograph with lights of a given level, blurred and clipped; return the file and the sharp frame."""
    scene = 0.5 * camera()[120:260, 130:270] / 255
    rows, columns = np.indices(scene.shape)
    for row, column in ((40, 50), (100, 105), (95, 35)):
        scene[(rows - row) ** 2 + (columns - column) ** 2 < 16] = level
    seen = np.clip(restore.degrade(scene, DISK, noise_sigma=0.003, rng=0, boundary="valid"), 0, 1)
    codes = np.rint(65535 * seen).astype(np.uint16)
    file = tmp_path / "night.tif"
    import tifffile

    tifffile.imwrite(file, np.stack([codes] * 3, axis=-1) if colour else codes)
    return file, scene[4:-4, 4:-4], seen >= 1


def deblurred(file, *words, capsys):
    output = file.with_name("out.tif")
    call = [
        "deblur",
        file,
        "--psf",
        "disk",
        "--radius",
        4,
        "--linear",
        "--no-figure",
        "--json",
        "--force",
        "-o",
        output,
    ]
    assert cli.main([str(word) for word in [*call, *words]]) == 0
    import tifffile

    return tifffile.imread(output) / 65535, json.loads(capsys.readouterr().out)


def error(estimate, truth, where):
    return np.sqrt(np.mean((np.clip(estimate, 0, 1) - np.clip(truth, 0, 1))[where] ** 2))


@pytest.mark.parametrize("colour", [False, True], ids=["gray", "colour"])
def test_far_lights_leave_no_ring(tmp_path, capsys, colour):
    file, sharp, clipped = night(tmp_path, 12.0, colour=colour)
    found, record = deblurred(file, "--clipped", "mask", "--outliers", "keep", capsys=capsys)
    kept, _ = deblurred(file, "--clipped", "keep", capsys=capsys)
    found, kept = (x[..., 1] if colour else x for x in (found, kept))
    around = ndimage.binary_dilation(clipped, iterations=14) & (sharp <= 1)
    linear = restore.wiener(np.where(clipped, 1, restore.blur(sharp, DISK)), DISK, mask=clipped)
    assert error(found, sharp, around) < 0.12 < error(linear, sharp, around)
    assert error(found, sharp, around) < 0.3 * error(kept, sharp, around)
    assert record["masked"] > clipped.mean()


def test_lights_a_little_above_the_top_stay_as_they_are(tmp_path, capsys):
    file, _, clipped = night(tmp_path, 1.6)
    _, record = deblurred(file, capsys=capsys)
    assert record["masked"] == pytest.approx(clipped.mean())


def test_only_the_lights_that_are_far_above_are_widened():
    clipped, restored = np.zeros((40, 60), bool), np.zeros((40, 60))
    clipped[5:8, 5:8] = clipped[20:31, 30:41] = True
    restored[clipped] = 1.5
    restored[25, 35] = 4.0
    whole, core = far_lights(clipped, restored, psf.box(3), channels=False)
    assert whole.sum() == 13**2
    assert core.sum() == 9**2
    assert not whole[:15].any()


def test_planes_and_channels_are_looked_at_one_by_one():
    clipped = np.zeros((2, 20, 20, 3), bool)
    clipped[1, 8:11, 8:11, 2] = True
    whole, core = far_lights(clipped, 5.0 * clipped, psf.box(3), channels=True)
    assert np.argwhere(core).tolist() == [[1, 9, 9, 2]]
    assert whole[1, ..., 2].sum() == whole.sum() == 25


def test_an_8_bit_photograph_keeps_its_lights_white(tmp_path, capsys):
    scene = np.full((120, 120), 0.2)
    scene[40:70, 40:70] = 6
    seen = np.clip(restore.blur(scene, DISK), 0, 1)
    file = tmp_path / "lamp.png"
    Image.fromarray(np.rint(255 * seen).astype(np.uint8)).save(file)
    words = ["deblur", str(file), "--psf", "disk", "--radius", "4", "--linear", "--no-figure", "--quiet"]
    assert cli.main(words) == 0
    with Image.open(tmp_path / "lamp.restored.png") as found:
        assert np.asarray(found)[50:60, 50:60].min() == 255
