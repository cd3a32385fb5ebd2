"""Areas without a picture do no harm beyond their edges, and are not taken for flat places of one."""

import io
from functools import partial

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

import restore
from restore.noise.jpeg_rounding import rounding_variance
from restore.observation.dead_areas import dead_areas, hard_edges
from restore.observation.saturation import with_lights

DISK, GAUSS = restore.psf.disk(3), restore.psf.gaussian(2)
NOISE = 0.01


def area(name, shape):
    y, x = np.indices(shape) - (np.array(shape)[:, None, None] - 1) / 2
    return {
        "bars": np.abs(y) > 0.38 * shape[0],
        "corners": y**2 + x**2 > (0.5 * shape[0]) ** 2,
        "box": (np.abs(y) < 14) & (np.abs(x) < 22),
        "wedges": np.abs(y + x / 8) > 0.46 * shape[0],
    }[name]


def error(restored, sharp, dead):
    """Return the rms far from what is dead."""
    far = ndimage.binary_erosion(~dead, iterations=10, border_value=1)
    return float(np.sqrt(np.mean((restored - sharp)[far] ** 2)))


def compressed(picture, quality=80):
    """Return a picture as a JPEG gives it back, and what reads the variance of its rounding off it."""
    file = io.BytesIO()
    codes = (255 * np.clip(picture, 0, 1)).round().astype(np.uint8)
    Image.fromarray(codes).save(file, "JPEG", quality=quality, subsampling=2)
    with Image.open(file) as image:
        table = np.array(image.quantization[0]).reshape(8, 8)
        samples = np.asarray(image, np.float32) / 255
    return samples, partial(rounding_variance, samples, table, None)


@pytest.fixture(scope="module")
def sharp(pictures):
    return pictures["camera"][90:218, 130:258]


@pytest.fixture(scope="module")
def observed(sharp):
    return restore.degrade(sharp, DISK, noise_sigma=NOISE, rng=0).astype(np.float32)


@pytest.mark.parametrize(
    ("method", "name", "level"),
    [("auto", "bars", 0), ("wiener", "corners", 0), ("wiener", "box", 1), ("cls", "box", 0.4)],
)
def test_far_from_a_dead_area_the_picture_is_as_without(sharp, observed, method, name, level):
    dead = area(name, sharp.shape)
    without = restore.deconvolve(observed, DISK, method=method)
    black = np.where(dead, np.float32(level), observed)
    masked, found = (restore.deconvolve(black, DISK, method=method, mask=mask) for mask in (dead, None))
    for result in (masked, found):
        assert error(result.image, sharp, dead) < 1.05 * error(without.image, sharp, dead)
        assert result.noise_sigma == pytest.approx(without.noise_sigma, rel=0.1)
        assert not result.doubts
    assert (found.dead >= dead).all()
    assert (found.image[found.dead] == black[found.dead]).all()


@pytest.mark.parametrize("psf", [restore.psf.gaussian(0.8), restore.psf.disk(1.5), restore.psf.motion(5, 30)])
@pytest.mark.parametrize("name", ["bars", "corners", "box"])
def test_a_blur_that_leaves_hard_edges_itself_does_not_hide_an_area(sharp, psf, name):
    observed = restore.degrade(sharp, psf, noise_sigma=0.003, rng=0)
    dead = area(name, sharp.shape)
    found = restore.deconvolve(np.where(dead, 0, observed), psf, method="wiener")
    assert (found.dead >= dead).all()
    assert error(found.image, sharp, dead) < 1.05 * error(
        restore.deconvolve(observed, psf, method="wiener").image, sharp, dead
    )


