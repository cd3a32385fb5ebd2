from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def icc():
    """A real profile, of sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture
def make_exif():
    """EXIF block with a maker, a date and a place; with an orientation where one is given."""

    def make(orientation=None):
        exif = Image.Exif()
        exif[271] = "Zeiss"
        exif.get_ifd(0x8769)[36867] = "2026:11:20 12:00:00"
        exif.get_ifd(0x8825)[1] = "N"
        if orientation is not None:
            exif[0x0112] = orientation
        return exif.tobytes()

    return make


@pytest.fixture
def exif_facts():
    """What of `make_exif` a block still holds, and its orientation."""

    def facts(block):
        exif = Image.Exif()
        exif.load(block)
        return exif.get(271), exif.get_ifd(0x8769).get(36867), exif.get_ifd(0x8825).get(1), exif.get(0x0112)

    return facts


@pytest.fixture
def saved():
    """Bytes of a picture as Pillow writes it."""

    def save(image, name, **options):
        buffer = BytesIO()
        image.save(buffer, format=name, **options)
        return buffer.getvalue()

    return save
