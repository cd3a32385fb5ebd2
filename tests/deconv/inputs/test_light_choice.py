"""A picture whose blur added codes is restored in codes, one whose blur added light in light."""

import numpy as np
import pytest
from PIL import Image
from scipy import signal
from skimage import data

from deconv.inputs.kernel import Kernel
from deconv.inputs.light_choice import likelier_light
from deconv.inputs.linear_light import read_light
from deconv.pictures import linear_to_srgb, srgb_to_linear
from deconv.settings import Reading

PATH = np.zeros((13, 13))
PATH[2:9, 3] = PATH[8, 3:11] = 1 / 15
KERNEL = Kernel(psf=PATH / PATH.sum(), family="blind")


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


def test_what_the_user_says_holds(tmp_path):
    path = tmp_path / "shaken.png"
    Image.fromarray(data.camera()[:60, :60]).save(path)
    reading = Reading(light="srgb")
    picture = read_light(str(path), reading)
    assert likelier_light(picture, KERNEL, reading) == (picture, KERNEL)
