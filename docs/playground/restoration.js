"use strict";
/**
 * Meaning 1, as in restore/ with boundary="periodic": g = h * f + noise, F = conj(H) G / (|H|^2 + weight |P|^2).
 * The picture is taken to go on at the opposite edge, which makes blurring exactly one factor H per frequency.
 */
const Restoration = (() => {
  /** Below the square of the rounding error of H nothing is known about a frequency. */
  const NOTHING = Number.EPSILON ** 2;

  /** H(u) = sum_x h(x) exp(-2 pi i u (x - c) / n), c = size // 2: the transfer function on a periodic grid. */
  function transferFunction(psf, rows, cols) {
    const grid = Grid.zeros(rows, cols);
    const [middleRow, middleCol] = [psf.rows >> 1, psf.cols >> 1];
    for (let r = 0; r < psf.rows; r++) {
      for (let c = 0; c < psf.cols; c++) {
        const row = (r - middleRow + rows) % rows;
        const col = (c - middleCol + cols) % cols;
        grid.data[row * cols + col] += psf.data[r * psf.cols + c];
      }
    }
    return Fourier.forward(grid);
  }

  /** |P|^2 at radian frequencies: "wiener" charges every frequency alike, "least squares" the Laplacian's energy. */
  const PENALTIES = {
    wiener: () => 1,
    "least squares": (down, right) => (4 - 2 * Math.cos(down) - 2 * Math.cos(right)) ** 2,
  };

  /** conj(H) / (|H|^2 + weight |P|^2), 0 where the denominator vanishes: the filter that restores. */
  function restoringGain(transfer, method, weight) {
    const { rows, cols, re, im } = transfer;
    const gain = { rows, cols, re: new Float64Array(re.length), im: new Float64Array(re.length) };
    for (let i = 0; i < re.length; i++) {
      const down = (2 * Math.PI * Math.floor(i / cols)) / rows;
      const right = (2 * Math.PI * (i % cols)) / cols;
      const denominator = re[i] ** 2 + im[i] ** 2 + weight * PENALTIES[method](down, right);
      if (denominator <= NOTHING) continue;
      gain.re[i] = re[i] / denominator;
      gain.im[i] = -im[i] / denominator;
    }
    return gain;
  }

  /** conj(H), the transpose C': only the numerator of the filter that restores. */
  const transposingGain = ({ rows, cols, re, im }) => ({ rows, cols, re, im: im.map((value) => -value) });

  /** The grid whose spectrum is the given one times a gain. */
  const filtered = (spectrum, gain) => Fourier.inverse(Fourier.product(spectrum, gain));

  /** h * f. */
  const blur = (image, psf) => filtered(Fourier.forward(image), transferFunction(psf, image.rows, image.cols));

  /** restore.wiener(nsr=weight) or restore.constrained_least_squares(regularization=weight). */
  function restore(image, psf, method, weight) {
    const transfer = transferFunction(psf, image.rows, image.cols);
    return filtered(Fourier.forward(image), restoringGain(transfer, method, weight));
  }

  /** C' g: the same kernel turned by 180 degrees. */
  function transpose(image, psf) {
    return filtered(Fourier.forward(image), transposingGain(transferFunction(psf, image.rows, image.cols)));
  }

  /** 10 log10(1 / mean squared error) in decibels, for samples from 0 to 1. */
  function psnr(image, original) {
    const squares = image.data.reduce((sum, sample, i) => sum + (sample - original.data[i]) ** 2, 0);
    return -10 * Math.log10(squares / image.data.length);
  }

  /** A PSNR in words. */
  const decibels = (value) => (value === Infinity ? "exact" : `${value.toFixed(1).replace("-", "−")} dB`);

  /** The strength of `candidates` that restores best, judged by the original: in the spectrum, by Parseval. */
  function bestStrength(original, image, psf, method, candidates) {
    const [sharp, observed] = [Fourier.forward(original), Fourier.forward(image)];
    const transfer = transferFunction(psf, image.rows, image.cols);
    const error = (weight) => {
      const found = Fourier.product(observed, restoringGain(transfer, method, weight));
      return found.re.reduce((sum, re, i) => sum + (re - sharp.re[i]) ** 2 + (found.im[i] - sharp.im[i]) ** 2, 0);
    };
    const errors = candidates.map(error);
    return candidates[errors.indexOf(Math.min(...errors))];
  }

  /**
   * The three factors along a line through the frequencies, from 0 to 0.5 cycles per pixel: |H|, |conj(H)| and
   * |conj(H) / (|H|^2 + weight |P|^2)|, `angle` degrees counter-clockwise from +x.
   */
  function profiles(psf, angle, method, weight, count) {
    const turn = (angle * Math.PI) / 180;
    const frequency = Array.from({ length: count }, (_, i) => i / (2 * (count - 1)));
    const rows = frequency.map((f) => {
      const [down, right] = [-2 * Math.PI * f * Math.sin(turn), 2 * Math.PI * f * Math.cos(turn)];
      const { re, im } = transferAt(psf, down, right);
      const blurring = Math.hypot(re, im);
      const denominator = blurring ** 2 + weight * PENALTIES[method](down, right);
      return [blurring, Math.hypot(re, -im), denominator > NOTHING ? blurring / denominator : 0];
    });
    const column = (i) => rows.map((row) => row[i]);
    return { frequency, blurring: column(0), transposing: column(1), restoring: column(2) };
  }

  /** H at one radian frequency, summed directly. */
  function transferAt(psf, down, right) {
    let [re, im] = [0, 0];
    psf.data.forEach((sample, i) => {
      const phase = down * (Math.floor(i / psf.cols) - (psf.rows >> 1)) + right * ((i % psf.cols) - (psf.cols >> 1));
      re += sample * Math.cos(phase);
      im -= sample * Math.sin(phase);
    });
    return { re, im };
  }

  return { blur, restore, transpose, transferFunction, psnr, decibels, bestStrength, profiles };
})();
