"""Pictures on a screen: one range for all, in which the data can be seen."""

import numpy as np
import pytest
from PIL import Image

import restore
from deconv.figures import comparison
from deconv.figures.display import display, display_range, psf_core, range_words, scale_of
from deconv.pictures import Picture

PICTURE = np.linspace(0, 1, 10_000).reshape(100, 100)


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        (PICTURE, (0, 1)),
        (0.4 + 0.2 * PICTURE, (0, 1)),  # fog
        (0.3 * PICTURE, (0, 1)),  # dusk
        (np.zeros((5, 5)), (0, 1)),
        (450 / 65535 * PICTURE, (0, 450 / 65535)),
        (0.5 + 0.01 * PICTURE, (0.5, 0.51)),
        (1e-29 * PICTURE, (0, 1e-29)),
        (100 * PICTURE, (0, 100)),
        (np.full((5, 5), 7.0), (6.5, 7.5)),
    ],
    ids=["whole", "fog", "dusk", "black", "counts of 16 bits", "flat", "fluxes", "beyond 1", "constant"],
)
def test_the_data_can_be_seen_in_their_range(values, limits):
    low, high = display_range([values, 1000 * values])
    assert (low, high) == pytest.approx(limits, abs=2e-3 * (limits[1] - limits[0]))
    assert (range_words((low, high)) == "") == (limits == (0, 1))


def test_counts_of_16_bits_are_no_black_figure_and_the_caption_says_the_range(run, texture, tmp_path, monkeypatch):
    captions = []
    tell = comparison._tell
    monkeypatch.setattr(comparison, "_tell", lambda axes, facts: (tell(axes, facts), captions.append(dict(facts))))
    Image.fromarray((450 * texture((60, 70))).astype(np.uint16)).save(tmp_path / "counts.png")
    words = ["--psf", "box", "--size", 3, "--linear", "--method", "wiener", "--figure", tmp_path / "f.png"]
    assert run("deblur", tmp_path / "counts.png", *words) == 0
    with Image.open(tmp_path / "f.png") as drawn:
        figure = np.asarray(drawn.convert("L"))
    assert np.mean((figure[120:400, 60:500] > 60) & (figure[120:400, 60:500] < 200)) > 0.1
    assert captions[0]["shown"].startswith("black is 61.8, white 398")  # numbers of the file, as the noise
    assert 1 < float(captions[0]["noise"].split()[1].rstrip(",")) < 99


def test_a_volume_is_shown_by_its_largest_along_z():
    samples = np.zeros((6, 4, 5), np.float32)
    samples[1, 2, 3], samples[4, 0, 0] = 0.7, 0.9  # slice 1 of the first time, slice 1 of the second
    stack = Picture(samples, planes=6, plane_axes="TZ", plane_shape=(2, 3))
    assert display(stack)[2, 3] == np.float32(0.7)
    assert display(stack)[0, 0] == 0
    assert display(Picture(samples, planes=6, plane_axes="ZC", plane_shape=(3, 2)))[0, 0] == np.float32(0.9)
    assert not display(Picture(samples, planes=6)).any()


@pytest.mark.parametrize(
    ("times", "power", "words"),
    [
        (0.8, 1, "black is 1e-05, white 0.00999"),
        (1.7, 1, "black is 1e-05, white 0.017"),
        (5, 1 / 2, "black is 1e-05, white 0.0499, between them the root"),
        (12, 1 / 3, "black is 1e-05, white 0.12, between them the cube root"),
        (99, 1 / 3, "black is 1e-05, white 0.16, between them the cube root"),
    ],
)
def test_what_is_brighter_than_counted_light_is_no_white_area(times, power, words):
    """A restoration of points in the dark is many times brighter than they were: neither is lost in the figure."""
    counts = np.linspace(0, 0.01, 10_001).reshape(73, 137)
    scale = scale_of([counts, times * counts])
    assert scale.power == power
    assert scale.words == words
    assert scale.shades(times * counts).max() == pytest.approx(min(times, 1), abs=2e-3)
    assert scale.shades(counts).max() > 0.39
    assert (scale.above(times * counts) > 0) == (times > 16)


def test_photographs_are_shown_as_their_file_has_them():
    assert scale_of([PICTURE, PICTURE**2, np.sqrt(PICTURE)]).words == ""
    assert scale_of([PICTURE, 3 * PICTURE]).words == "black is 0, white 3, between them the root"


def test_a_result_without_its_ground_is_not_black():
    counts = np.linspace(0.0016, 0.008, 10_001).reshape(73, 137)
    restored = np.linspace(0, 1, 10_001).reshape(73, 137) ** 8 * 0.006
    scale = scale_of([counts, restored])
    assert np.median(scale.shades(restored)) > 0
    assert scale.low < 1e-9
    assert scale_of([counts, 9 * counts]).words_in(65535) == "black is 105, white 4.71e+03, between them the cube root"


def test_the_far_rim_of_a_psf_is_left_out_of_its_picture():
    psf = restore.psf.gaussian(1.2)
    wide = np.pad(psf, ((30, 30), (40, 40)))
    assert psf_core(wide).shape == psf_core(psf).shape
    assert psf_core(np.pad(psf, ((0, 12), (0, 0)))).max() == psf.max()
    assert psf_core(np.ones((1, 9))).shape == (9, 9)


def test_what_is_flagged_has_no_say_in_the_range():
    samples = np.full((60, 60), 5, np.float32)
    samples[10:50, 10:50] = np.linspace(0, 100, 1600).reshape(40, 40)
    flags = np.zeros(samples.shape, bool)
    flags[3] = True
    right = display(Picture(samples=samples, format="FITS"))
    samples[3] = 60000
    shown = display(Picture(samples=samples, format="FITS", unknown=flags))
    assert scale_of([shown]).high == pytest.approx(scale_of([right]).high, rel=0.01)
