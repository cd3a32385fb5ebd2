"""Every example in a docstring of the packages runs and prints what it says, at any depth of folders."""

import doctest
import importlib
import pkgutil

import pytest

PACKAGES = ("deconv", "restore", "upsample")


def modules(package):
    return [package, *(m.name for m in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."))]


MODULES = [name for package in PACKAGES for name in modules(package)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # what an example writes stays here
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_examples_of_folders_in_folders_are_run():
    assert "restore.psf" in MODULES
    assert any(name.startswith("restore.psf.") for name in MODULES)
    finder = doctest.DocTestFinder(exclude_empty=True)
    attempted = sum(
        len(test.examples)
        for name in MODULES
        if name.startswith("restore.psf.")
        for test in finder.find(importlib.import_module(name))
    )
    assert attempted >= 20  # the shapes of PSFs alone have as many