@pytest.mark.parametrize("size", [0.3, 0.5])
def test_a_blur_so_narrow_that_edges_do_not_tell_hides_them(sharp, size):
    assert dead_areas(np.where(area("box", sharp.shape), 0, sharp)[..., None], restore.psf.gaussian(size)) is None


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize(("border", "line", "width"), [(1, 0, 2), (0, 1, 1), (1, 0.5, 3)])
def test_a_line_between_a_border_and_the_picture(sharp, observed, is_compressed, border, line, width):
    frame = 21 + width
    picture = np.pad(np.pad(observed, width, constant_values=line), 21, constant_values=border).astype(np.float32)
    codes, extra = compressed(picture, 92) if is_compressed else ((255 * np.clip(picture, 0, 1)).round() / 255, 0.0)
    plain, plain_extra = compressed(observed, 92) if is_compressed else (codes[frame:-frame, frame:-frame], 0.0)
    found = restore.deconvolve(codes.astype(np.float32), DISK, extra_noise_var=extra)
    without = restore.deconvolve(plain.astype(np.float32), DISK, extra_noise_var=plain_extra)
    dead = np.pad(np.zeros(sharp.shape, bool), frame, constant_values=True)
    assert (found.dead >= dead).all()
    alive = np.s_[frame:-frame, frame:-frame]
    assert found.dead[alive].mean() < 0.1
    assert np.std((found.image[alive] - sharp)[8:-8, 8:-8]) < 1.05 * np.std((without.image - sharp)[8:-8, 8:-8])


@pytest.mark.parametrize("method", ["auto", "wiener", "cls", "hyper_laplacian"])
def test_a_picture_that_is_a_small_part_of_its_frame(sharp, observed, method):
    """Neither its spectrum nor its noise is thinned by the ground."""
    ground = np.zeros((260, 300), np.float32)
    inside = np.s_[40:168, 150:278]
    ground[inside] = observed
    alone, found = (restore.deconvolve(image, DISK, method=method) for image in (observed, ground))
    rim = np.s_[12:-12, 12:-12]
    usual, there = (np.std((image - sharp)[rim]) for image in (alone.image, found.image[inside]))
    assert there < 1.04 * usual
    assert found.dead.mean() == pytest.approx(1 - observed.size / ground.size, abs=1e-3)
    assert found.noise_sigma == pytest.approx(alone.noise_sigma, rel=0.05)


@pytest.mark.parametrize("quantized", [False, True])
def test_colours_and_codes(sharp, quantized):
    colour = np.stack([sharp, sharp**2, 1 - sharp], axis=-1)
    observed = restore.degrade(colour, GAUSS, noise_sigma=NOISE, rng=0, channel_axis=-1)
    dead = area("bars", sharp.shape)
    black = np.where(dead[..., None], 0.2, observed)
    black = np.rint(255 * black) / 255 if quantized else black
    found = restore.deconvolve(black, GAUSS, method="wiener", channel_axis=-1)
    assert (found.dead >= dead).all()
    without = restore.deconvolve(observed, GAUSS, method="wiener", channel_axis=-1)
    assert error(found.image, colour, dead) < 1.05 * error(without.image, colour, dead)


def test_a_stack_with_a_dead_rim():
    z, y, x = np.indices((16, 32, 32)) - np.array([8, 16, 16])[:, None, None, None]
    sharp = np.exp(-((z / 4) ** 2) - (y / 5) ** 2) * (1 + np.cos(x)) + 0.1
    h = restore.psf.gaussian((1, 1.2, 1.2))
    observed = restore.degrade(sharp, h, noise_sigma=NOISE, rng=0)
    dead = np.abs(y) > 12
    found = restore.deconvolve(np.where(dead, 0, observed), h, method="wiener")
    without = restore.deconvolve(observed, h, method="wiener")
    assert (found.dead >= dead).all()
    far = np.abs(y) < 8
    assert np.std((found.image - sharp)[far]) < 1.05 * np.std((without.image - sharp)[far])


def drawings():
    rng = np.random.default_rng(1)
    text, stars, lines = np.ones((128, 128)), np.zeros((128, 128)), np.zeros((128, 128))
    for y, x in rng.integers(8, 110, (30, 2)):
        text[y : y + 6, x : x + 8] = rng.random() / 2
        stars[y, x] = 20 * rng.random()
        lines[y] = 1
    return {"text": text, "stars": stars, "lines": lines}


@pytest.mark.parametrize("h", [DISK, GAUSS, restore.psf.motion(15, 0), restore.psf.box(5)])
@pytest.mark.parametrize("name", ["text", "stars", "lines"])
@pytest.mark.parametrize("top", [0, 255, 65535])
def test_flat_places_of_a_drawing_are_alive(h, name, top):
    blurred = ndimage.convolve(drawings()[name], h, mode="nearest")
    blurred = np.rint(top * blurred) / top if top else blurred
    assert dead_areas(blurred[..., None], h) is None


