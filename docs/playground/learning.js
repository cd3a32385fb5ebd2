"use strict";
/**
 * A transposed convolution that learns, as upsample.descend_kernel and upsample.learn_kernel have it with
 * border="periodic": argmin over kernel of mean |layer(x, kernel) - target|^2, where
 * layer(x, kernel)[stride i + t - begin] += x[i] kernel[t], begin = (size - stride) // 2.
 * The layer is linear in its taps w, so the squares add up to |target|^2 - 2 w'moment + w'gram w: sums over the
 * pictures that are worked out once, in the spectrum.
 */
const Learning = (() => {
  /** How much of the past Adam's mean gradient and mean squared gradient keep (D. Kingma and J. Ba, 2015). */
  const [MEAN, SQUARE] = [0.9, 0.99];
  const TINY = 2 ** -1022;

  /** What is to be learned: kernels of size x size taps that make `target`, stride times as large, of x. */
  function lesson(x, target, stride, size) {
    const inserted = Grid.from(target.rows, target.cols, (r, c) =>
      r % stride || c % stride ? 0 : x.data[(r / stride) * x.cols + c / stride],
    );
    const source = Fourier.forward(inserted);
    const taps = placesOf(size, (size - stride) >> 1, target);
    const squares = target.data.reduce((sum, sample) => sum + sample ** 2, 0);
    return { source, taps, squares, ...equations(source, target, taps), rows: target.rows, cols: target.cols };
  }

  /** The places of size x size taps on a periodic grid: tap t lies t - begin away from where its sample is. */
  function placesOf(size, begin, { rows, cols }) {
    const at = (t, n) => (t - begin + n) % n;
    return Array.from({ length: size * size }, (_, i) => at(Math.floor(i / size), rows) * cols + at(i % size, cols));
  }

  /** The products of the input with itself and with the target, each moved by as much as the taps are apart. */
  function equations(source, target, taps) {
    const { rows, cols } = target;
    const products = (spectrum) => Fourier.inverse(Fourier.product(conjugate(source), spectrum)).data;
    const [own, other] = [products(source), products(Fourier.forward(target))];
    const apart = (a, b) => {
      const row = (Math.floor(a / cols) - Math.floor(b / cols) + rows) % rows;
      return row * cols + ((a % cols) - (b % cols) + cols) % cols;
    };
    return {
      gram: taps.map((a) => Float64Array.from(taps, (b) => own[apart(a, b)])),
      moment: taps.map((place) => other[place]),
    };
  }

  const conjugate = ({ rows, cols, re, im }) => ({ rows, cols, re, im: im.map((value) => -value) });

  /** What the layer does to each frequency: the transform of its kernel. */
  function response({ rows, cols, taps }, kernel) {
    const grid = Grid.zeros(rows, cols);
    taps.forEach((place, t) => (grid.data[place] += kernel.data[t]));
    return Fourier.forward(grid);
  }

  const layer = (task, kernel) => Fourier.inverse(Fourier.product(task.source, response(task, kernel)));

  /** The mean squared error of a kernel and its gradient, 2 (gram w - moment) / samples. */
  function slope({ gram, moment, squares, rows, cols }, { data: w }) {
    const samples = rows * cols;
    const made = gram.map((row) => row.reduce((sum, value, t) => sum + value * w[t], 0));
    const error = made.reduce((sum, value, t) => sum + w[t] * (value - 2 * moment[t]), squares) / samples;
    return { error, gradient: made.map((value, t) => (2 / samples) * (value - moment[t])) };
  }

  /** Which share of the rate a step takes: it rises over the first twentieth and falls along half a cosine. */
  const share = (step, steps) =>
    (Math.min(1, (20 * (step + 1)) / steps) * (1 + Math.cos((Math.PI * step) / steps))) / 2;

  /** A kernel on its way down: step() goes one step by Adam, until `count` is `steps`. */
  function descent(task, start, steps, rate) {
    const [mean, square] = [new Float64Array(start.data.length), new Float64Array(start.data.length)];
    const state = { kernel: start, count: 0, steps, errors: [], step };

    function step() {
      const { error: before, gradient } = slope(task, state.kernel);
      const length = rate * share(state.count, steps);
      state.errors.push(before);
      state.count += 1;
      state.kernel = Grid.map(state.kernel, (weight, i) => {
        const g = gradient[i];
        mean[i] = MEAN * mean[i] + (1 - MEAN) * g;
        square[i] = SQUARE * square[i] + (1 - SQUARE) * g ** 2;
        const size = Math.sqrt(square[i] / (1 - SQUARE ** state.count)) + TINY; // both began at zero
        return weight - (length * (mean[i] / (1 - MEAN ** state.count))) / size;
      });
    }
    return state;
  }

  /** The best kernel at once: gram w = moment, with a ridge towards the start. */
  function exact({ gram, moment }, start, ridge = 1e-8) {
    const penalty = ridge * gram[0][0];
    const ridged = gram.map((row, i) => row.map((value, j) => (i === j ? value + penalty : value)));
    return { ...start, data: solved(ridged, moment.map((value, t) => value + penalty * start.data[t])) };
  }

  /** The solution of a positive definite system: gram = L L', then L y = right, L' x = y. */
  function solved(gram, right) {
    const n = right.length;
    const factor = gram.map((row) => Float64Array.from(row));
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        let sum = factor[i][j];
        for (let k = 0; k < j; k++) sum -= factor[i][k] * factor[j][k];
        factor[i][j] = i === j ? Math.sqrt(sum) : sum / factor[j][j];
      }
    }
    const x = Float64Array.from(right);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i] -= factor[i][k] * x[k];
      x[i] /= factor[i][i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i] -= factor[k][i] * x[k];
      x[i] /= factor[i][i];
    }
    return x;
  }

  /** The ring of each frequency of a square grid: its distance from zero, in whole steps of 1 / n cycles per pixel. */
  function ringOf(index, { rows, cols }) {
    const away = (i, n) => Math.min(i, n - i);
    return Math.round(Math.hypot(away(Math.floor(index / cols), rows), away(index % cols, cols)));
  }

  /** The mean of the values of each ring, out to the corners. */
  function ringMeans(values, grid) {
    const rings = ringOf((grid.rows / 2) * grid.cols + grid.cols / 2, grid) + 1;
    const [sums, counts] = [new Float64Array(rings), new Float64Array(rings)];
    values.forEach((value, i) => {
      sums[ringOf(i, grid)] += value;
      counts[ringOf(i, grid)] += 1;
    });
    return sums.map((sum, ring) => sum / counts[ring]);
  }

  /** The mean of a filter over all directions, from frequency 0 to half a cycle per pixel; of a real one it is real. */
  const overDirections = (filter) => Array.from(ringMeans(filter.re, filter).subarray(0, filter.rows / 2 + 1));

  /** conj(H) / (|H|^2 + sigma^2 / S): the Wiener filter, S the power of the sharp picture, its mean over a ring. */
  function wienerGain(psf, sharp, sigma) {
    const { re: a, im: b, rows, cols } = Fourier.forward(sharp);
    const powers = a.map((value, i) => (value ** 2 + b[i] ** 2) / a.length);
    const mean = ringMeans(powers, { rows, cols });
    const { re, im } = Restoration.transferFunction(psf, rows, cols);
    const denominator = re.map((h, i) => h ** 2 + im[i] ** 2 + sigma ** 2 / mean[ringOf(i, { rows, cols })]);
    return { rows, cols, re: re.map((v, i) => v / denominator[i]), im: im.map((v, i) => -v / denominator[i]) };
  }

  return { lesson, layer, response, slope, descent, exact, overDirections, wienerGain };
})();
