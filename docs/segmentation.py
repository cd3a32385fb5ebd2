"""A small network for segmentation: its layers, each a plain function that returns its output and the way back.

The way back takes the gradient of the loss by the output; it returns the gradient by the input, and by the weight where
there is one. All of them are functions of `upsample`: a convolution goes back through its transpose and the transpose
through a convolution, pooling goes back through unpooling and unpooling through picking.
"""

import numpy as np

import upsample

CLASSES = ("ground", "disc", "bar", "cross")
#: How long the gallery trains: about ten seconds of one core for each decoder.
STEPS = 1500


def conv(x, layer):
    """Convolve, the size kept."""
    weight, bias = layer
    y = upsample.conv(x, weight, bias, padding="same")

    def back(gradient):
        gradients = upsample.conv_gradients(x, weight, gradient, padding="same")
        return gradients.input, (gradients.weight, gradients.bias)

    return y, back


def deconv(x, layer, stride):
    """Enlarge by the stride by a transposed convolution."""
    weight, bias = layer
    padding = (weight.shape[-1] - stride) // 2
    y = upsample.conv_transpose(x, weight, bias, stride=stride, padding=padding)

    def back(gradient):
        gradients = upsample.conv_transpose_gradients(x, weight, gradient, stride=stride, padding=padding)
        return gradients.input, (gradients.weight, gradients.bias)

    return y, back


def relu(x):
    """Keep what is above zero."""
    return np.maximum(x, 0), lambda gradient: gradient * (x > 0)


def pool(x):
    """Keep the largest of every 2 x 2 window, and the switches: where it was."""
    y, switches = upsample.max_pool(x, 2)
    return y, switches, lambda gradient: upsample.max_unpool(gradient, switches, 2)


def unpool(x, switches):
    """Put every value back to where its maximum was."""
    y = upsample.max_unpool(x, switches, 2)

    def back(gradient):
        flat = gradient.reshape(*gradient.shape[:2], -1)
        return np.take_along_axis(flat, switches.reshape(*switches.shape[:2], -1), 2).reshape(switches.shape)

    return y, back


def cross_entropy(scores, labels):
    """Return the mean of -log softmax at the labels, and its gradient by the scores."""
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    truth = np.moveaxis(np.eye(len(CLASSES), dtype=scores.dtype)[labels], -1, 1)
    loss = -np.log(np.maximum((shares * truth).sum(axis=1), 1e-12)).mean()
    return float(loss), (shares - truth) / labels.size


def network(x, weights, decoder):
    """Return the scores (N, classes, H, W) of a batch, and the way back to the gradients of the weights.

    Two stages of convolution and pooling halve the map twice. The decoder enlarges it again: "fixed" by bilinear
    interpolation of the scores, "learned" by two transposed convolutions of stride 2, "switches" by unpooling in front
    of two transposed convolutions of stride 1.
    """
    first, first_back = conv(x, weights["first"])
    first, first_relu = relu(first)
    half, switches_1, half_back = pool(first)
    second, second_back = conv(half, weights["second"])
    second, second_relu = relu(second)
    quarter, switches_2, quarter_back = pool(second)
    third, third_back = conv(quarter, weights["third"])
    third, third_relu = relu(third)
    if decoder == "fixed":
        small, scores_back = conv(third, weights["up"])
        kernel = upsample.bilinear_kernel(4, channels=len(CLASSES)).astype(x.dtype)
        settings = {"stride": 4, "padding": 2, "groups": len(CLASSES)}
        scores = upsample.conv_transpose(small, kernel, **settings)
    else:
        ahead, stride = (third, 2) if decoder == "learned" else (unpool(third, switches_2)[0], 1)
        middle, middle_back = deconv(ahead, weights["up"], stride)
        middle, middle_relu = relu(middle)
        ahead = middle if decoder == "learned" else unpool(middle, switches_1)[0]
        scores, scores_back = deconv(ahead, weights["scores"], stride)

    def back(gradient):
        found = {}
        if decoder == "fixed":
            gradient = upsample.conv(gradient, kernel, **settings)
            gradient, found["up"] = scores_back(gradient)
        else:
            gradient, found["scores"] = scores_back(gradient)
            if decoder == "switches":
                gradient = unpool(middle, switches_1)[1](gradient)
            gradient, found["up"] = middle_back(middle_relu(gradient))
            if decoder == "switches":
                gradient = unpool(third, switches_2)[1](gradient)
        gradient, found["third"] = third_back(third_relu(gradient))
        gradient, found["second"] = second_back(second_relu(quarter_back(gradient)))
        _, found["first"] = first_back(first_relu(half_back(gradient)))
        return found

    return scores, back


