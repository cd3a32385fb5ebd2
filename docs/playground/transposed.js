"use strict";
/**
 * Meaning 2, as in upsample/: y[stride i + dilation t - padding] += x[i] kernel[t], the transpose of a convolution.
 * Maps and kernels are grids; settings hold one number per axis: {stride, padding, outputPadding, dilation}.
 */
const Transposed = (() => {
  const BARE = { stride: [1, 1], padding: [0, 0], outputPadding: [0, 0], dilation: [1, 1] };

  const tuple = (values) => `(${values.join(", ")})`;

  /** Refuse a setting that is no integer or too small. */
  function checkWhole(values, name, minimum) {
    for (const value of values) {
      if (!Number.isInteger(value)) throw new RangeError(`${name} must be an integer, got ${value}`);
      if (value < minimum) throw new RangeError(`${name} must be >= ${minimum}, got ${value}`);
    }
  }

  /** Refuse settings that describe no transposed convolution, in the words of the Python package. */
  function checkSettings({ stride, padding, outputPadding, dilation }) {
    checkWhole(stride, "stride", 1);
    checkWhole(dilation, "dilation", 1);
    checkWhole(outputPadding, "output_padding", 0);
    outputPadding.forEach((extra, i) => {
      if (extra >= Math.max(stride[i], dilation[i])) {
        throw new RangeError(
          "output_padding must be smaller than stride or dilation, " +
            `got output_padding ${extra}, stride ${stride[i]}, dilation ${dilation[i]}`,
        );
      }
    });
    checkWhole(padding, "padding", 0);
  }

  /** Sizes along both axes: input `small`, `kernel`, its `reach`, the `full` size and what is left of it, `large`. */
  function geometry(x, kernel, settings) {
    const { stride, padding, outputPadding, dilation } = { ...BARE, ...settings };
    checkSettings({ stride, padding, outputPadding, dilation });
    const [small, taps] = [
      [x.rows, x.cols],
      [kernel.rows, kernel.cols],
    ];
    const axes = small.map((size, i) => {
      const reach = dilation[i] * (taps[i] - 1) + 1;
      const full = (size - 1) * stride[i] + reach;
      const end = padding[i] - outputPadding[i];
      const large = full - padding[i] - end;
      const set = { stride: stride[i], dilation: dilation[i], outputPadding: outputPadding[i] };
      return { small: size, kernel: taps[i], reach, full, begin: padding[i], end, large, ...set };
    });
    checkOutput(axes);
    return axes;
  }

  function checkOutput(axes) {
    if (axes.every((axis) => axis.large >= 1)) return;
    const each = (name) => tuple(axes.map((axis) => axis[name]));
    const pairs = tuple(axes.map((axis) => tuple([axis.begin, axis.begin])));
    throw new RangeError(
      `output size must be >= 1, got ${each("large")} from input size ${each("small")}: ` +
        `padding ${pairs} crops the full size ${each("full")} away`,
    );
  }

  /** C' x: every input sample throws a copy of the kernel, weighted by itself, on the output. */
  function convTranspose(x, kernel, settings) {
    const [down, right] = geometry(x, kernel, settings);
    const y = Grid.zeros(down.large, right.large);
    x.data.forEach((sample, i) => {
      const top = down.stride * Math.floor(i / x.cols) - down.begin;
      const left = right.stride * (i % x.cols) - right.begin;
      kernel.data.forEach((weight, t) => {
        const row = top + down.dilation * Math.floor(t / kernel.cols);
        const col = left + right.dilation * (t % kernel.cols);
        if (row >= 0 && row < y.rows && col >= 0 && col < y.cols) y.data[row * y.cols + col] += sample * weight;
      });
    });
    return y;
  }

  /** C x, the convolution of deep learning (the kernel is not turned); zeros lie outside x. */
  function conv(x, kernel, settings) {
    const { stride, padding, dilation } = { ...BARE, ...settings };
    const size = [x.rows, x.cols];
    const reach = [kernel.rows, kernel.cols].map((taps, i) => dilation[i] * (taps - 1) + 1);
    const [rows, cols] = size.map((n, i) => Math.floor((n + 2 * padding[i] - reach[i]) / stride[i]) + 1);
    return Grid.from(rows, cols, (r, c) => {
      const places = tapsAt(x, kernel, stride[0] * r - padding[0], stride[1] * c - padding[1], dilation);
      return places.reduce((sum, { sample, weight }) => sum + sample * weight, 0);
    });
  }

  /** The samples of x below a kernel whose first tap lies at (top, left), with the weights above them. */
  function tapsAt(x, kernel, top, left, dilation) {
    const places = [];
    for (let t = 0; t < kernel.data.length; t++) {
      const row = top + dilation[0] * Math.floor(t / kernel.cols);
      const col = left + dilation[1] * (t % kernel.cols);
      if (row < 0 || row >= x.rows || col < 0 || col >= x.cols) continue;
      places.push({ row, col, sample: x.data[row * x.cols + col], weight: kernel.data[t] });
    }
    return places;
  }

  /** x moved by (top, left) into a grid of the given size; zeros where x does not reach. */
  function placed(x, rows, cols, top, left) {
    return Grid.from(rows, cols, (r, c) => {
      const [row, col] = [r - top, c - left];
      return row >= 0 && row < x.rows && col >= 0 && col < x.cols ? x.data[row * x.cols + col] : 0;
    });
  }

  /** stride - 1 zeros between neighbouring samples. */
  function zeroInserted(x, [down, right]) {
    return Grid.from((x.rows - 1) * down.stride + 1, (x.cols - 1) * right.stride + 1, (r, c) =>
      r % down.stride || c % right.stride ? 0 : x.data[(r / down.stride) * x.cols + c / right.stride],
    );
  }

  /** dilation * (kernel - 1) zeros at every side. */
  function bordered(x, [down, right]) {
    const [tall, wide] = [down.reach - 1, right.reach - 1];
    return placed(x, x.rows + 2 * tall, x.cols + 2 * wide, tall, wide);
  }

  /** `padding` samples less at every side, output_padding more at the end. */
  const cropped = (x, [down, right]) =>
    placed(x, x.rows - down.begin - down.end, x.cols - right.begin - right.end, -down.begin, -right.begin);

  /** The kernel turned by 180 degrees. */
  const turned = (kernel) => ({ ...kernel, data: Float64Array.from(kernel.data).reverse() });

  /** The stages of a transposed convolution done as an ordinary one; `result` equals convTranspose. */
  function steps(x, kernel, settings) {
    const axes = geometry(x, kernel, settings);
    const inserted = zeroInserted(x, axes);
    const border = bordered(inserted, axes);
    const crop = cropped(border, axes);
    const turnedKernel = turned(kernel);
    const result = conv(crop, turnedKernel, { dilation: axes.map((axis) => axis.dilation) });
    return { axes, zeroInserted: inserted, bordered: border, cropped: crop, kernel: turnedKernel, result };
  }

  const ones = (grid) => Grid.map(grid, () => 1);

  /** How many kernel copies reach each output sample. */
  const overlap = (x, kernel, settings) => convTranspose(ones(x), ones(kernel), settings);

  /** The sum of the taps of each output phase: where a map of ones takes which value. */
  function phaseSums(kernel, stride, dilation) {
    const sums = Grid.zeros(...stride);
    kernel.data.forEach((weight, t) => {
      const row = (dilation[0] * Math.floor(t / kernel.cols)) % stride[0];
      const col = (dilation[1] * (t % kernel.cols)) % stride[1];
      sums.data[row * stride[1] + col] += weight;
    });
    return sums;
  }

  /** Do all phases add up to the same? imbalance = max |phase sum - mean| / |mean|. */
  function checkerboard(kernel, stride, dilation) {
    const sums = phaseSums(kernel, stride, dilation);
    const mean = Grid.sum(sums) / sums.data.length;
    const spread = Math.max(...sums.data.map((sum) => Math.abs(sum - mean)));
    const rounding = Number.EPSILON * Math.max(...kernel.data.map(Math.abs)) * kernel.data.length;
    const even = spread <= rounding;
    const uneven = Math.abs(mean) > rounding ? spread / Math.abs(mean) : Infinity;
    return { overlap: phaseSums(ones(kernel), stride, dilation), phaseSums: sums, imbalance: even ? 0 : uneven, even };
  }

  /** 1 - |t - centre| / stride along both axes: bilinear enlargement, with padding (size - stride) / 2. */
  function bilinearKernel(stride) {
    const [rows, cols] = stride.map((s) => 2 * s - (s % 2));
    const tent = (t, size, s) => 1 - Math.abs(t - (size - 1) / 2) / s;
    return Grid.from(rows, cols, (r, c) => tent(r, rows, stride[0]) * tent(c, cols, stride[1]));
  }

  return { geometry, convTranspose, conv, tapsAt, steps, overlap, checkerboard, bilinearKernel };
})();
