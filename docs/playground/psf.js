"use strict";
/** Point-spread functions: grids of odd sizes, sum 1, centre in the middle. The models are those of restore.psf. */
const Psf = (() => {
  /** Variance of a uniform pixel, in pixels squared. */
  const PIXEL_VARIANCE = 1 / 12;
  /** From this sigma on a Gaussian's samples have the variance of the continuous one. */
  const WELL_SAMPLED = 0.9;

  /** erf(x) = 2 / sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 3 5 ... (2n+1)); beyond 6 it is 1 to rounding. */
  function erf(x) {
    if (Math.abs(x) > 6) return Math.sign(x);
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }

  /** The whole numbers from -half to half. */
  const around = (half) => Array.from({ length: 2 * half + 1 }, (_, i) => i - half);

  const clip = (value, low, high) => Math.min(Math.max(value, low), high);

  /** exp(-|x|^2 / (2 sigma^2)) averaged over each pixel, with variance sigma^2 per axis, out to 4 sigma. */
  function gaussian(sigma) {
    const half = Math.max(Math.ceil(4 * sigma), 1);
    const inner = sigma >= WELL_SAMPLED ? Math.sqrt(sigma ** 2 - PIXEL_VARIANCE) : innerWidth(sigma, half);
    const profile = gaussianProfile(inner, half);
    return Grid.unit(Grid.from(profile.length, profile.length, (r, c) => profile[r] * profile[c]));
  }

  /** The share of a Gaussian of width `inner` in each pixel from -half to half. */
  function gaussianProfile(inner, half) {
    const below = (x) => erf(x / (inner * Math.SQRT2)) / 2;
    return around(half).map((x) => below(x + 0.5) - below(x - 0.5));
  }

  /** Below WELL_SAMPLED: the width whose samples have the variance sigma^2, by bisection. */
  function innerWidth(sigma, half) {
    const excess = (width) =>
      gaussianProfile(width, half).reduce((sum, share, i) => sum + share * (i - half) ** 2, 0) - sigma ** 2;
    let [low, high] = [1e-3, 1];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (excess(middle) > 0) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
  }

  /** 1 / (pi r^2) inside a circle, the share of each pixel that it covers: exact along x, 129 lines along y. */
  function disk(radius) {
    const half = Math.ceil(radius - 0.5);
    const lines = Array.from({ length: 129 }, (_, i) => (i + 0.5) / 129 - 0.5);
    const covered = (x, y) => {
      const chord = Math.sqrt(Math.max(radius ** 2 - y ** 2, 0));
      return Math.max(Math.min(x + 0.5, chord) - Math.max(x - 0.5, -chord), 0);
    };
    const size = 2 * half + 1;
    return Grid.unit(
      Grid.from(size, size, (r, c) => lines.reduce((sum, line) => sum + covered(c - half, r - half + line), 0)),
    );
  }

  /** The trace of a point moved along a line of `length` pixels, `angle` degrees counter-clockwise from +x. */
  function motion(length, angle) {
    const turn = (((angle % 180) + 180) % 180) * (Math.PI / 180);
    const [along, across] = [Math.cos(turn), -Math.sin(turn)]; // rows count downwards, so up is -
    const reach = length / 2;
    if (Math.abs(across) > Math.abs(along)) {
      const flat = line(reach * Math.abs(across), along / across);
      return Grid.unit(Grid.from(flat.cols, flat.rows, (r, c) => flat.data[c * flat.cols + r]));
    }
    return Grid.unit(line(reach * Math.abs(along), across / along));
  }

  /** The segment y = slope x, |x| <= reach, |slope| <= 1: exact lengths along x, a linear share across. */
  function line(reach, slope) {
    const half = Math.ceil(reach - 0.5);
    const tall = Math.ceil(Math.abs(slope) * reach - 1e-9);
    return Grid.from(2 * tall + 1, 2 * half + 1, (r, c) => {
      const start = clip(c - half - 0.5, -reach, reach);
      const stop = clip(c - half + 0.5, -reach, reach);
      return Math.max(meanTent(slope * start - (r - tall), slope * stop - (r - tall)), 0) * (stop - start);
    });
  }

  /** The mean of the tent max(1 - |t|, 0) for t from a to b. */
  function meanTent(a, b) {
    if (Math.abs(b - a) < 1e-9) return Math.max(1 - Math.abs((a + b) / 2), 0);
    const integral = (t) => clip(t, -1, 1) - (clip(t, -1, 1) * Math.abs(clip(t, -1, 1))) / 2;
    return (integral(b) - integral(a)) / (b - a);
  }

  return { gaussian, disk, motion };
})();
