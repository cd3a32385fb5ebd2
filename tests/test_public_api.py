"""The doors of `restore`: what is public is listed, documented and called by keyword."""

import dataclasses
import importlib
import inspect
import itertools
import pkgutil
import re
import types

import pytest

import restore

#: What these hand on is checked against the records of the methods, by name.
HANDING_ON = {"restore.deconvolve": "own", "restore.psf_sensitivity": "settings"}
#: A transfer function needs two shapes to become a PSF; everything else takes the data and the PSF, or one size.
POSITIONAL = {"otf_to_psf": 3}
SECTIONS = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")

FUNCTIONS = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in (restore, restore.psf)
    for name in module.__all__
    if inspect.isfunction(getattr(module, name))
}
DATACLASSES = [value for name in restore.__all__ if dataclasses.is_dataclass(value := getattr(restore, name))]


def sections(docstring):
    lines = inspect.cleandoc(docstring).splitlines()
    return [line for line, rule in itertools.pairwise(lines) if rule == "-" * len(line) and line]


@pytest.mark.parametrize("module", [restore, restore.psf], ids=["restore", "restore.psf"])
def test_public_names_are_sorted(module):
    assert list(module.__all__) == sorted(module.__all__)
    assert len(set(module.__all__)) == len(module.__all__)


def test_public_names_are_what_is_exposed():
    exposed = {
        name
        for name, value in vars(restore).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    listed = {name for name in restore.__all__ if not isinstance(getattr(restore, name), types.ModuleType)}
    assert exposed == listed


def test_public_models_are_what_the_module_defines():
    own = {n for n, v in vars(restore.psf).items() if inspect.isfunction(v)}
    assert {name for name in own if not name.startswith("_")} == set(restore.psf.__all__)


def test_no_function_hides_a_module_of_its_name():
    for name in restore.__all__:
        value = getattr(restore, name)
        if not isinstance(value, types.ModuleType):
            assert value.__module__ != f"restore.{name}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_few_positional_arguments(name):
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    positional = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert len(positional) <= POSITIONAL.get(name.rpartition(".")[2], 2)
    assert [p.name for p in parameters if p.kind is p.VAR_KEYWORD] == ([HANDING_ON[name]] if name in HANDING_ON else [])
    assert not [p for p in parameters if p.kind is p.VAR_POSITIONAL]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_its_sections(name):
    function = FUNCTIONS[name]
    found = sections(function.__doc__)
    expected = [s for s in ("Parameters", "Returns", "Raises", "Warns", "See Also", *SECTIONS[3:]) if s in found]
    assert found == expected  # in numpydoc's order
    assert set(SECTIONS) <= set(found)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_is_documented_and_typed(name):
    function = FUNCTIONS[name]
    text = inspect.cleandoc(function.__doc__)
    block = text[text.index("Parameters\n---") : text.index("Returns\n---")].splitlines()[2:]
    heads = [line.partition(":")[0] for line in block if line and not line.startswith(" ")]
    documented = [word.strip("* ") for head in heads for word in head.split(",")]
    signature = inspect.signature(function)
    # Several arguments may share an entry, which then stands where the first of them does.
    assert sorted(documented) == sorted(signature.parameters)
    assert all(p.annotation is not p.empty for p in signature.parameters.values())
    assert signature.return_annotation is not signature.empty


@pytest.mark.parametrize("kind", DATACLASSES, ids=lambda kind: kind.__name__)
def test_every_field_is_documented_and_frozen(kind):
    text = inspect.cleandoc(kind.__doc__)
    block = text[text.index("Attributes\n---") :].splitlines()[2:]
    documented = [line.partition(":")[0].strip() for line in block if " : " in line and not line.startswith(" ")]
    assert documented == [field.name for field in dataclasses.fields(kind)]
    assert kind.__dataclass_params__.frozen


def test_records_of_arrays_are_not_compared_by_value():
    """The truth value of an array is ambiguous: such a record is equal to itself alone, and can be a key."""
    modules = [importlib.import_module(m.name) for m in pkgutil.walk_packages(restore.__path__, "restore.")]
    kinds = {value for module in modules for value in vars(module).values() if dataclasses.is_dataclass(value)}
    records = {kind.__name__: kind for kind in kinds if isinstance(kind, type)}
    holding = {"Array"}  # and, in turn, every record that holds such a record
    while found := {n for n, kind in records.items() if n not in holding and _names_of_types(kind) & holding}:
        holding |= found
    assert len(holding) > 20
    assert [n for n in sorted(holding - {"Array"}) if records[n].__dataclass_params__.eq] == []


def _names_of_types(kind):
    """The types of a record's fields, without those that only its functions take and return."""
    held = [str(field.type) for field in dataclasses.fields(kind) if "Callable" not in str(field.type)]
    return {word for text in held for word in re.findall(r"\w+", text)}
