"""The plugin for napari: a layer comes out as the library restores each of its volumes, where and as it lay."""

import importlib
import inspect
import re
import sys
import threading
import time
import tomllib
from concurrent import futures
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import restore
from deconv.napari.widgets import make_psf, restore_in_background, restore_layer

ROOT = Path(__file__).resolve().parents[3]
KERNEL = restore.psf.gaussian((0.6, 0.9, 0.9))


def layer(data, *, name="cells", scale=None, units=None, labels=None, rgb=False, colormap="green"):
    """What of a layer of napari is asked for."""
    ndim = data.ndim - rgb
    return SimpleNamespace(
        data=data,
        name=name,
        rgb=rgb,
        scale=np.ones(ndim) if scale is None else np.asarray(scale),
        translate=np.arange(ndim, dtype=float),
        units=units or ("pixel",) * ndim,
        axis_labels=labels or tuple(f"axis {i - ndim}" for i in range(ndim)),
        colormap=colormap,
        opacity=0.7,
        blending="additive",
    )


def cells(shape, dtype=np.uint16):
    rng = np.random.default_rng(0)
    light = restore.blur(0.1 + (rng.random(shape[-3:]) > 0.97), KERNEL, boundary="reflect")
    return (1000 * np.stack([light * (1 + i) for i in range(int(np.prod(shape[:-3])))]).reshape(shape)).astype(dtype)


def test_every_time_is_the_library_s_result_and_the_layer_lies_where_it_lay():
    image = layer(cells((2, 8, 20, 22)), scale=(5, 0.3, 0.1, 0.1), units=("s", "um", "um", "um"))
    data, looks, kind = restore_layer(image, layer(KERNEL), method="wiener")
    for number, volume in enumerate(image.data.astype(np.float32)):
        np.testing.assert_array_equal(data[number], restore.deconvolve(volume, KERNEL, method="wiener").image)
    assert (kind, data.dtype, looks["name"]) == ("image", np.float32, "cells restored")
    for name in ("scale", "translate", "units", "axis_labels", "opacity", "blending", "colormap"):
        assert looks[name] is getattr(image, name)
    assert looks["contrast_limits"][0] < looks["contrast_limits"][1] < 1.1 * data.max()
    assert looks["metadata"]["deconv"]["method"] == "wiener"


def test_planes_colours_and_iterations():
    image = layer(cells((8, 24, 26)))
    flat = restore.psf.gaussian(0.9)
    data, looks, _ = restore_layer(image, layer(flat), method="richardson_lucy", iterations=7)
    expected = restore.richardson_lucy(image.data[1].astype(np.float32), flat, iterations=7)
    np.testing.assert_allclose(data[1], expected, rtol=1e-5)
    assert looks["metadata"]["deconv"]["parameter"] == 7
    photo = layer(np.random.default_rng(0).random((30, 32, 3)).astype(np.float32), rgb=True)
    data, looks, _ = restore_layer(photo, layer(flat), method="wiener")
    expected = restore.deconvolve(photo.data, flat, method="wiener", channel_axis=-1).image
    np.testing.assert_allclose(data, expected, atol=1e-4)  # the layer's PSF was scaled to sum 1
    assert looks["rgb"] is True


def test_a_layer_is_restored_in_a_thread_as_it_was_when_it_was_asked_for(monkeypatch):
    """By what stands for napari's own threads here: it is told what to do there, and to begin."""
    asked = []

    def create_worker(work, *arguments, **words):
        asked.append(words)
        return futures.ThreadPoolExecutor(1).submit(lambda: (work(*arguments), threading.current_thread()))

    monkeypatch.setitem(sys.modules, "napari", SimpleNamespace(qt=SimpleNamespace()))
    monkeypatch.setitem(sys.modules, "napari.qt", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "napari.qt.threading", SimpleNamespace(create_worker=create_worker))
    image, psf = layer(cells((8, 20, 22)), scale=(0.3, 0.1, 0.1)), layer(KERNEL)
    expected, looks, _ = restore_layer(image, psf, method="wiener")
    worker = restore_in_background(image, psf, method="wiener")
    image.data[:], psf.data = 0, psf.data[:1]
    (data, shown, kind), thread = worker.result(60)
    np.testing.assert_array_equal(data, expected)
    assert (shown["name"], kind, shown["metadata"]) == (looks["name"], "image", looks["metadata"])
    np.testing.assert_array_equal(shown["scale"], looks["scale"])
    assert thread is not threading.main_thread()
    assert asked == [{"_start_thread": True, "_progress": {"desc": "restoring cells"}}]
    apart = layer(cells((8, 20, 22)), labels=("t", "y", "x"))
    with pytest.raises(restore.checks.InvalidValue, match="psf must have two axes"):
        restore_in_background(apart, layer(KERNEL))
    assert len(asked) == 1


