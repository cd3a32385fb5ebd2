"""The blur command as its users meet it."""

import numpy as np
from PIL import Image

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
