"""Every method of the program: result, report, figure; and what does not fit together is refused in one line."""

import json
from functools import partial

import numpy as np
import pytest
from PIL import Image

import restore
from deconv.deblur.options import METHODS, QUALITIES
from restore import psf
from restore.methods.automatic import QUALITIES as METHOD_OF_QUALITY
from restore.methods.method import METHODS as RECORDS


@pytest.fixture(scope="session")
def run(run):
    """The deblur command."""
    return partial(run, "deblur")


@pytest.fixture(scope="module")
def blurred(tmp_path_factory):
    file = tmp_path_factory.mktemp("methods") / "blurred.png"
    tiles = 0.2 + 0.6 * np.kron(np.indices((7, 8)).sum(axis=0) % 3 / 2, np.ones((10, 9)))
    observed = restore.degrade(tiles, psf.disk(2), noise_sigma=0.01, rng=0, boundary="reflect")
    Image.fromarray(np.rint(255 * np.clip(observed, 0, 1)).astype(np.uint8)).save(file)
    return file


def test_the_parser_names_the_methods_that_there_are():
    assert set(METHODS) == set(RECORDS)


def test_the_parser_names_the_qualities_that_there_are():
    assert set(QUALITIES) == set(METHOD_OF_QUALITY)


#: One method of each kind, as the figure tells them apart: a filter with its strength and without, a count, a mean.
DRAWN = ("wiener", "inverse", "richardson_lucy", "aggregate")


@pytest.mark.parametrize("method", METHODS)
def test_every_method(run, blurred, method, tmp_path, capsys):
    output = tmp_path / "restored.png"
    figure = ["--diagnostics"] if method in DRAWN else ["--no-figure"]
    words = [blurred, "--psf", "disk", "--radius", 2, "--linear", "--method", method, "-o", output, "--json"]
    assert run(*words, *figure) == 0
    said = capsys.readouterr()
    record = json.loads(said.out)
    assert record["method"] == method
    assert (record["iterations"] > 0) == (method not in ("wiener", "cls", "inverse"))
    assert f"  method    {method}" in said.err
    with Image.open(output) as restored:
        assert restored.size == (72, 70)
    if method in DRAWN:
        with Image.open(record["figure"]) as drawn:
            assert drawn.size[0] == 1600


def test_a_strength_that_is_given_is_used(run, blurred, tmp_path, capsys):
    words = ["--psf", "disk", "--radius", 2, "--no-figure", "--json", "-o", tmp_path / "a.png"]
    assert run(blurred, *words, "--method", "total_variation", "--strength", 0.01) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["parameter"], record["rule"]) == (0.01, "given")
    assert run(blurred, *words, "--force", "--method", "richardson_lucy", "--iterations", 7) == 0
    assert json.loads(capsys.readouterr().out)["iterations"] == 7


@pytest.mark.parametrize(
    ("words", "method", "quality"),
    [
        ([], "aggregate", "good"),
        (["--method", "auto"], "aggregate", "good"),
        (["--quality", "fast"], "wiener", "fast"),
        (["--quality", "best"], "aggregate_patches", "best"),
        (["--nsr", 0.01], "wiener", "good"),
        (["--strength", 0.001], "hyper_laplacian", "good"),
        (["--noise", 0.01], "aggregate", "good"),
        (["--regularization", 0.01], "cls", "good"),
        (["--iterations", 5], "richardson_lucy", "good"),
        (["--method", "wiener"], "wiener", None),
    ],
)
def test_the_method_is_chosen_by_quality_and_by_what_is_given(run, blurred, words, method, quality, tmp_path, capsys):
    output = tmp_path / "restored.png"
    assert run(blurred, "--psf", "disk", "--radius", 2, "--linear", "-o", output, "--no-figure", "--json", *words) == 0
    said = capsys.readouterr()
    record = json.loads(said.out)
    assert (record["method"], record["quality"]) == (method, quality)
    assert f"method    {method}" + (f" (quality {quality})" if quality else "") in said.err