def start(decoder, rng, channels=(8, 16)):
    """Draw start weights; every layer is a weight and a bias."""
    one, two = channels
    sizes = {"first": (one, 1, 3, 3), "second": (two, one, 3, 3), "third": (two, two, 3, 3)}
    if decoder == "fixed":
        sizes["up"] = (len(CLASSES), two, 1, 1)
    layers = {name: (drawn(shape, rng), np.zeros(shape[0], np.float32)) for name, shape in sizes.items()}
    if decoder != "fixed":
        for name, inputs, outputs in (("up", two, one), ("scores", one, len(CLASSES))):
            if decoder == "learned":  # starts without a checkerboard
                weight = upsample.icnr((inputs, outputs, 4, 4), 2, rng=rng)
            else:
                weight = drawn((outputs, inputs, 3, 3), rng).swapaxes(0, 1)
            layers[name] = weight, np.zeros(outputs, np.float32)
    return layers


def drawn(shape, rng):
    """Return normal weights with variance 2 / fan-in."""
    return (rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)


def train(decoder, steps, *, seed=0, batch=8, rate=0.01):
    """Train on fresh shapes in every step, by Adam; return the layers and the losses."""
    rng = np.random.default_rng(seed)
    layers, losses = start(decoder, rng), []
    mean, square = ({name: [0.0, 0.0] for name in layers} for _ in range(2))
    for step in range(1, steps + 1):
        pictures, labels = shapes(batch, rng)
        scores, back = network(pictures, layers, decoder)
        loss, gradient = cross_entropy(scores, labels)
        losses.append(loss)
        length = rate * min(1, 2 - 2 * step / steps)
        for name, slopes in back(gradient).items():
            mean[name] = [0.9 * m + 0.1 * s for m, s in zip(mean[name], slopes, strict=True)]
            square[name] = [0.99 * q + 0.01 * s**2 for q, s in zip(square[name], slopes, strict=True)]
            rows = zip(layers[name], mean[name], square[name], strict=True)
            layers[name] = tuple(
                w - length * m / (1 - 0.9**step) / (np.sqrt(q / (1 - 0.99**step)) + 1e-8) for w, m, q in rows
            )
    return layers, losses


def shapes(count, rng, size=32):
    """Draw pictures (N, 1, H, W) of a disc, a bar and a cross with noise, and the class of every pixel."""
    rows, columns = np.mgrid[:size, :size]
    labels = np.zeros((count, size, size), int)
    for picture in labels:
        for kind in rng.permutation([1, 2, 3]):
            y, x, radius, angle = *rng.uniform(6, size - 6, 2), rng.uniform(4, 6), rng.uniform(0, np.pi)
            along = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
            across = (rows - y) * np.cos(angle) - (columns - x) * np.sin(angle)
            inside = np.maximum(abs(along), abs(across)) < radius
            picture[
                (
                    np.hypot(along, across) < radius,
                    inside & (abs(across) < 1.3),
                    inside & (np.minimum(abs(along), abs(across)) < 1.3),
                )[kind - 1]
            ] = kind
    pictures = (labels > 0) + rng.normal(0, 0.15, labels.shape)
    return pictures[:, None].astype(np.float32), labels


def mean_iou(weights, decoder, pictures, labels):
    """Return the intersection over union, the mean over the classes."""
    guess = network(pictures, weights, decoder)[0].argmax(axis=1)
    pairs = [((guess == k) & (labels == k), (guess == k) | (labels == k)) for k in range(len(CLASSES))]
    return float(np.mean([both.sum() / either.sum() for both, either in pairs]))
