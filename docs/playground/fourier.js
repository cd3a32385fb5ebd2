"use strict";
/** The discrete Fourier transform of grids whose sides are powers of two; spectra are {rows, cols, re, im}. */
const Fourier = (() => {
  const factors = new Map();

  /** cos and -sin of 2 pi i / n for i < n / 2, kept per size. */
  function twiddles(n) {
    if (!factors.has(n)) {
      const angle = (i) => (2 * Math.PI * i) / n;
      factors.set(n, {
        cos: Float64Array.from({ length: n / 2 }, (_, i) => Math.cos(angle(i))),
        sin: Float64Array.from({ length: n / 2 }, (_, i) => -Math.sin(angle(i))),
      });
    }
    return factors.get(n);
  }

  /** Put sample i of a line at the index with i's bits reversed. */
  function reverseBits(re, im) {
    for (let i = 1, j = 0; i < re.length; i++) {
      let bit = re.length >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        [re[i], re[j]] = [re[j], re[i]];
        [im[i], im[j]] = [im[j], im[i]];
      }
    }
  }

  /** X(u) = sum_x x(x) exp(-2 pi i u x / n) of one line, in place (J. W. Cooley and J. W. Tukey, 1965). */
  function transformLine(re, im) {
    const n = re.length;
    const { cos, sin } = twiddles(n);
    reverseBits(re, im);
    for (let half = 1; half < n; half *= 2) {
      const stride = n / (2 * half);
      for (let start = 0; start < n; start += 2 * half) {
        for (let i = 0; i < half; i++) {
          const a = start + i;
          const b = a + half;
          const wr = cos[i * stride];
          const wi = sin[i * stride];
          const tr = re[b] * wr - im[b] * wi;
          const ti = re[b] * wi + im[b] * wr;
          re[b] = re[a] - tr;
          im[b] = im[a] - ti;
          re[a] += tr;
          im[a] += ti;
        }
      }
    }
  }

  /** Transform `count` lines of `length` samples; line k starts at k * apart, its samples lie `step` apart. */
  function transformLines({ re, im }, count, apart, length, step) {
    const lineRe = new Float64Array(length);
    const lineIm = new Float64Array(length);
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < length; i++) {
        lineRe[i] = re[k * apart + i * step];
        lineIm[i] = im[k * apart + i * step];
      }
      transformLine(lineRe, lineIm);
      for (let i = 0; i < length; i++) {
        re[k * apart + i * step] = lineRe[i];
        im[k * apart + i * step] = lineIm[i];
      }
    }
  }

  /** Transform a spectrum object along rows and columns, in place. */
  function transform(spectrum) {
    const { rows, cols } = spectrum;
    transformLines(spectrum, rows, cols, cols, 1);
    transformLines(spectrum, cols, 1, rows, cols);
    return spectrum;
  }

  /** The spectrum of a real grid. */
  const forward = ({ rows, cols, data }) =>
    transform({ rows, cols, re: Float64Array.from(data), im: new Float64Array(data.length) });

  /** The real part of the inverse transform: conj(DFT(conj(X))) / n. */
  function inverse({ rows, cols, re, im }) {
    const turned = transform({ rows, cols, re: Float64Array.from(re), im: im.map((value) => -value) });
    return { rows, cols, data: turned.re.map((value) => value / (rows * cols)) };
  }

  /** The product of two spectra, frequency by frequency. */
  function product(a, b) {
    const re = a.re.map((value, i) => value * b.re[i] - a.im[i] * b.im[i]);
    const im = a.re.map((value, i) => value * b.im[i] + a.im[i] * b.re[i]);
    return { rows: a.rows, cols: a.cols, re, im };
  }

  return { forward, inverse, product };
})();
