"""PyTorch's own sample inputs, run where torch and expecttest are installed (development tools here)."""

import warnings

import numpy as np
import pytest

import upsample

torch = pytest.importorskip("torch", reason="PyTorch holds the samples and the reference")
pytest.importorskip("expecttest", reason="torch's operator database needs it")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

OPERATORS = {op.name: op for op in op_db if not op.variant_test_name}
NAMES = {
    "stride": "stride",
    "padding": "padding",
    "dilation": "dilation",
    "groups": "groups",
    "output_padding": "output_padding",
    "output_size": "output_size",
    "ceil_mode": "ceil_mode",
    "kernel_size": "kernel",
}


def samples(name, dtype):
    operator = OPERATORS[name]
    for sample in operator.sample_inputs("cpu", dtype):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield sample, operator.op(sample.input, *sample.args, **sample.kwargs)


def worded(n, **settings):
    """Say PyTorch's settings in ours: a one-element tuple stands for every axis."""
    spoken = {}
    for name, value in settings.items():
        value = tuple(value) if isinstance(value, list | tuple) else value
        spoken[name] = value[0] if isinstance(value, tuple) and len(value) == 1 and n > 1 else value
    return spoken


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.complex64, torch.complex128], ids=str)
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(("name", "ours"), [("conv_transpose", upsample.conv_transpose), ("conv", upsample.conv)])
def test_convolutions(name, ours, axes, dtype):
    count = 0
    order = ("stride", "padding", "output_padding", "groups", "dilation")
    if name == "conv":
        order = ("stride", "padding", "dilation", "groups")
    for sample, expected in samples(f"nn.functional.{name}{axes}d", dtype):
        arrays = [None if a is None else a.detach().numpy() for a in (sample.input, *sample.args[:2])]
        rest = dict(zip(order, sample.args[2:], strict=False)) | dict(sample.kwargs)
        if isinstance(rest.get("bias"), torch.Tensor):
            rest["bias"] = rest["bias"].detach().numpy()
        y = ours(*arrays, **worded(axes, **rest))
        tolerance = 1e-5 if dtype in (torch.float32, torch.complex64) else 1e-12
        scale = max(float(np.abs(expected.detach().numpy()).max(initial=0)), 1.0)
        np.testing.assert_allclose(y, expected.detach().numpy(), rtol=0, atol=tolerance * scale)
        count += 1
    assert count >= 5


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_max_pool(axes):
    count = 0
    for sample, _ in samples(f"nn.functional.max_pool{axes}d", torch.float32):
        given = dict(sample.kwargs) | dict(zip(("kernel_size", "stride"), sample.args, strict=False))
        given.pop("return_indices", None)
        size = tuple(sample.input.shape[-axes:])
        if 0 in size:
            continue
        theirs = getattr(torch.nn.functional, f"max_pool{axes}d")(sample.input, **given, return_indices=True)
        settings = {NAMES[name]: value for name, value in given.items()}
        if settings.get("stride") in (None, [], ()):
            settings.pop("stride", None)
        values, indices = upsample.max_pool(sample.input.detach().numpy(), axes=axes, **worded(axes, **settings))
        np.testing.assert_array_equal(values, theirs[0].detach().numpy())
        np.testing.assert_array_equal(indices, theirs[1].numpy())
        count += 1
    assert count > 100


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_max_unpool(axes):
    count = 0
    for sample, expected in samples(f"nn.functional.max_unpool{axes}d", torch.float32):
        given = dict(zip(("indices", "kernel_size", "stride", "padding", "output_size"), sample.args, strict=False))
        given |= sample.kwargs
        indices = given.pop("indices").numpy()
        settings = {NAMES[name]: value for name, value in given.items() if value not in (None, [])}
        if "output_size" in settings:
            settings["output_size"] = tuple(settings["output_size"])[-axes:]
        y = upsample.max_unpool(sample.input.detach().numpy(), indices, axes=axes, **worded(axes, **settings))
        np.testing.assert_array_equal(y, expected.detach().numpy())
        count += 1
    assert count > 50


@pytest.mark.parametrize("name", ["pixel_shuffle", "pixel_unshuffle"])
def test_shuffles(name):
    count = 0
    for sample, expected in samples(f"nn.functional.{name}", torch.float32):
        if sample.input.ndim > 4 or 0 in sample.input.shape:
            continue
        factor = sample.args[0] if sample.args else next(iter(sample.kwargs.values()))
        y = getattr(upsample, name)(sample.input.detach().numpy(), factor)
        np.testing.assert_array_equal(y, expected.detach().numpy())
        count += 1
    assert count >= 2


@pytest.mark.parametrize("stride", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("kernel", "mode"), [("nearest", "nearest"), ("bilinear", "bilinear"), ("cubic", "bicubic")])
def test_interpolation(stride, kernel, mode):
    x = torch.randn(2, 3, 5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    options = {} if mode == "nearest" else {"align_corners": False}
    theirs = torch.nn.functional.interpolate(x, scale_factor=stride, mode=mode, **options).numpy()
    if kernel == "cubic":  # PyTorch's slope is -0.75
        weight = upsample.cubic_kernel(stride, a=-0.75, channels=3)
        padded = np.pad(x.numpy(), [(0, 0), (0, 0), (2, 2), (2, 2)], mode="edge")
        crop = (weight.shape[-1] - stride) // 2 + 2 * stride
        ours = upsample.conv_transpose(padded, weight, stride=stride, padding=crop, groups=3)
    else:
        ours = upsample.interpolate(x.numpy(), stride, kernel=kernel)
    np.testing.assert_allclose(ours, theirs, atol=1e-13)
