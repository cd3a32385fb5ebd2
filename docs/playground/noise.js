"use strict";
/** Gaussian noise that is the same at every visit. */
const Noise = (() => {
  /** Numbers spread evenly over [0, 1), from a 32-bit state (the mulberry32 recurrence). */
  function uniform(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** A grid of independent samples of mean 0 and variance 1 (G. E. P. Box and M. E. Muller, 1958). */
  function gaussian(rows, cols, seed) {
    const next = uniform(seed);
    return Grid.from(rows, cols, () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()));
  }

  /** The image with noise of standard deviation sigma on top. */
  const add = (image, sigma, noise) => Grid.map(image, (sample, i) => sample + sigma * noise.data[i]);

  return { gaussian, add };
})();
