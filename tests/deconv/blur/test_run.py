"""The blur command as its users meet it."""

import numpy as np
import pytest
import tifffile
from PIL import Image

import restore

GAUSSIAN = ["--psf", "gaussian", "--sigma", "1.5"]


def test_alpha_hides_what_lies_under_it(run, texture, tmp_path):
    """Colour under full transparency must not bleed into what is seen."""
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[..., :3] = (255 * texture((64, 64, 3))).astype(np.uint8)
    rgba[..., 3] = 255
    rgba[:, 40:] = 255, 0, 255, 0
    other = rgba.copy()
    other[:, 40:, :3] = 0
    results = []
    for i, array in enumerate((rgba, other)):
        path, output = tmp_path / f"{i}.png", tmp_path / f"{i}.out.png"
        Image.fromarray(array).save(path)
        assert run("blur", path, *GAUSSIAN, "-o", output, "--no-figure") == 0
        results.append(np.asarray(Image.open(output)))
    np.testing.assert_array_equal(results[0][:, :40], results[1][:, :40])
    np.testing.assert_array_equal(results[0][..., 3], rgba[..., 3])
    np.testing.assert_array_equal(results[0][:, 40:], rgba[:, 40:])


def test_blur_is_repeatable_and_seeded(run, photo, tmp_path):
    def blurred(name, seed):
        run("blur", photo, *GAUSSIAN, "--noise", 0.02, "--seed", seed, "-o", tmp_path / name, "--no-figure")
        return (tmp_path / name).read_bytes()

    assert blurred("a.png", 1) == blurred("b.png", 1) != blurred("c.png", 2)


@pytest.mark.parametrize("noise", [("--noise", 0.05), ("--photons", 100)])
def test_every_plane_and_every_file_has_noise_of_its_own(run, tmp_path, noise):
    even = np.full((3, 40, 40), 0.5, np.float32)
    names = [tmp_path / name for name in ("a.tif", "b.tif", "sub/a.tif")]
    (tmp_path / "sub").mkdir()
    for name in names:
        tifffile.imwrite(name, even[0])
    tifffile.imwrite(tmp_path / "stack.tif", even, photometric="minisblack")
    words = [*GAUSSIAN, *noise, "--no-figure", "--quiet", "--force"]
    assert run("blur", tmp_path / "stack.tif", "--frame", "all", *words, "-o", tmp_path / "o.tif") == 0
    assert run("blur", *names, *words) == 0
    files = [name.with_name(f"{name.stem}.blurred.tif") for name in names]
    first = [tifffile.imread(file) for file in files]
    for noises in (tifffile.imread(tmp_path / "o.tif"), first):
        correlation = np.corrcoef(np.reshape(noises, (3, -1)))
        assert np.abs(correlation[np.triu_indices(3, 1)]).max() < 0.1
    assert run("blur", *names[::-1][1:], names[2], *words) == 0  # in another order
    for file, noisy in zip(files, first, strict=True):
        np.testing.assert_array_equal(tifffile.imread(file), noisy)


def test_a_stack_is_blurred_along_its_depth(run, tmp_path, capsys):
    stack = np.zeros((5, 2, 12, 12), np.float32)
    stack[2, 0, 6, 6] = 1
    psf = restore.psf.gaussian((0.5, 0.8, 0.8))
    np.save(tmp_path / "psf.npy", psf)
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, metadata={"axes": "ZCYX"})
    words = ["--frame", "all", "--psf", tmp_path / "psf.npy", "--no-figure", "-o", tmp_path / "o.tif"]
    assert run("blur", tmp_path / "a.tif", *words) == 0
    blurred = tifffile.imread(tmp_path / "o.tif").reshape(stack.shape)
    np.testing.assert_allclose(blurred[:, 0, 2:11, 2:11], psf, atol=1e-4)
    assert not blurred[:, 1].any()
    assert "to each C by itself" in capsys.readouterr().err
