"""A picture whose blur added codes is restored in codes, one whose blur added light in light."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy import signal
from skimage import data

import restore
from deconv.errors import UsageError
from deconv.inputs.kernel import Kernel
from deconv.inputs.light_choice import CODES, likelier_light
from deconv.inputs.linear_light import read_light
from deconv.pictures import linear_to_srgb, srgb_to_linear
from deconv.settings import Reading

PATH = np.zeros((13, 13))
PATH[2:9, 3] = PATH[8, 3:11] = 1 / 15
KERNEL = Kernel(psf=PATH / PATH.sum(), family="blind", error=0.01)
LENS = Kernel(psf=restore.psf.disk(4), family="disk", parameters={"radius": 4.0})


@pytest.mark.parametrize("light", ["linear", "srgb"])
def test_the_light_in_which_the_blur_happened_is_chosen(light, tmp_path):
    codes = data.camera()[60:230, 110:280] / 255
    decode, encode = (srgb_to_linear, linear_to_srgb) if light == "srgb" else (np.asarray, np.asarray)
    shaken = encode(np.clip(signal.fftconvolve(decode(codes), KERNEL.psf, mode="valid"), 0, 1))
    path = tmp_path / "shaken.png"
    Image.fromarray(np.rint(255 * shaken).astype(np.uint8)).save(path)
    picture, kernel = likelier_light(read_light(str(path), Reading()), KERNEL, Reading())
    assert picture.light == light
    assert kernel.notes[0].startswith(
        {"linear": "restored in stored codes", "srgb": "restored in decoded light"}[light]
    )


@pytest.fixture(scope="module")
def blurred(tmp_path_factory):
    """Return the path of a picture whose codes, or whose light, a lens blurred."""
    codes, folder = data.camera()[60:330, 110:380] / 255, tmp_path_factory.mktemp("blurred")

    def path(light):
        decode, encode = (srgb_to_linear, linear_to_srgb) if light == "srgb" else (np.asarray, np.asarray)
        seen = encode(restore.degrade(decode(codes), LENS.psf, noise_sigma=0.003, rng=0, boundary="valid").clip(0, 1))
        Image.fromarray(np.rint(255 * seen).astype(np.uint8)).save(folder / f"{light}.png")
        return str(folder / f"{light}.png")

    return path


@pytest.mark.parametrize("light", ["linear", "srgb"])
def test_so_it_is_with_a_psf_of_a_family(light, blurred):
    picture, kernel = likelier_light(read_light(blurred(light), Reading()), LENS, Reading())
    assert picture.light == light
    assert kernel.psf is LENS.psf
    assert kernel.notes == ((CODES,) if light == "linear" else ())


def test_a_psf_that_the_picture_told_is_looked_for_again(blurred):
    asked = []

    def again(light):
        asked.append(light.light)
        return replace(LENS, confidence="confident")

    assert likelier_light(read_light(blurred("srgb"), Reading()), LENS, Reading(), again)[1] is LENS
    assert asked == []
    picture, kernel = likelier_light(read_light(blurred("linear"), Reading()), LENS, Reading(), again)
    assert asked == ["linear"] == [picture.light]
    assert kernel.confidence == "confident"


def test_where_the_codes_show_no_blur_light_stays(blurred):
    def again(_):
        raise UsageError("no blur was found")

    light = read_light(blurred("linear"), Reading())
    assert likelier_light(light, LENS, Reading(), again) == (light, LENS)


def test_a_stack_and_a_volume_s_psf_are_left_alone(blurred):
    light = read_light(blurred("linear"), Reading())
    solid = replace(LENS, psf=LENS.psf[None])
    assert likelier_light(light, solid, Reading()) == (light, solid)


def test_the_program_takes_the_codes_and_says_so(blurred, run, capsys, tmp_path):
    words = ("--psf", "disk", "--quality", "fast", "--no-figure")
    assert run("deblur", blurred("linear"), *words, "--json", "-o", tmp_path / "a.png") == 0
    record = json.loads(capsys.readouterr().out)
    assert CODES in record["notes"]
    assert record["psf"]["radius"] == pytest.approx(4, rel=0.05)
    assert run("deblur", blurred("linear"), *words, "--radius", "4", "--srgb", "-o", tmp_path / "b.png") == 0
    assert CODES not in capsys.readouterr().out
    sharp = data.camera()[64:326, 114:376].astype(float)
    errors = [np.std(np.asarray(Image.open(tmp_path / name)) - sharp) for name in ("a.png", "b.png")]
    assert errors[0] < 0.8 * errors[1]


def test_estimate_looks_in_the_same_light(blurred, run, capsys):
    for light, notes in (("linear", [CODES]), ("srgb", [])):
        assert run("estimate", blurred(light), "--psf", "disk", "--json") == 0
        record = json.loads(capsys.readouterr().out)
        assert record["notes"] == notes
        assert record["psf"]["radius"] == pytest.approx(4, rel=0.05)


def test_what_the_user_says_holds(tmp_path):
    path = tmp_path / "shaken.png"
    Image.fromarray(data.camera()[:60, :60]).save(path)
    reading = Reading(light="srgb")
    picture = read_light(str(path), reading)
    assert likelier_light(picture, KERNEL, reading) == (picture, KERNEL)
