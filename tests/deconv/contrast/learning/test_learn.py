"""`contrast --learn`: the layer of deep learning, trained to restore, beside the transpose and the Wiener filter."""

import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

import restore
import upsample
from deconv.contrast.learning.responses import mean_spectrum, responses_of


@pytest.fixture
def photos(tmp_path, texture):
    files = [tmp_path / "one.npy", tmp_path / "two.npy"]
    for seed, path in enumerate(files, 100):  # none of the seeds that noise is drawn from
        np.save(path, texture((72, 96), seed).astype(np.float32))
    return files


def test_each_picture_is_judged_by_a_layer_that_did_not_see_it(run, photos, tmp_path, capsys):
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY nothing")
    words = ["--sigma", 1.2, "--noise", 0.01, "--regularization", 0.01, "--learn", "--taps", 9, "--no-figure"]
    inputs = [*photos, tmp_path / "broken.npy"]
    assert run("contrast", *inputs, *words, "--json") == 2
    out, err = capsys.readouterr()
    *done, failed = map(json.loads, out.splitlines())
    assert failed["input"] == str(inputs[-1])
    records = [record["learned"] for record in done]
    assert [record["trained_on"] for record in records] == [[str(photos[1])], [str(photos[0])]]
    for record in records:
        psnr = record["psnr"]
        assert psnr["learned"] > psnr["blurred"] > psnr["transposed"]
        assert psnr["learned"] == pytest.approx(psnr["wiener"], abs=0.5)
        assert not record["judged_in_training"]
        assert record["figure"] is None
        assert 0 < record["off_wiener"] < 0.15  # a single picture says little of a mean spectrum
    assert "on 1 other picture" in err
    assert "broken.npy" in err


def test_a_single_picture_trains_its_own_layer_and_says_so(run, photos, capsys):
    assert run("contrast", photos[0], "--learn", "--taps", 5, "--sigma", 1, "--json") == 0
    out, err = capsys.readouterr()
    record = json.loads(out)["learned"]
    assert record["judged_in_training"]
    assert record["figure"] == str(photos[0].with_name("one.contrast.learned.png"))
    with Image.open(record["figure"]) as picture:
        assert picture.width == 1600
    assert record["taps"] == 5
    assert "on this picture itself" in err


def test_taps_without_learning_are_refused(refused, photos):
    refused("contrast", str(photos[0]), "--taps", "5", expected="add --learn")


def test_the_filters_are_those_of_the_formulas(texture):
    """A motion blur that no axis mirrors: the transpose conjugates, and the layer follows the Wiener filter."""
    psf, noise = restore.psf.motion(5, 30), 0.02
    images = [texture((160, 160), 100 + seed) for seed in range(4)]
    blurred = [restore.degrade(f, psf, noise_sigma=noise, rng=n, boundary="periodic") for n, f in enumerate(images)]
    layer = upsample.learn_kernel(zip(blurred, images, strict=True), stride=1, size=13, border="periodic")
    responses = responses_of(psf, layer, images, noise)
    otf = restore.psf_to_otf(psf, (64, 64))
    np.testing.assert_allclose(responses.transpose, otf.conj())
    denominator = np.abs(otf) ** 2 + noise**2 / mean_spectrum(images, 64)
    np.testing.assert_allclose(responses.wiener, otf.conj() / denominator)
    off = responses.deviation  # 0.05; C' lies 0.2 away
    assert 3 * off < dataclasses.replace(responses, learned=responses.transpose).deviation, off
    assert responses.cut()[0] == "horizontal"


def test_the_mean_spectrum_of_white_noise_is_its_variance():
    rng = np.random.default_rng(0)
    power = mean_spectrum([rng.normal(0, 0.5, (96, 96)) for _ in range(20)], 16)
    np.testing.assert_allclose(power.mean(), 0.25, rtol=0.02)
    np.testing.assert_allclose(power[2:-1, 2:], 0.25, rtol=0.25)  # what lies near zero lost the mean
    assert mean_spectrum([rng.random((9, 40, 3))], 16).shape == (16, 9)
