"""Learning beside PyTorch, a development tool here: the same gradients, and its layer takes learned weights."""

import warnings

import numpy as np
import pytest

import upsample

torch = pytest.importorskip("torch", reason="PyTorch holds the reference")

RANDOM_SETTINGS = 200
LAYERS = {"conv": upsample.conv_gradients, "conv_transpose": upsample.conv_transpose_gradients}
#: Largest difference to PyTorch's gradients in float64, beside a largest gradient of 1.
CLOSE = 1e-10


def random_layer(rng, name):
    """Draw x, weight, bias and settings of a layer that PyTorch takes, and PyTorch's output."""
    while True:
        n, groups = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        draw = lambda low, high, n=n: tuple(int(v) for v in rng.integers(low, high + 1, n))  # noqa: E731
        given = {"stride": draw(1, 4), "padding": draw(0, 3), "dilation": draw(1, 3), "groups": groups}
        if name == "conv_transpose":
            limits = zip(given["stride"], given["dilation"], strict=True)
            given["output_padding"] = tuple(int(rng.integers(0, max(pair))) for pair in limits)
        inner, outer = (int(v) for v in rng.integers(1, 3, 2))
        channels, outputs = groups * inner, groups * outer
        x = rng.standard_normal((int(rng.integers(1, 3)), channels, *draw(1, 9)))
        sizes = (channels, outer) if name == "conv_transpose" else (outputs, inner)
        weight, bias = rng.standard_normal((*sizes, *draw(1, 4))), rng.standard_normal(outputs)
        leaves = [torch.tensor(a, requires_grad=True) for a in (x, weight, bias)]
        try:
            return leaves, given, getattr(torch.nn.functional, f"{name}{n}d")(*leaves, **given)
        except RuntimeError:  # an empty output
            continue


def assert_same_gradients(name, leaves, y, settings, rng):
    """PyTorch's gradients by input, weight and, where there is one, bias are ours."""
    gradient = rng.standard_normal(tuple(y.shape))
    y.backward(torch.tensor(gradient))
    x, weight = (leaf.detach().numpy() for leaf in leaves[:2])
    ours = LAYERS[name](x, weight, gradient, **settings)
    for mine, leaf in zip((ours.input, ours.weight, ours.bias), leaves, strict=False):
        if leaf is not None:
            theirs = leaf.grad.numpy()
            scale = max(1.0, float(np.abs(theirs).max(initial=0)))
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=CLOSE * scale, err_msg=f"{name} {settings}")


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_agree_on_random_settings(name):
    for seed in range(RANDOM_SETTINGS):
        rng = np.random.default_rng(seed)
        leaves, given, y = random_layer(rng, name)
        given.pop("output_padding", None)  # the output's size says it
        assert_same_gradients(name, leaves, y, given, rng)


def spoken(axes, values):
    """Say PyTorch's settings in ours: a one-element tuple stands for every axis."""
    words = {name: tuple(v) if isinstance(v, list | tuple) else v for name, v in values.items()}
    return {n: v[0] if isinstance(v, tuple) and len(v) == 1 and axes > 1 else v for n, v in words.items()}


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("name", LAYERS)
def test_gradients_agree_on_pytorchs_own_samples(name, axes):
    pytest.importorskip("expecttest", reason="torch's operator database needs it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    operator = next(op for op in op_db if op.name == f"nn.functional.{name}{axes}d" and not op.variant_test_name)
    order = ("stride", "padding", "output_padding", "groups", "dilation")
    if name == "conv":
        order = ("stride", "padding", "dilation", "groups")
    count, rng = 0, np.random.default_rng(0)
    for sample in operator.sample_inputs("cpu", torch.float64, requires_grad=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = operator.op(sample.input, *sample.args, **sample.kwargs)
        given = dict(zip(order, sample.args[2:], strict=False)) | sample.kwargs
        bias = given.pop("bias", sample.args[1] if len(sample.args) > 1 else None)
        given.pop("output_padding", None)
        assert_same_gradients(name, [sample.input, sample.args[0], bias], y, spoken(axes, given), rng)
        count += 1
    assert count >= 5


@pytest.mark.parametrize(("stride", "size"), [(2, 8), (2, 4), (3, 9)])
def test_a_learned_weight_loads_into_pytorchs_layer(stride, size):
    rng = np.random.default_rng(0)
    large = rng.random((12 * stride, 10 * stride)).astype(np.float32)
    small = large.reshape(12, stride, 10, stride).mean(axis=(1, 3))
    learned = upsample.learn_kernel([(small, large)], stride=stride, size=size, border="zero")
    layer = torch.nn.ConvTranspose2d(1, 1, size, stride, padding=(size - stride) // 2, bias=False)
    layer.load_state_dict({"weight": torch.from_numpy(learned.weight)})
    with torch.no_grad():
        theirs = layer(torch.from_numpy(small)[None]).numpy()
    np.testing.assert_allclose(learned(small[None]), theirs, atol=1e-5)
