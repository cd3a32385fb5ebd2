"""The page of a stack whose PSF is that of a microscope."""

from pathlib import Path

BEADS = Path(__file__).resolve().parents[4] / "samples" / "beads.ome.tif"


def test_the_voxels_of_a_microscope_are_named(run, tmp_path):
    page = tmp_path / "page.html"
    optics = ("--psf", "born-wolf", "--na", "1.2", "--wavelength", "0.55", "--spacing", "0.2,0.1,0.1")
    words = ("--method", "richardson_lucy", "--iterations", "1", "--no-figure", "-o", tmp_path / "o.tif")
    assert run("deblur", BEADS, *optics, *words, "--report", page) == 0
    assert "0.2 x 0.1 x 0.1" in page.read_text("utf-8")
