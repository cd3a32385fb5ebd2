"use strict";
/** Grids of numbers: {rows, cols, data}, data a Float64Array in row-major order. Pictures, PSFs and maps are grids. */
const Grid = (() => {
  /** A grid of zeros. */
  const zeros = (rows, cols) => ({ rows, cols, data: new Float64Array(rows * cols) });

  /** A grid whose sample at (row, col) is value(row, col). */
  function from(rows, cols, value) {
    const grid = zeros(rows, cols);
    for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) grid.data[r * cols + c] = value(r, c);
    return grid;
  }

  /** A grid from an array of rows of equal length. */
  const fromRows = (rows) => from(rows.length, rows[0].length, (r, c) => rows[r][c]);

  /** The array of rows of a grid. */
  const toRows = ({ rows, cols, data }) =>
    Array.from({ length: rows }, (_, r) => Array.from(data.subarray(r * cols, (r + 1) * cols)));

  /** The grid whose samples are value(sample, index). */
  const map = ({ rows, cols, data }, value) => ({ rows, cols, data: data.map(value) });

  /** The sum of all samples. */
  const sum = ({ data }) => data.reduce((total, sample) => total + sample, 0);

  /** The grid divided by its sum. */
  function unit(grid) {
    const total = sum(grid);
    return map(grid, (sample) => sample / total);
  }

  return { zeros, from, fromRows, toRows, map, sum, unit };
})();
