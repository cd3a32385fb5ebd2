"""Fits run on one thread of the BLAS, and leave the number that was set."""

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

import restore
from restore.operators.threads import on_one_thread

BLAS = ThreadpoolController().select(user_api="blas")


def threads():
    return {library["num_threads"] for library in ThreadpoolController().select(user_api="blas").info()}


def test_one_thread_inside_and_as_many_as_before_outside():
    with BLAS.limit(limits=2):
        before = threads()
        assert on_one_thread(threads)() == {1}
        assert threads() == before


def test_what_is_raised_passes_and_the_number_comes_back():
    with BLAS.limit(limits=2):
        before = threads()
        with pytest.raises(ValueError, match="image must"):
            restore.estimate_psf(np.full((9, 9), np.nan))
        assert threads() == before
