"""What is shown of a part is what the program would make of it, and is quick because it is known already."""

import numpy as np
import pytest
from PIL import Image
from skimage import data

import restore
from deconv import pictures
from deconv.deblur.restoration import restored
from deconv.inputs.light_choice import CODES
from deconv.inputs.masks import hidden_samples
from deconv.serve.command import Command, request_for, words_of
from deconv.serve.work.opened import Opened, within
from deconv.serve.work.preview import Block, preview
from deconv.serve.work.turns import Superseded, Turn
from deconv.settings import Reading

PSF = {"psf": "disk", "radius": 2.5}


def request_of(**settings):
    return request_for(Command.on("a.png", words_of({name.replace("_", "-"): v for name, v in settings.items()})).words)


@pytest.fixture(scope="module")
def opened(texture, tmp_path_factory):
    """A blurred picture in colour, sRGB."""
    path = tmp_path_factory.mktemp("opened") / "photo.png"
    light = restore.degrade(texture((180, 240, 3)), restore.psf.disk(2.5), noise_sigma=0.003, rng=0, channel_axis=-1)
    codes = 255 * pictures.linear_to_srgb(np.clip(light, 0, 1))
    Image.fromarray(codes.round().astype(np.uint8)).save(path)
    return Opened.read(str(path), Reading())


@pytest.mark.parametrize("method", [{"quality": "fast"}, {"method": "cls"}, {}], ids=str)
def test_a_preview_is_a_part_of_the_result(opened, method):
    request = request_of(**PSF, **method)
    _, kernel = opened.kernel(request)
    whole = restored(request, opened.light, kernel, hidden_samples(request.unknown, opened.light)).image
    box = (60, 50, 100, 80)
    part = preview(opened, request, box, "settled", Turn())
    assert part.image.shape == (80, 100, 3)
    difference = part.image - whole[50:130, 60:160]
    assert np.sqrt(np.mean(difference**2)) < 0.004
    assert part.numbers["noise"] == pytest.approx(0.003, rel=0.5)


def test_what_was_found_once_is_carried_until_it_settles(opened):
    levels = [("settled", 2.5, False), ("final", 2.0, True), ("draft", 2.2, True), ("settled", 2.0, False)]
    for level, radius, carried in levels:
        request = request_of(psf="disk", radius=radius, quality="fast")
        numbers = preview(opened, request, (60, 50, 64, 64), level, Turn()).numbers
        assert (numbers["level"], numbers["carried"]) == (level, carried)
        assert numbers["psf"]["radius"] == radius


def test_of_a_small_picture_it_becomes_the_result_itself(opened):
    small = Opened(opened.part((20, 30, 90, 80)))
    request = request_of(**PSF, quality="fast")
    assert preview(small, request, (0, 0, 90, 80), "final", Turn()).numbers["carried"], "it has not settled yet"
    settled = preview(small, request, (0, 0, 90, 80), "settled", Turn())
    whole = restored(request, small.light, small.kernel(request)[1], hidden_samples(request.unknown, small.light))
    np.testing.assert_array_equal(settled.image, whole.image)
    assert not settled.numbers["carried"]


def test_the_strength_is_that_of_the_settings(opened):
    shown = [
        preview(opened, request_of(**PSF, quality="fast", **more), (60, 50, 64, 64), "final", Turn())
        for more in ({"smoother": 4}, {}, {"sharper": 4})
    ]
    strengths = [each.numbers["strength"]["value"] for each in shown]
    assert strengths == pytest.approx([4 * strengths[1], strengths[1], strengths[1] / 4])
    roughness = [np.abs(np.diff(each.image, axis=0)).mean() for each in shown]
    assert roughness == sorted(roughness)
    given = preview(opened, request_of(**PSF, method="wiener", nsr=0.02), (60, 50, 64, 64), "final", Turn())
    assert given.numbers["strength"] == {
        "name": "nsr",
        "argument": "nsr",
        "value": pytest.approx(0.02),
        "rule": "given",
    }