def test_counts_on_an_empty_ground_are_alive_and_noisy():
    sharp = np.zeros((96, 96))
    sharp[40:60, 30:50], sharp[20:30, 60:70] = 1, 0.4
    counts = np.random.default_rng(0).poisson(200 * np.maximum(restore.blur(sharp, GAUSS), 0)) / 200
    assert dead_areas(counts[..., None], GAUSS) is None
    found = restore.deconvolve(counts, GAUSS, method="wiener")
    assert np.std(found.image - sharp) < 0.9 * np.std(counts - sharp)


def test_clipped_light_does_not_hide_the_noise(sharp):
    bright = sharp + 2 * (np.indices(sharp.shape)[0] < 40)
    clipped = np.minimum(restore.degrade(bright, DISK, noise_sigma=NOISE, rng=0), 1)
    assert restore.deconvolve(clipped, DISK, method="wiener").noise_sigma == pytest.approx(NOISE, rel=0.5)


def test_the_blur_is_found_beside_a_painted_box(sharp, observed):
    black = np.where(area("box", sharp.shape), 0, restore.degrade(sharp, DISK, noise_sigma=0.002, rng=0))
    assert restore.estimate_psf(black, family="disk").parameters["radius"] == pytest.approx(3, rel=0.03)


@pytest.mark.parametrize(("width", "level"), [(3, 0.5), (6, 1.0)])
def test_bars_narrower_than_a_block_of_a_jpeg(sharp, observed, width, level):
    dead = np.ones(sharp.shape, bool)
    dead[width:-width] = False
    without, found = (
        restore.deconvolve(picture, DISK, method="wiener", extra_noise_var=variance)
        for picture, variance in map(compressed, (observed, np.where(dead, level, observed)))
    )
    assert found.dead[dead].mean() > 0.95
    assert found.dead.mean() < 1.1 * dead.mean()
    assert error(found.image, sharp, dead) < 1.05 * error(without.image, sharp, dead)


@pytest.mark.parametrize(("quality", "level"), [(90, 1), (95, 0.5)])
def test_the_ends_of_wedges_of_a_jpeg(sharp, quality, level):
    dead, observed = area("wedges", sharp.shape), restore.degrade(sharp, DISK, noise_sigma=0.003, rng=0)
    samples, variance = compressed(np.where(dead, level, observed), quality)
    found = dead_areas(samples[..., None], DISK, None, variance(None))
    assert found[dead].mean() > 0.99
    assert found[~dead].mean() < 0.02


def test_an_even_side_beside_a_narrow_bar_of_a_jpeg_is_alive(sharp):
    """They meet in a corner, and only one of them is black."""
    even = np.where(np.arange(128) > 114, 0.5, sharp)
    observed = restore.degrade(even, DISK, noise_sigma=NOISE, rng=0)
    observed[:6] = 0
    samples, variance = compressed(observed, 95)
    found = dead_areas(samples[..., None], DISK, None, variance(None))
    assert found[:6].all()
    assert not found[8:].any()


def test_the_corners_of_a_box_of_a_jpeg(sharp):
    """The samples that are exactly equal are those of one block; blocks are square."""
    observed = restore.degrade(sharp, DISK, noise_sigma=0.003, rng=0)
    box = (slice(62, 79), slice(57, 79))
    observed[box] = 0
    samples, variance = compressed(observed, 95)
    found = dead_areas(samples[..., None], DISK, None, variance(None))
    assert found[box].all()
    assert found.sum() < 1.05 * found[box].size


def test_even_blocks_of_a_smooth_picture_are_alive(pictures):
    """A ringing sample of a black bar is as bright as they are."""
    scene, psf = pictures["moon"][40:264, 40:264], restore.psf.disk(5)
    dead = area("wedges", scene.shape)
    observed = restore.degrade(scene, psf, noise_sigma=0.003, rng=0)
    samples, variance = compressed(np.where(dead, 0, observed), 90)
    found = restore.deconvolve(samples, psf, method="wiener", extra_noise_var=variance).dead
    assert found[dead].mean() > 0.99
    assert found[~dead].mean() < 0.02


