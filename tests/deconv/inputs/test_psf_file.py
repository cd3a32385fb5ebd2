"""A measured PSF from a file, of numbers or of a picture of a point."""

import json

import numpy as np
import pytest
from PIL import Image

import restore
from deconv.inputs.psf_file import kernel_of_file
from deconv.settings import PSFChoice


def test_measured_psf_as_array_and_as_picture(run, photo, tmp_path, capsys):
    psf = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])
    np.save(tmp_path / "psf.npy", psf)
    point = np.full((21, 21), 30)
    point[8:13, 8:13] += 6 * psf
    Image.fromarray(point.astype(np.uint8)).save(tmp_path / "point.png")
    outputs = []
    for name, words in (("psf.npy", []), ("point.png", ["--linear"])):
        output = tmp_path / f"{name}.out.png"
        assert run("deblur", photo, "--psf", tmp_path / name, "-o", output, *words, "--json", "--no-figure") == 0
        outputs.append(json.loads(capsys.readouterr().out))
    assert outputs[0]["psf"]["family"].endswith("psf.npy")
    assert outputs[0]["notes"] == ["the PSF's sum was 256 and is scaled to 1"]
    assert "background" in outputs[1]["notes"][0]


@pytest.mark.parametrize(("total", "is_said"), [(1, False), (1 + 9e-5, False), (1 + 2e-4, True), (0.5, True)])
def test_an_array_that_does_not_sum_to_one_is_scaled_and_that_is_said(total, is_said, tmp_path):
    psf = total * restore.psf.disk(2)
    np.save(tmp_path / "psf.npy", psf)
    kernel = kernel_of_file(PSFChoice(psf=str(tmp_path / "psf.npy"), parameters={}), ())
    np.testing.assert_allclose(kernel.psf, psf / psf.sum(), rtol=1e-15)
    assert kernel.notes == ((f"the PSF's sum was {total:.6g} and is scaled to 1",) if is_said else ())
