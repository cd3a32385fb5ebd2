"""Every example in a docstring of the packages runs and prints what it says."""

import doctest
import importlib
import pkgutil

import pytest


def modules(package):
    names = [f"{package}.{module.name}" for module in pkgutil.iter_modules(importlib.import_module(package).__path__)]
    return [package, *sorted(names)]


@pytest.mark.parametrize("name", [name for package in ("pictures", "restore", "upsample") for name in modules(package)])
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # what an example writes stays here
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