def test_a_picture_about_as_bright_as_a_bar_is_no_wedge(pictures):
    """What follows on the bars along the other sides is as even as the ends of a wedge, and wider."""
    scene, psf = pictures["moon"][37:267, 37:267], restore.psf.disk(3)
    observed = restore.degrade(scene, psf, noise_sigma=0.02, rng=0, boundary="valid")
    observed[:8] = observed[-8:] = 0.5
    samples, variance = compressed(observed, 90)
    found = restore.deconvolve(samples, psf, method="wiener", extra_noise_var=variance).dead
    assert found[:8].all()
    assert found[-8:].all()
    assert not found[24:-24].any()


def test_what_a_jpeg_lost_at_hard_edges_does_not_hide_an_area(pictures):
    """The corners lie over an even ground of about their level, which is not taken for more of them."""
    scene = pictures["moon"][40:264, 40:264]
    dead, observed = area("corners", scene.shape), restore.degrade(scene, GAUSS, noise_sigma=0.003, rng=0)
    samples, variance = compressed(np.where(dead, 0.25, observed), 90)
    coarse, fine = variance(None), variance(hard_edges(samples[..., None], GAUSS))
    assert fine < 0.5 * coarse
    assert fine == pytest.approx(variance(dead), rel=0.3)


@pytest.mark.parametrize(("name", "level", "is_masked"), [("bars", 0.5, False), ("corners", 0, True)])
def test_the_edge_of_an_area_does_not_tell_what_a_jpeg_lost(sharp, name, level, is_masked):
    dead, observed = area(name, sharp.shape), restore.degrade(sharp, DISK, noise_sigma=0.003, rng=0)
    plain, variance = compressed(observed, 90)
    covered, variance_beside = compressed(np.where(dead, level, observed), 90)
    assert variance_beside(dead) < 1.4 * variance(None) < variance_beside(None)
    far = [
        error(restore.deconvolve(picture, DISK, method="wiener", mask=mask, extra_noise_var=var).image, sharp, dead)
        for picture, var, mask in ((plain, variance, None), (covered, variance_beside, dead if is_masked else None))
    ]
    assert far[1] < 1.05 * far[0]


@pytest.mark.parametrize(
    ("psf", "quality", "size"),
    [
        (restore.psf.motion(11, 30), 90, (18, 24)),
        (restore.psf.disk(5), 95, (11, 15)),
        (restore.psf.disk(5), 90, (9, 11)),
        (restore.psf.disk(5), 95, (9, 11)),
        (restore.psf.motion(11, 30), 95, (9, 11)),
    ],
)
def test_white_boxes_of_a_jpeg_are_no_lights(pictures, psf, quality, size):
    """The large one is found as an area; the rims of the small ones contradict the PSF."""
    scene = pictures["moon"][60:220, 60:220]
    place = tuple(slice(start, start + n) for start, n in zip((65, 93), size, strict=True))
    observed = restore.degrade(scene, psf, noise_sigma=0.003, rng=0)
    boxed, dead = observed.copy(), np.zeros(scene.shape, bool)
    boxed[place], dead[place] = 1, True
    expected, found = (
        restore.deconvolve(picture, psf, method="wiener", extra_noise_var=variance, boundary="periodic").image
        for picture, variance in (compressed(picture, quality) for picture in (observed, boxed))
    )
    assert error(found, scene, dead) < 1.05 * error(expected, scene, dead)


@pytest.mark.parametrize(("colours", "rows"), [(1, slice(11)), (3, slice(-11, None))])
def test_white_bars_of_a_jpeg_are_no_lights(sharp, colours, rows):
    colour = sharp if colours == 1 else np.stack([sharp, sharp**2, 0.9 * sharp], axis=-1)
    axis = None if colours == 1 else -1
    observed = restore.degrade(colour, DISK, noise_sigma=NOISE, rng=0, channel_axis=axis)
    barred = observed.copy()
    barred[rows] = 1
    expected, found = (
        restore.deconvolve(picture, DISK, method="wiener", extra_noise_var=variance, white_level=1.0, channel_axis=axis)
        for picture, variance in map(compressed, (observed, barred))
    )
    assert found.dead[rows].mean() > 0.4
    far = np.zeros(sharp.shape, bool)
    far[rows] = True
    assert error(found.image, colour, far) < 1.05 * error(expected.image, colour, far)