@pytest.mark.parametrize(
    "settings",
    [{"method": "richardson_lucy", "iterations": 5}, pytest.param({"quality": "best"}, marks=pytest.mark.slow)],
    ids=str,
)
def test_what_cannot_go_in_parts_is_restored_as_a_small_picture(opened, settings):
    request = request_of(**PSF, **settings)
    result = preview(opened, request, (90, 70, 40, 30), "final", Turn())
    assert result.image.shape == (30, 40, 3)
    assert "doubts" in result.numbers
    assert preview(opened, request, (90, 70, 40, 30), "draft", Turn()).numbers["method"] == "Wiener filter"


def test_the_blur_is_looked_for_once(opened, monkeypatch):
    asked = []
    find = restore.estimate_psf
    monkeypatch.setattr(restore, "estimate_psf", lambda *a, **k: asked.append(k["family"]) or find(*a, **k))
    fresh = Opened(opened.part((40, 30, 96, 96)))
    for request in (request_of(), request_of(quality="fast"), request_of(psf="disk"), request_of(psf="disk")):
        fresh.kernel(request)
    assert asked == ["auto", "disk"]


def test_something_newer_ends_it(opened):
    turn = Turn()
    turn.is_over = True
    with pytest.raises(Superseded):
        preview(opened, request_of(**PSF), (60, 50, 64, 64), "final", turn)


@pytest.mark.parametrize(
    ("box", "inside"),
    [((-5, 900, 64, 64), (0, 116, 64, 64)), ((0, 0, 640, 640), (0, 0, 240, 180)), ((100, 90, 10, 9), (100, 90, 10, 9))],
)
def test_a_part_lies_in_the_picture(opened, box, inside):
    assert within(box, *opened.size) == inside
    block = Block.of(box, opened, 48)
    assert block.box == inside
    x, y, width, height = block.around
    assert x >= 0 <= y
    assert x + width <= 240
    assert y + height <= 180
    samples = opened.part(block.around).image[block.inside]
    np.testing.assert_array_equal(samples, opened.part(inside).image)


def test_planes_alpha_and_depth_are_shown(tmp_path):
    rng = np.random.default_rng(0)
    stack = rng.integers(0, 60000, (3, 40, 50), np.uint16)
    np.save(tmp_path / "stack.npy", stack)
    opened = Opened.read(str(tmp_path / "stack.npy"), Reading(frame="all", axes="ZYX"))
    assert opened.size == (50, 40)
    assert opened.shown.shape == (40, 50)
    rgba = rng.integers(0, 255, (40, 50, 4), np.uint8)
    Image.fromarray(rgba).save(tmp_path / "a.png")
    opened = Opened.read(str(tmp_path / "a.png"), Reading())
    result = preview(opened, request_of(**PSF, quality="fast"), (0, 0, 50, 40), "final", Turn())
    assert result.light.opacity.shape == (40, 50)


@pytest.fixture(scope="module")
def in_codes(tmp_path_factory):
    """A picture whose codes were blurred."""
    path = tmp_path_factory.mktemp("codes") / "codes.png"
    sharp = data.camera()[60:330, 110:380] / 255
    codes = restore.degrade(sharp, restore.psf.disk(4), noise_sigma=0.003, rng=0, boundary="valid")
    Image.fromarray((255 * codes.clip(0, 1)).round().astype(np.uint8)).save(path)
    return Opened.read(str(path), Reading())


@pytest.mark.parametrize("words", [{"psf": "disk", "radius": 4.0}, {"psf": "disk"}])
def test_codes_that_were_blurred_are_shown_restored_in_codes(in_codes, words):
    light, kernel = in_codes.kernel(request_of(**words))
    assert light.light.light == "linear"
    assert CODES in kernel.notes
    assert kernel.parameters["radius"] == pytest.approx(4, rel=0.05)
    wider, moved = in_codes.kernel(request_of(psf="disk", radius=4.5))
    assert wider is light, "one light for every size"
    assert moved.parameters == {"radius": 4.5}
