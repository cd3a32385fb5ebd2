"""
What deconvolution layers are for: segmentation
===============================================

A small network says of every pixel what it shows. Two stages of convolution and max pooling make the map smaller; three
decoders make it large again: bilinear and fixed, two transposed convolutions that learn, and unpooling by the switches
of the pooling in front of transposed convolutions. Its layers, forwards and backwards, are ``docs/segmentation.py``.
"""

import matplotlib.pyplot as plt
import numpy as np
import segmentation
from segmentation import mean_iou, network, shapes, train

import upsample

unseen, truth = shapes(64, np.random.default_rng(99))
decoders = {"fixed": "bilinear", "learned": "learned", "switches": "learned, with switches"}
trained = {name: train(name, segmentation.STEPS) for name in decoders}
for name, (layers, losses) in trained.items():
    print(f"{decoders[name]:24s}mean IoU {mean_iou(layers, name, unseen, truth):.2f}, loss {np.mean(losses[-20:]):.3f}")

# %%
# The bilinear decoder cannot draw a line thinner than its four pixels; the learned one can. Switches tell where in its
# window each maximum lay, which no kernel could know.

figure, axes = plt.subplots(3, 5, figsize=(9, 5.6), layout="constrained")
for row, number in zip(axes, (0, 1, 2), strict=True):
    guesses = [network(unseen[number : number + 1], trained[name][0], name)[0][0].argmax(0) for name in decoders]
    titles = ("picture", "truth", *decoders.values())
    for ax, image, title in zip(row, (unseen[number, 0], truth[number], *guesses), titles, strict=True):
        colours = {"cmap": "gray"} if title == "picture" else {"cmap": "viridis", "vmin": 0, "vmax": 3}
        ax.imshow(image, **colours)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=9)

# %%
# Why pool at all, when a convolution with stride 2 makes the map smaller too? It never computes the responses between
# its steps: of the four responses of a 2 x 2 window it looks at one, pooling at all. The first layer of the trained
# network, with either:

weight, bias = trained["learned"][0]["first"]
responses = upsample.missed_responses(unseen, weight)
pooled, strided = (np.maximum(maps + bias[:, None, None], 0) for maps in (responses.pooled, responses.strided))
print(f"of the strength that pooling hands on, a stride of 2 misses {1 - strided.sum() / pooled.sum():.0%}")
print(f"of the windows that respond, it finds {np.mean(strided[pooled > 0] == 0):.0%} empty")

channel = (pooled - strided)[1].mean(axis=(1, 2)).argmax()
maps = {"picture": unseen[1, 0], "pooled": pooled[1, channel], "stride 2": strided[1, channel]}
maps["missed"] = maps["pooled"] - maps["stride 2"]
figure, axes = plt.subplots(1, 4, figsize=(9, 2.4), layout="constrained")
for ax, (title, image) in zip(axes, maps.items(), strict=True):
    ax.imshow(image, cmap="gray", vmin=0, vmax=None if title == "picture" else maps["pooled"].max())
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=9)

# %%
# The losses along the way. With switches the map behind the unpooling is nearly empty at first, and learning starts
# slower; then it goes on where the others have arrived.

figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for name, (_, losses) in trained.items():
    width = max(len(losses) // 30, 1)
    smooth = np.convolve(losses, np.ones(width) / width, "valid")
    ax.plot(smooth, label=decoders[name])
ax.set(xlabel="step", ylabel="cross-entropy", yscale="log")
ax.legend()