@pytest.mark.parametrize("method", ["aggregate", "wiener", "richardson_lucy"])
def test_one_knob_for_every_method(run, blurred, method, tmp_path, capsys):
    def roughness(*words):
        output = tmp_path / "restored.png"
        options = ["--psf", "disk", "--radius", 2, "--linear", "--method", method, "--no-figure", "--force", "--json"]
        assert run(blurred, *options, "-o", output, *words) == 0
        said = capsys.readouterr()
        with Image.open(output) as restored:
            rough = float(np.abs(np.diff(np.asarray(restored, float), axis=0)).sum())
        return rough, json.loads(said.out), said.err

    (sharper, less, _), (plain, usual, _), (smoother, more, said) = (
        roughness(*words) for words in (["--sharper", 4], [], ["--smoother", 4])
    )
    assert sharper > plain > smoother
    assert (less["smoothness"], usual["smoothness"], more["smoothness"]) == (0.25, 1, 4)
    assert "4 times smoother" in said
    assert less["parameter"] != usual["parameter"] != more["parameter"]


def test_flat_ground_stays_as_the_file_has_it(run, tmp_path, capsys):
    sharp = np.full((96, 96), 0.5)
    sharp[:, 60:] += np.tile(np.repeat([-0.4, 0.4], 8), 3)[:36]
    observed = restore.degrade(sharp, restore.psf.disk(2), noise_sigma=0.03, rng=0).astype(np.float32)
    np.save(tmp_path / "observed.npy", observed)

    def restored(*words):
        output = tmp_path / "restored.npy"
        options = ["--psf", "disk", "--radius", 2, "--sharper", 10, "--no-figure", "--force", "--json"]
        assert run(tmp_path / "observed.npy", *options, "-o", output, *words) == 0
        said = capsys.readouterr()
        return np.load(output), json.loads(said.out), said.err

    (plain, usual, _), (calm, record, said) = restored(), restored("--keep-flat", 2)
    flat, lines = slice(8, 44), slice(66, 90)
    assert np.abs(calm - observed)[:, flat].mean() < 0.3 * np.abs(plain - observed)[:, flat].mean()
    assert np.abs(calm - plain)[:, lines].mean() < 0.4 * np.abs(plain - observed)[:, lines].mean()
    assert (usual["keep_flat"], record["keep_flat"]) == (0, 2)
    assert "the file's own samples where its contrast is below 2 times the noise" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--keep-flat", "-1"], "must be a number >= 0"),
        (["--method", "magic"], "invalid choice: 'magic'"),
        (["--method", "wiener", "--strength", "1"], "strength does not belong to method 'wiener'"),
        (["--method", "wiener", "--quality", "best"], "quality chooses a method where none is named"),
        (["--method", "inverse", "--smoother", "2"], "--smoother does not belong to method 'inverse'"),
        (["--smoother", "2", "--sharper", "2"], "not allowed with argument"),
        (["--smoother", "0"], "must be a number > 0"),
        (["--method", "nonlocal", "--iterations", "3"], "iterations does not belong to method 'nonlocal'"),
        (["--method", "richardson_lucy", "--read-noise", "0.1"], "gain must be given with --read-noise"),
        (["--method", "richardson_lucy", "--iterations", "0"], "must be a whole number >= 1"),
    ],
)
def test_what_does_not_fit_is_refused(run, blurred, words, said, tmp_path, capsys):
    assert run(blurred, "--psf", "disk", "--radius", 2, "-o", tmp_path / "a.png", *words) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert said in lines[0]
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_in_an_iteration_leaves_nothing(run, blurred, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(restore, "deconvolve", interrupted)
    code = run(blurred, "--psf", "disk", "--radius", 2, "-o", tmp_path / "a.png", "--method", "nonlocal")
    assert code == 130
    assert list(tmp_path.iterdir()) == []
