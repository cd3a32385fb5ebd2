"""How numbers are written in the tables of a figure."""

import numpy as np

import upsample
from deconv.figures.notation import decimal_notation, fraction_notation


def test_numbers_are_written_short_and_kernels_as_fractions():
    assert [decimal_notation(np.array([0.5, 12.25])).text(v) for v in (0.5, 12.25, -0.001)] == ["0.5", "12.25", "0"]
    tiny = decimal_notation(np.array([2.5e-8]))
    assert (tiny.text(2.5e-8), tiny.unit) == ("25", "x 1e-9")
    assert decimal_notation(np.array([1340.0])).text(1340) == "1340"
    bilinear = upsample.bilinear_kernel(2)
    fractions = fraction_notation(bilinear)
    assert (fractions.unit, [fractions.text(v) for v in bilinear[1]]) == ("/ 16", ["3", "9", "9", "3"])
    assert fraction_notation(np.array([[np.pi]])).text(np.pi) == "3.14"


def test_the_denominators_and_the_rounding_are_those_asked_for():
    sevenths = np.array([1.0, 3.0]) / 7
    assert fraction_notation(sevenths).unit == ""  # no kernel that people write down
    assert fraction_notation(sevenths, range(1, 10)).unit == "/ 7"
    rounded = sevenths * (1 + 1e-14)
    assert fraction_notation(rounded, range(1, 10)).unit == ""
    assert fraction_notation(rounded, range(1, 10), units=1000).unit == "/ 7"
    assert fraction_notation(np.array([20_000.5]), range(1, 10)).unit == "x 1e3"  # numerators no cell could hold
