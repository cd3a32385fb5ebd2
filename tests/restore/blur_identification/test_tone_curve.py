"""Whether light was blurred or the codes of a file is told by what the PSF leaves of both."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage, signal

import restore
from restore.blur_identification.tone_curve import votes_for_codes

DISK = restore.psf.disk(4)


def decode(codes):
    return np.asarray(codes) ** 2.2


def stored(sharp, what, psf, *, noise=0.003, quality=None):
    """Return a plane of codes, blurred as they are or as the light they stand for, as a file gives it back."""
    rng = np.random.default_rng(0)
    taken = decode(sharp) if what == "light" else sharp
    blurred = signal.fftconvolve(taken, psf, mode="valid")
    blurred = np.clip(blurred + noise * rng.standard_normal(blurred.shape), 0, 1)
    codes = np.rint(255 * (blurred ** (1 / 2.2) if what == "light" else blurred)).astype(np.uint8)
    if quality is not None:
        file = io.BytesIO()
        Image.fromarray(codes).save(file, "JPEG", quality=quality)
        codes = np.asarray(Image.open(file))
    return codes.astype(np.float32) / 255


@pytest.fixture(scope="module")
def sharp(pictures):
    return pictures["camera"][60:330, 110:380]


@pytest.mark.parametrize("psf", [DISK, restore.psf.motion(12, 30), restore.psf.gaussian(1.5)])
def test_what_was_blurred_is_told(sharp, psf):
    assert votes_for_codes(stored(sharp, "codes", psf), decode, psf).are_for_codes
    votes = votes_for_codes(stored(sharp, "light", psf), decode, psf)
    assert not votes.are_for_codes
    assert not votes.are_doubtful


@pytest.mark.parametrize("quality", [92, 75])
def test_a_jpeg_tells_it_too(sharp, quality):
    codes, light = (stored(sharp, what, DISK, quality=quality) for what in ("codes", "light"))
    assert votes_for_codes(codes, decode, DISK).are_for_codes
    assert not votes_for_codes(light, decode, DISK).are_for_codes


@pytest.mark.parametrize("what", ["codes", "light"])
def test_noise_that_was_smoothed_in_the_codes_is_no_edge_of_light(sharp, what):
    """As light it is strong where the picture is bright, so that it has tails, as edges would have."""
    taken = decode(sharp) if what == "light" else sharp
    blurred = signal.fftconvolve(taken, DISK, mode="valid")
    noise = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal(blurred.shape), 0.8)
    codes = (blurred ** (1 / 2.2) if what == "light" else blurred) + 0.02 * noise
    votes = votes_for_codes(np.rint(255 * codes.clip(0, 1)).astype(np.float32) / 255, decode, DISK)
    assert votes.are_for_codes == (what == "codes")


def test_a_psf_that_is_too_wide_does_not_speak_for_the_codes(sharp):
    """It leaves much unexplained of light, and the spectrum of the codes says that it is no PSF of theirs."""
    votes = votes_for_codes(stored(sharp, "light", DISK), decode, restore.psf.disk(5.2))
    assert not votes.are_for_codes
    assert not votes.are_doubtful


def test_no_curve_no_difference(sharp):
    votes = votes_for_codes(stored(sharp, "codes", DISK), np.asarray, DISK)
    assert not votes.are_for_codes
    assert votes.are_doubtful


def test_a_psf_without_room_tells_nothing(sharp):
    codes = stored(sharp, "codes", DISK)[:60, :60]
    assert not votes_for_codes(codes, decode, restore.psf.disk(12)).are_for_codes


def test_clipped_light_is_left_out(sharp):
    """A lamp that was cut off is no blurred light in either scale."""
    lit = sharp.copy()
    lit[100:112, 100:112] = 1.6
    assert not votes_for_codes(stored(lit, "light", DISK), decode, DISK).are_for_codes
    assert votes_for_codes(stored(lit, "codes", DISK), decode, DISK).are_for_codes


def test_where_green_is_close_all_channels_tell(sharp):
    """A green of noise alone tells nothing; red and blue do."""
    codes = stored(sharp, "codes", DISK)
    noise = np.float32(0.5) + 0.02 * np.random.default_rng(1).standard_normal(codes.shape, np.float32)
    assert votes_for_codes(noise, decode, DISK).are_close
    told, plain = (votes_for_codes(np.stack([codes, green, codes], axis=-1), decode, DISK) for green in (noise, codes))
    assert told.are_for_codes
    assert plain.number == votes_for_codes(codes, decode, DISK).number