@pytest.mark.parametrize(("axis", "is_refused"), [("t", True), ("Channel", True), ("z", False)])
def test_a_volume_s_psf_is_never_applied_along_time_or_channels(axis, is_refused):
    image = layer(cells((8, 20, 22)), labels=(axis, "y", "x"))
    if is_refused:
        with pytest.raises(restore.checks.InvalidValue, match="psf must have two axes"):
            restore_layer(image, layer(KERNEL), method="wiener")
        assert make_psf(image, NA=0.8, ni=1.0, ns=1.0, spacing="0.1,0.1")[0].ndim == 2
    else:
        assert restore_layer(image, layer(KERNEL), method="wiener")[0].shape == (8, 20, 22)


def test_a_psf_has_the_voxels_of_the_layer_whatever_their_unit():
    numbers = {"NA": 1.2, "wavelength": 0.55, "ni": 1.333, "ns": 1.36, "pz": 2.0}
    image = layer(cells((9, 40, 50)), scale=(300, 100, 100), units=("nm",) * 3)
    psf, looks, _ = make_psf(image, **numbers)
    assert all(n % 2 and n <= m for n, m in zip(psf.shape, image.data.shape, strict=True))
    expected = restore.psf.gibson_lanni(psf.shape, spacing=(0.3, 0.1, 0.1), **numbers)
    np.testing.assert_allclose(psf, expected, atol=1e-6)
    assert tuple(looks["scale"]) == (300, 100, 100)
    np.testing.assert_array_equal(psf, make_psf(image, **numbers, spacing="0.3, 0.1, 0.1")[0])
    confocal = make_psf(image, "confocal", excitation=0.488, **numbers)[0]
    assert confocal.max() > psf.max()  # without what the model does not take
    for words in ("0.3,0.1", "wide", "0.3,0.1,-1"):
        with pytest.raises(restore.checks.InvalidValue, match="spacing must be 3 numbers > 0"):
            make_psf(image, **numbers, spacing=words)


def test_the_manifest_names_what_is_there_and_the_wheel_brings_it():
    manifest = resources.files("deconv.napari").joinpath("napari.yaml").read_text(encoding="utf-8")
    names = re.findall(r"python_name: (\S+):(\S+)", manifest)
    assert len(names) == 2
    for module, function in names:
        parameters = inspect.signature(getattr(importlib.import_module(module), function)).parameters
        assert parameters["image"].annotation == "napari.layers.Image"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["napari.manifest"] == {"deconv": "deconv.napari:napari.yaml"}
    assert project["tool"]["setuptools"]["package-data"]["deconv.napari"] == ["napari.yaml"]


@pytest.mark.filterwarnings("ignore")
def test_npe2_finds_the_manifest_valid():
    npe2 = pytest.importorskip("npe2")
    manifest = npe2.PluginManifest.from_file(str(resources.files("deconv.napari").joinpath("napari.yaml")))
    manifest.validate_imports()
    assert [widget.display_name for widget in manifest.contributions.widgets] == ["Make a PSF", "Restore"]


@pytest.mark.filterwarnings("ignore")
def test_napari_makes_widgets_that_restore_a_layer(monkeypatch):
    """Without a window: from the functions to boxes with names, and from these to layers."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    layers = pytest.importorskip("napari.layers")
    widgets = pytest.importorskip("qtpy.QtWidgets", exc_type=Exception)
    npe2 = pytest.importorskip("npe2")
    application = widgets.QApplication.instance() or widgets.QApplication([])
    manifest = npe2.PluginManifest.from_file(str(resources.files("deconv.napari").joinpath("napari.yaml")))
    manager = npe2.PluginManager.instance()
    if "deconv" not in manager:
        manager.register(manifest)
    make, run = (widget.get_callable()() for widget in manifest.contributions.widgets)
    image = layers.Image(cells((2, 9, 30, 32)), name="cells", scale=(5, 0.3, 0.1, 0.1), units=("s", "um", "um", "um"))
    make.image.choices = run.image.choices = [image]
    data, looks, _ = make(NA=1.2, ni=1.333)
    psf = layers.Image(data, **looks)
    run.psf.choices = [psf]
    run.method.value = "wiener"
    answers = []
    worker = run(image, psf)
    assert worker.is_running is False  # it begins when the window has drawn itself
    worker.returned.connect(answers.append)
    ends = time.monotonic() + 60
    while not answers and time.monotonic() < ends:
        application.processEvents()
        time.sleep(0.01)
    data, looks, _ = answers[0]
    restored = layers.Image(data, **looks)
    assert [box.name for box in run][:4] == ["image", "psf", "method", "iterations"]
    assert (restored.data.shape, tuple(restored.scale)) == (image.data.shape, tuple(image.scale))
    assert restored.units == image.units
    assert application is not None
