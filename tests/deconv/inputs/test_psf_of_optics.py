"""The PSF of a microscope from what its file says, what the options say, and what is usual."""

import json

import numpy as np
import pytest
import tifffile

import restore
from deconv.pictures.stacks.arrangement import Arrangement
from deconv.pictures.stacks.calibration import Calibration, calibration_of

OME = """<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Instrument ID="Instrument:0">
<Objective ID="Objective:0" LensNA="1.2" Immersion="Water"/></Instrument><Image ID="Image:0">
<ObjectiveSettings ID="Objective:0"{index}/><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="24"
SizeY="20" SizeZ="7" SizeC="2" SizeT="1" PhysicalSizeX="110" PhysicalSizeXUnit="nm" PhysicalSizeY="0.11"
PhysicalSizeZ="3e-4" PhysicalSizeZUnit="mm"><Channel ID="Channel:0:0" Name="DAPI" EmissionWavelength="460"/>
<Channel ID="Channel:0:1" Name="Cy5" EmissionWavelength="0.67" EmissionWavelengthUnit="µm"/><TiffData/></Pixels>
</Image></OME>"""
SPACING = (0.3, 0.11, 0.11)
WORDS = ["--no-figure", "--method", "wiener", "--nsr", 0.1, "--clipped", "keep", "--outliers", "keep", "--json"]


@pytest.fixture
def stack(tmp_path):
    """Write two channels of beads, with what a microscope says of them, and return them as light."""
    stack = np.full((2, 7, 20, 24), 500, np.uint16)
    stack[:, 3, [5, 12], [8, 17]] = 60000
    description = OME.format(index=' RefractiveIndex="1.34"').encode()
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, description=description, metadata=None, photometric="minisblack")
    return stack / np.float32(65535)


def test_what_an_ome_file_says_is_taken_for_each_channel_and_said(run, tmp_path, stack, capsys):
    assert run("deblur", tmp_path / "a.ome.tif", "--psf", "Gibson-Lanni", "-o", tmp_path / "b.tif", *WORDS) == 0
    out, _ = capsys.readouterr()
    record = json.loads(out)
    for channel, wavelength in enumerate((0.46, 0.67)):
        h = restore.psf.gibson_lanni((7, 19, 23), NA=1.2, wavelength=wavelength, ni=1.34, spacing=SPACING)
        right = restore.deconvolve(stack[channel], h, method="wiener", nsr=0.1).image
        restored = tifffile.imread(tmp_path / "b.tif")[channel]
        assert np.abs(restored - np.clip(right, 0, 1) * 65535).max() <= 1
    assert record["psf"] == {
        "family": "gibson_lanni",
        "NA": 1.2,
        "ni": 1.34,
        "wavelength": 0.46,
        "estimated": [],
        "channels": 2,
        "spacing": list(SPACING),
        "from_file": ["NA", "ni", "wavelength", "spacing"],
    }
    assert (
        "the PSF's NA 1.2, ni 1.34, wavelength 0.46, spacing 0.3 x 0.11 x 0.11 um are those of the file's OME-XML"
        in (record["notes"])
    )
    assert "a PSF for each channel: DAPI 0.46 um, Cy5 0.67 um" in record["notes"]
    assert any(
        note.startswith("taken as usual, since neither file nor options say it: ns 1.47") for note in record["notes"]
    )


def test_options_go_before_the_file(run, tmp_path, stack, capsys):
    words = ["--na", 0.9, "--ni", 1, "--wavelength", 0.5, "--spacing", 0.2, "-o", tmp_path / "b.tif", *WORDS]
    assert run("deblur", tmp_path / "a.ome.tif", "--psf", "born_wolf", "--channel", 1, *words) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["psf"]["NA"], record["psf"]["spacing"], record["psf"]["from_file"]) == (0.9, [0.2] * 3, [])
    h = restore.psf.born_wolf((7, 19, 23), NA=0.9, ni=1, wavelength=0.5, spacing=0.2)
    right = restore.deconvolve(stack[1], h, method="wiener", nsr=0.1).image
    assert np.abs(tifffile.imread(tmp_path / "b.tif") - np.clip(right, 0, 1) * 65535).max() <= 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--psf", "confocal"], "confocal needs excitation, which the file's OME-XML does not say (give --excitation)"),
        (["--psf", "born-wolf", "--ns", 1.4], "--ns does not belong to --psf born_wolf"),
        (["--psf", "gaussian", "--na", 1.4], "--na does not belong to --psf gaussian"),
        (
            ["--psf", "born-wolf", "--wavelength", "0.5,0.6,0.7"],
            "--wavelength must be one number, or one for each of 2",
        ),
        (["--psf", "born-wolf", "--wavelength", "520"], "must lie within 0.05 to 20 micrometres, got 520"),
        (["--psf", "born-wolf", "--spacing", "1,2"], "--spacing must be one number or Z,Y,X, got 2 numbers"),
        (["--psf", "born-wolf", "--na", "1.4"], "NA must be below the refractive index"),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_one_line(refused, stack, words, expected):
    refused("deblur", "a.ome.tif", *words, "-o", "b.tif", expected=expected)


def test_a_plane_without_calibration_needs_all_of_it(refused, run, tmp_path, capsys):
    np.save(tmp_path / "a.npy", np.full((16, 16), 0.5))
    says_nothing = (
        "born_wolf needs NA, wavelength and the spacing, which the file does not say (give --na, --wavelength"
    )
    refused("deblur", "a.npy", "--psf", "born-wolf", "-o", "b.npy", expected=says_nothing)
    words = ["--na", 0.5, "--ni", 1, "--wavelength", 0.6, "--spacing", "0.3,0.3", "--no-figure"]
    assert run("blur", tmp_path / "a.npy", "--psf", "born-wolf", *words, "-o", tmp_path / "b.npy") == 0


def test_imagej_says_its_spacing_in_its_unit():
    text = b"ImageJ=1.53\nimages=4\nslices=4\nunit=nm\nspacing=250\n"
    arrangement = Arrangement(text=text, shape=(4, 5, 6), dtype="uint8")
    assert calibration_of(arrangement, (0.01, 0.02), None).spacing == {"X": 0.1, "Y": 0.05, "Z": 0.25}
    assert calibration_of(arrangement, None, (2.0, 4.0)).spacing == {"X": 0.5, "Y": 0.25, "Z": 0.25}
    unknown = Arrangement(text=text.replace(b"nm", b"furlong"), shape=(4, 5, 6), dtype="uint8")
    assert calibration_of(unknown, (0.01, 0.01), None) == Calibration(program="ImageJ")


def test_of_ome_the_index_may_be_the_medium_and_damage_says_nothing():
    for text, index in ((OME.format(index=""), 1.333), (OME[:300] + "</OME>", None)):
        arrangement = Arrangement(text=text.encode(), shape=(14, 20, 24), dtype="uint16")
        assert calibration_of(arrangement, None, None).index == index
