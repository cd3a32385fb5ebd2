"""`upsample --learn`: a kernel file from pictures, that `--kernel` takes and that beats the fixed kernels."""

import json

import numpy as np
import pytest

import cli
import upsample


@pytest.fixture
def photos(tmp_path):
    """Three pictures of soft edges and texture, as 8-bit files in a folder."""
    from PIL import Image

    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(3):
        rng = np.random.default_rng(seed)
        radius = np.hypot(np.fft.fftfreq(49)[:, None], np.fft.fftfreq(64))
        picture = np.fft.ifft2(np.fft.fft2(rng.standard_normal((49, 64, 3)), axes=(0, 1)).T / (0.03 + radius.T)).real.T
        picture = np.clip(127 + 40 * picture / picture.std(), 0, 255).astype(np.uint8)
        Image.fromarray(picture).save(folder / f"{seed}.png")
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_a_folder_becomes_a_kernel_that_enlarges_a_picture(photos, tmp_path, capsys):
    kernel = tmp_path / "kernel.npy"
    assert (
        cli.main(["upsample", "--learn", str(photos), "--stride", "2", "--size", "6", "-o", str(kernel), "--json"]) == 0
    )
    said = capsys.readouterr()
    record = json.loads(said.out)
    weight = np.load(kernel)
    assert weight.shape == (1, 1, 6, 6)  # as PyTorch has it
    assert upsample.checkerboard(weight, 2).even
    assert record["input"] == [str(photos / f"{n}.png") for n in (0, 1)]
    assert record["judged"] == str(photos / "2.png")
    assert not record["judged_in_training"]
    assert record["psnr"]["learned"] > max(record["psnr"][name] for name in ("nearest", "bilinear", "cubic"))
    assert record["training_error"] < record["start_error"]
    assert (tmp_path / "kernel.figure.png").is_file()
    assert "no checkerboard" in said.err
    apply = next(line for line in said.err.splitlines() if line.split()[0] == "apply").split()[1:]
    words = [str(photos / "2.png") if word == "PICTURE" else word for word in apply]
    large = tmp_path / "large.npy"
    assert cli.main([*words, "-o", str(large), "--no-figure", "--quiet"]) == 0
    assert np.load(large).shape == (3, 98, 128)


def test_it_is_what_the_library_learns(photos, tmp_path):
    x = np.random.default_rng(0).random((12, 9))
    source, kernel = tmp_path / "map.npy", tmp_path / "map.kernel.npy"
    np.save(source, x)
    assert cli.main(["upsample", "--learn", str(source), "--stride", "3,1", "--no-figure", "--quiet"]) == 0
    small = x.reshape(4, 3, 9).mean(axis=1)
    learned = upsample.learn_kernel([(small, x)], stride=(3, 1), size=(12, 4), keep_constant=True)
    np.testing.assert_allclose(np.load(kernel), learned.weight, atol=1e-12)
    assert not (tmp_path / "map.kernel.figure.png").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--learn", "{photos}", "--kernel", "cubic"], "--kernel does not go with --learn"),
        (["--learn", "{photos}", "--output-size", "9,9"], "--output-size does not go with --learn"),
        (["--learn", "{photos}", "--stride", "4", "--size", "3"], "--size must be at least --stride"),
        (["{photos}/0.png", "--size", "3"], "add --learn"),
        (["--learn", "{photos}", "-o", "{photos}/kernel.png"], "a kernel is a .npy file"),
        (["--learn", "{empty}"], "holds no picture"),
        (["--learn", "{photos}/0.png", "{photos}/none.png"], "none.png"),
        (["--learn", "{photos}/0.png", "--stride", "50"], "too small to shrink"),
        (["--learn", "{flat}", "--stride", "2"], "must determine every weight"),
        (["--learn", "{complex}", "--stride", "2"], "must be real"),
    ],
)
def test_what_cannot_be_learned_is_refused_in_one_line(words, line, photos, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    np.save(tmp_path / "flat.npy", np.zeros((8, 8)))
    np.save(tmp_path / "complex.npy", np.ones((8, 8), complex))
    places = {"photos": photos, "empty": tmp_path / "empty"} | {n: tmp_path / f"{n}.npy" for n in ("flat", "complex")}
    before = sorted(tmp_path.rglob("*"))
    assert cli.main(["upsample", *(word.format(**places) for word in words)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("error: ")
    assert line in said[0]
    assert sorted(tmp_path.rglob("*")) == before