@pytest.mark.parametrize("method", ["hyper_laplacian", "total_variation"])
def test_what_is_guessed_under_a_mask_does_not_count_as_smooth(sharp, observed, method):
    dead = np.abs(np.arange(128) - 63.5)[:, None] * np.ones(128) > 36
    without, found = (restore.deconvolve(observed, DISK, method=method, mask=m).parameter for m in (None, dead))
    assert found == pytest.approx(without, rel=0.2)


def test_lights_beside_a_white_bar_stay_lights(sharp):
    lit = sharp.copy()
    lit[60:66, 60:66] = 6
    picture = np.clip(restore.degrade(lit, DISK, noise_sigma=NOISE, rng=0), 0, 1)
    picture[:24] = 1
    found = restore.deconvolve(picture, DISK, method="wiener", white_level=1.0)
    assert found.dead[:24].all()
    assert not found.dead[34:].any()
    assert found.contradictions.brighter[60:66, 60:66].all()
    assert not found.contradictions.brighter[:24].any()


def test_a_bar_beside_a_sky_as_bright_is_as_dead_as_the_other_one(sharp):
    bright = np.where(np.arange(128)[:, None] < 50, 0.97, sharp)
    barred = restore.degrade(bright, DISK, noise_sigma=NOISE, rng=0)
    barred[:16] = barred[-16:] = 1
    found = restore.deconvolve(barred, DISK, method="wiener", white_level=1.0).dead
    assert found[:16].all()
    assert found[-16:].all()


def test_a_channel_that_is_clipped_everywhere_has_no_lights(sharp):
    many = np.stack([np.ones_like(sharp), *[0.9 * sharp] * 11], axis=-1)
    assert with_lights(many, 1.0, None) is None
    many[5, 5, 3] = 1
    assert np.argwhere(with_lights(many, 1.0, None)).tolist() == [[5, 5, 3]]
    hidden = np.zeros(many.shape, bool)
    hidden[0] = True
    assert with_lights(many, np.inf, hidden) is hidden


@pytest.mark.parametrize("h", [DISK, GAUSS])
def test_an_even_side_that_the_blur_runs_out_into_is_alive(sharp, h):
    even = np.where(np.arange(128)[:, None] < 10, 0.5, sharp)
    picture, variance = compressed(restore.degrade(even, h, noise_sigma=NOISE / 5, rng=0))
    assert dead_areas(picture[..., None], h, None, variance(None)) is None


@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_bar_beside_a_clipped_sky_is_dead_alone(sharp, is_compressed):
    sky = sharp.copy()
    sky[:, :50] += 2 * (np.arange(50) < 40)
    picture = np.clip(restore.degrade(sky, DISK, noise_sigma=NOISE, rng=0), 0, 1)
    bar = np.arange(len(picture)) < 12
    picture[bar] = 0.5
    samples, variance = compressed(picture, 90) if is_compressed else (picture, lambda _: 0.0)
    dead = dead_areas(samples[..., None], DISK, None, variance(None))
    assert dead[bar].mean() > 0.97
    assert not dead[16:].any()


@pytest.mark.parametrize("colours", [False, True])
def test_samples_that_are_no_number_are_none_within_an_area_either(sharp, observed, colours):
    dead = area("bars", observed.shape)
    picture, mask = np.where(dead, 0, observed), np.zeros(observed.shape, bool)
    mask[2:5, 10:60] = mask[100:104, 90:95] = True
    picture[mask] = np.nan
    channels = {"channel_axis": 0} if colours else {}
    found = restore.deconvolve(np.stack([picture] * 3) if colours else picture, DISK, mask=mask, **channels)
    assert np.isfinite(found.image).all()
    assert found.dead is not None
    assert np.array_equal(found.image[..., dead & ~mask], np.zeros_like(found.image[..., dead & ~mask]))
