"use strict";
/** The two pictures of the restoration bench: grids of 128 x 128 samples from 0 (black) to 1 (white). */
const Pictures = (() => {
  const SIZE = 128;

  /** The bytes of PORTRAIT, divided by 255. */
  function portrait() {
    const bytes = atob(PORTRAIT);
    return Grid.from(SIZE, SIZE, (r, c) => bytes.charCodeAt(r * SIZE + c) / 255);
  }

  /** A star of spokes, bars of four widths, points of light and a gray wedge, each pixel the mean of 4 x 4 points. */
  function chart() {
    const points = [0.125, 0.375, 0.625, 0.875];
    return Grid.from(SIZE, SIZE, (r, c) => {
      const values = points.flatMap((dy) => points.map((dx) => chartAt(r + dy, c + dx)));
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    });
  }

  function chartAt(y, x) {
    const [down, right] = [y - 42, x - 42];
    if (Math.hypot(down, right) < 34) return Math.sin(18 * Math.atan2(down, right)) > 0 ? 0.95 : 0.05;
    if (x >= 84 && x < 120 && y >= 8 && y < 76) return barsAt(y - 8, x - 84);
    if (x >= 8 && x < 76 && y >= 86 && y < 120) return pointsAt(y - 86, x - 8);
    if (x >= 84 && x < 120 && y >= 86 && y < 120) return 0.05 + 0.15 * Math.floor((x - 84) / 6) + (y < 103 ? 0 : 0.1);
    return 0.5;
  }

  /** Four rows of bars, 6, 4, 3 and 2 pixels wide. */
  function barsAt(y, x) {
    const width = [6, 4, 3, 2][Math.floor(y / 17)];
    return y % 17 < 14 && Math.floor(x / width) % 2 === 0 ? 0.95 : 0.05;
  }

  /** Bright pixels on black, closer and closer, and one bright disk. */
  function pointsAt(y, x) {
    if (Math.hypot(y - 22, x - 56) < 7) return 0.95;
    const row = Math.floor(y) === 8 && [6, 18, 28, 36, 42, 46, 49].includes(Math.floor(x));
    return row || (Math.floor(y) === 24 && Math.floor(x) >= 6 && Math.floor(x) < 40) ? 1 : 0.05;
  }

  return { portrait, chart };
})();
