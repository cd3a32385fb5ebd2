"""A file as linear light: how its codes are read, and which of its planes."""

import json

import numpy as np
import tifffile

GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]


def test_linear_light_is_the_default_for_photos_and_can_be_overridden(run, photo, tmp_path, capsys):
    lights = []
    for words in ([], ["--linear"], ["--srgb"]):
        output = tmp_path / f"{len(lights)}.png"
        assert run("deblur", photo, *GAUSSIAN, *words, "-o", output, "--no-figure", "--json") == 0
        lights.append(json.loads(capsys.readouterr().out)["light"])
    assert lights == ["srgb", "linear", "srgb"]
    assert (tmp_path / "0.png").read_bytes() == (tmp_path / "2.png").read_bytes()
    assert (tmp_path / "0.png").read_bytes() != (tmp_path / "1.png").read_bytes()


def test_every_plane_of_a_stack(run, texture, tmp_path, capsys):
    stack = np.stack([texture((48, 56), seed) for seed in range(3)]).astype(np.float32)
    path, output = tmp_path / "stack.tif", tmp_path / "out.tif"
    tifffile.imwrite(path, stack, photometric="minisblack")
    assert run("deblur", path, *GAUSSIAN, "-o", output, "--no-figure") == 0
    assert "each of 3 planes is restored by itself" in capsys.readouterr().err
    assert tifffile.imread(output).shape == (3, 48, 56)
    single = tmp_path / "single.tif"
    assert run("deblur", path, *GAUSSIAN, "-o", single, "--no-figure", "--frame", 1) == 0
    np.testing.assert_allclose(tifffile.imread(single), tifffile.imread(output)[1], atol=1e-6)
