"""The doors of both packages: what is public is listed, documented and called by keyword."""

import dataclasses
import importlib
import inspect
import itertools
import pkgutil
import re
import types
import typing

import numpy as np
import pytest

import restore
import upsample

MODULES = {module.__name__: module for module in (restore, restore.psf, upsample)}
#: What these hand on is checked by name and value against the record of the method.
HANDING_ON = {"restore.deconvolve": "own", "restore.map_tiles": "settings", "restore.psf_sensitivity": "settings"}
#: A transfer function needs two shapes to become a PSF, a gain what was before and after; layers take a bias, layouts
#: have a source and a target.
POSITIONAL = {
    "restore.isnr": 3,
    "restore.otf_to_psf": 3,
    "upsample.conv": 3,
    "upsample.conv_gradients": 3,
    "upsample.conv_transpose": 3,
    "upsample.conv_transpose_gradients": 3,
    "upsample.convert_map": 3,
    "upsample.convert_weight": 3,
    "upsample.decode": 3,
    "upsample.max_unpool": 3,
    "upsample.padding_for": 3,
    "upsample.steps": 3,
    "upsample.subpixel": 3,
}
SECTIONS = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")
#: What follows from the definition alone, or from a framework's own words: nobody's paper says it.
WITHOUT_SOURCE = {
    f"upsample.{name}"
    for name in (
        "convert_map",
        "convert_weight",
        "interpolate",
        "jax_padding",
        "keras_padding",
        "max_pool",
        "missed_responses",
        "nearest_kernel",
        "onnx_padding",
        "padding_for",
        "scatter",
        "turned",
    )
}

FUNCTIONS = {
    f"{package}.{name}": getattr(module, name)
    for package, module in MODULES.items()
    for name in module.__all__
    if inspect.isfunction(getattr(module, name))
}
DATACLASSES = [
    value
    for module in MODULES.values()
    for name in module.__all__
    if dataclasses.is_dataclass(value := getattr(module, name))
]


def sections(docstring):
    lines = inspect.cleandoc(docstring).splitlines()
    return [line for line, rule in itertools.pairwise(lines) if rule == "-" * len(line) and line]


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_public_names_are_sorted(module):
    assert list(module.__all__) == sorted(module.__all__)
    assert len(set(module.__all__)) == len(module.__all__)


@pytest.mark.parametrize("module", [restore, upsample], ids=["restore", "upsample"])
def test_public_names_are_what_is_exposed(module):
    exposed = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    listed = {name for name in module.__all__ if not isinstance(getattr(module, name), types.ModuleType)}
    assert exposed == listed


def test_public_models_are_what_the_module_defines():
    own = {n for n, v in vars(restore.psf).items() if inspect.isfunction(v)}
    assert {name for name in own if not name.startswith("_")} == set(restore.psf.__all__)


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_no_function_hides_a_module_of_its_name(module):
    for name in module.__all__:
        value = getattr(module, name)
        if not isinstance(value, types.ModuleType):
            assert value.__module__ != f"{module.__name__}.{name}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_few_positional_arguments(name):
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    positional = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert len(positional) <= POSITIONAL.get(name, 2)
    assert not [p for p in parameters if p.kind is p.VAR_POSITIONAL]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_passed_on_settings_are_named(name):
    """Keywords without names of their own are checked all the same: by type, or by the record that they go to."""
    for parameter in inspect.signature(FUNCTIONS[name]).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD and name not in HANDING_ON:
            hint = parameter.annotation  # a string where a module postpones its annotations
            assert hint.startswith("Unpack[") if isinstance(hint, str) else typing.get_origin(hint) is typing.Unpack
        elif parameter.kind is parameter.VAR_KEYWORD:
            assert parameter.name == HANDING_ON[name]


def test_settings_that_belong_to_no_record_are_refused():
    picture, psf = np.eye(8), restore.psf.disk(1)
    with pytest.raises(TypeError, match="no method has an argument 'magic'"):
        restore.deconvolve(picture, psf, magic=1)
    with pytest.raises(TypeError, match="no method has an argument 'magic'"):
        restore.psf_sensitivity(picture, [psf], magic=1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_its_sections(name):
    function = FUNCTIONS[name]
    found = sections(function.__doc__)
    expected = [s for s in ("Parameters", "Returns", "Raises", "Warns", "See Also", *SECTIONS[3:]) if s in found]
    assert found == expected  # in numpydoc's order
    assert set(SECTIONS) - ({"References"} if name in WITHOUT_SOURCE else set()) <= set(found)
    assert name not in WITHOUT_SOURCE or "References" not in found


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_is_documented_and_typed(name):
    function = FUNCTIONS[name]
    text = inspect.cleandoc(function.__doc__)
    block = text[text.index("Parameters\n---") : text.index("Returns\n---")].splitlines()[2:]
    heads = [line.partition(":")[0] for line in block if line and not line.startswith(" ")]
    documented = [word.strip().lstrip("*") for head in heads for word in head.split(",")]
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
    below = [
        m for package in (restore, upsample) for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    modules = [importlib.import_module(m.name) for m in below]
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
