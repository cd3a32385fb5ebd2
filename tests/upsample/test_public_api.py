"""The front door: sorted names, documented, keyword-only settings, examples that run."""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import upsample

FUNCTIONS = [name for name in upsample.__all__ if inspect.isfunction(getattr(upsample, name))]
MODULES = sorted(p.stem for p in Path(upsample.__file__).parent.glob("*.py") if p.stem != "__init__")


def test_all_is_sorted_and_complete():
    assert list(upsample.__all__) == sorted(upsample.__all__)
    exposed = {n for n, v in vars(upsample).items() if not n.startswith("_") and not inspect.ismodule(v)}
    assert exposed == set(upsample.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_at_most_three_positional_arguments_and_show_an_example(name):
    function = getattr(upsample, name)
    kinds = [p.kind for p in inspect.signature(function).parameters.values()]
    assert kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD) <= 3
    assert inspect.getdoc(function)
    assert ">>>" in function.__doc__


@pytest.mark.parametrize("module", ["__init__", *MODULES])
def test_examples_run(module):
    name = "upsample" if module == "__init__" else f"upsample.{module}"
    assert doctest.testmod(importlib.import_module(name)).failed == 0
