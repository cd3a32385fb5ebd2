"""A method and a PSF family registered while the program runs work in all that it writes, without another line."""

import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

import restore
from restore.methods.method import METHODS, Method, Outcome, Strength
from restore.methods.method import register as register_method
from restore.psf.family import FAMILIES, Family, Parameter
from restore.psf.family import register as register_family
from restore.psf.optics.model import MODELS


@dataclasses.dataclass(frozen=True)
class UnsharpSettings:
    strength: float | None = None


def unsharp(observation, settings, progress):
    share, rule = (0.5, "usual") if settings.strength is None else (settings.strength, "given")
    data = observation.data
    laplacian = sum(np.roll(data, step, axis) - data for axis in (0, 1) for step in (-1, 1))
    progress(1.0)
    image = observation.framed(data - share * laplacian)
    return Outcome(image=image, strength=share, rule=rule, iterations=1)


def cross(size, angle=0.0):
    """Two bars of light, turned."""
    bars = [restore.psf.motion(size, a) for a in (angle, angle + 90)]
    edge = max(n for bar in bars for n in bar.shape)
    return sum(np.pad(bar, [((edge - n) // 2,) * 2 for n in bar.shape]) for bar in bars) / 2


@pytest.fixture
def toys():
    register_method(
        Method(
            name="unsharp",
            label="unsharp mask",
            strength=Strength(
                argument="strength",
                name="share",
                symbol="share",
                meaning="share of the Laplacian",
                larger="sharper and noisier",
            ),
            settings=UnsharpSettings,
            solve=unsharp,
        )
    )
    parameters = (Parameter("size", "px"), Parameter("angle", "deg", required=False))
    register_family(Family(name="cross", draw=cross, parameters=parameters))
    yield
    del METHODS["unsharp"], FAMILIES["cross"]


@pytest.fixture
def photo(tmp_path):
    with Image.open("samples/sharp.png") as sharp:
        picture = np.asarray(sharp.convert("L"), float)[:96, :112] / 255
    blurred = restore.degrade(picture, cross(5), noise_sigma=0.005, rng=0)
    file = tmp_path / "photo.png"
    Image.fromarray(np.rint(255 * np.clip(blurred, 0, 1)).astype(np.uint8)).save(file)
    return file


def test_both_work_in_every_output(run, toys, photo, tmp_path, capsys):
    words = ["--psf", "cross", "--size", 5, "--angle", 10, "--method", "unsharp", "--strength", 0.25, "--diagnostics"]
    files = ["-o", tmp_path / "a.png", "--card", tmp_path / "card.png", "--report", tmp_path / "page.html"]
    assert run("deblur", photo, *words, *files, "--json") == 0
    told = capsys.readouterr()
    record = json.loads(told.out)
    assert record["psf"] == {"family": "cross", "size": 5.0, "angle": 10.0, "estimated": []}
    assert (record["method"], record["parameter"], record["rule"], record["iterations"]) == (
        "unsharp",
        0.25,
        "given",
        1,
    )
    names = ["size -10 %", "in use", "size +10 %", "angle -3 deg", "angle +3 deg"]
    assert [trial["psf"] for trial in record["sensitivity"]] == names
    assert "  method    unsharp, share 0.25 (given), boundary unknown" in told.err
    assert "  psf       cross, size 5 px, angle 10 deg" in told.err
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "unsharp mask" in page
    assert "0.25 (share of the Laplacian)" in page
    assert "More is sharper and noisier, less is smoother." in page
    assert "10°" in page
    for name in ("a.figure.png", "card.png"):
        with Image.open(tmp_path / name) as drawn:
            assert drawn.size[0] == 1600


def test_without_an_own_strength_the_rule_is_said(run, toys, photo, tmp_path, capsys):
    assert run("deblur", photo, "--psf", "cross", "--size", 5, "--method", "unsharp", "--no-figure", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rule"] == "usual"


def test_the_picture_can_be_blurred_by_it(run, toys, photo, tmp_path):
    assert run("blur", photo, "--psf", "cross", "--size", 7, "--no-figure", "-o", tmp_path / "b.png", "--quiet") == 0
    assert (tmp_path / "b.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--psf", "cross"], "--psf cross needs --size"),
        (["--psf", "cross", "--size", 5, "--sigma", 2], "--sigma does not belong to --psf cross"),
        (["--psf", "cross", "--size", 5, "--method", "unsharp", "--nsr", 1], "nsr does not belong to method 'unsharp'"),
    ],
)
def test_what_does_not_belong_to_it_is_refused(run, toys, photo, words, said, capsys):
    assert run("deblur", photo, *words, "--no-figure") == 2
    assert said in capsys.readouterr().err


def test_without_them_the_words_mean_nothing(run, photo, capsys):
    assert run("deblur", photo, "--psf", "cross", "--size", 5, "--no-figure") == 2
    assert "--size does not belong to --psf cross" in capsys.readouterr().err
    assert run("deblur", photo, "--psf", "box", "--size", 5, "--method", "unsharp", "--no-figure") == 2
    assert "invalid choice: 'unsharp'" in capsys.readouterr().err


def test_the_parser_knows_the_parameters_of_every_family():
    from deconv.settings import PSF_MODELS, PSF_OPTICS, PSF_PARAMETERS

    assert tuple(MODELS) == PSF_MODELS
    assert set(PSF_OPTICS) == {parameter.name for model in MODELS.values() for parameter in model.parameters}
    assert set(PSF_PARAMETERS) == {parameter.name for family in FAMILIES.values() for parameter in family.parameters}
