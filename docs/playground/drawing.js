"use strict";
/** Grids as pictures on a canvas, curves as SVG whose colours come from the style sheet. */
const Drawing = (() => {
  /** Paint a grid on a canvas of its size: `low` black, `high` white, rounded to 8 bits. */
  function picture(canvas, grid, low = 0, high = 1) {
    [canvas.width, canvas.height] = [grid.cols, grid.rows];
    const pixels = new ImageData(grid.cols, grid.rows);
    grid.data.forEach((sample, i) => {
      pixels.data.fill((255 * (sample - low)) / (high - low), 4 * i, 4 * i + 3);
      pixels.data[4 * i + 3] = 255;
    });
    // Samples are put, never drawn: such a canvas belongs in memory, not on the graphics card.
    canvas.getContext("2d", { willReadFrequently: true }).putImageData(pixels, 0, 0);
  }

  /** Paint a picture and describe it to those who do not see it. */
  function named(canvas, grid, name) {
    picture(canvas, grid);
    canvas.setAttribute("aria-label", `${name}, ${grid.rows} by ${grid.cols} pixels`);
  }

  /** Paint the weights of a kernel: what adds blue, what subtracts red, 0 white; the largest in full colour. */
  function weights(canvas, kernel) {
    [canvas.width, canvas.height] = [kernel.cols, kernel.rows];
    const pixels = new ImageData(kernel.cols, kernel.rows);
    const largest = Math.max(...kernel.data.map(Math.abs));
    kernel.data.forEach((weight, i) => {
      const full = weight < 0 ? [178, 24, 43] : [10, 88, 168];
      const share = (Math.abs(weight) / largest) ** 0.7; // so that the small ones of a blur's inverse are seen
      pixels.data.set([...full.map((value) => 255 + share * (value - 255)), 255], 4 * i);
    });
    canvas.getContext("2d", { willReadFrequently: true }).putImageData(pixels, 0, 0);
  }

  /** A sentence that begins with a strong word of a class. */
  function sentence([kind, word, rest]) {
    const [line, strong] = [document.createElement("span"), document.createElement("strong")];
    [strong.className, strong.textContent] = [kind, word];
    line.append(strong, rest);
    return line;
  }

  const FRAME = { width: 440, height: 270, left: 58, right: 12, top: 10, bottom: 48 };

  /** An SVG element with attributes and text. */
  function element(name, attributes, text = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }

  /** Where a fraction of the plot's width (from the left) and height (from the bottom) lies. */
  const across = (x) => FRAME.left + x * (FRAME.width - FRAME.left - FRAME.right);
  const up = (y) => FRAME.height - FRAME.bottom - y * (FRAME.height - FRAME.top - FRAME.bottom);

  /** The path of a curve through points (x, y) in fractions of the plot, cut off at its frame. */
  function path(points) {
    const place = ([x, y]) => `${across(x).toFixed(1)} ${up(Math.min(Math.max(y, 0), 1)).toFixed(1)}`;
    return `M${points.map(place).join("L")}`;
  }

  const FREQUENCIES = { title: "frequency, cycles per pixel", end: 0.5, ticks: [0, 0.1, 0.2, 0.3, 0.4, 0.5] };

  /**
   * Draw curves over an axis from 0 to its end, by default the frequencies. Each is {name, values}, its class
   * `line-name`, and `at` where its values lie elsewhere; `scale` is {fraction: value -> height from 0 to 1,
   * ticks: [[value, label], ...]}.
   */
  function plot(place, description, abscissa, curves, scale, axis = FREQUENCIES) {
    const svg = element("svg", {
      viewBox: `0 0 ${FRAME.width} ${FRAME.height}`,
      role: "img",
      "aria-label": description,
    });
    for (const [value, label] of scale.ticks) {
      const y = up(scale.fraction(value));
      svg.append(element("line", { x1: across(0), x2: across(1), y1: y, y2: y, class: "grid" }));
      svg.append(element("text", { x: FRAME.left - 8, y: y + 5, "text-anchor": "end" }, label));
    }
    for (const tick of axis.ticks) {
      const anchor = tick === axis.end ? "end" : "middle";
      svg.append(element("text", { x: across(tick / axis.end), y: up(0) + 19, "text-anchor": anchor }, `${tick}`));
    }
    const title = { x: across(0.5), y: FRAME.height - 6, "text-anchor": "middle" };
    svg.append(element("text", title, axis.title));
    for (const { name, values, at = abscissa } of curves) {
      const points = values.map((value, i) => [at[i] / axis.end, scale.fraction(value)]);
      svg.append(element("path", { d: path(points), class: `line-${name}` }));
    }
    place.replaceChildren(svg);
  }

  /** A logarithmic scale over powers of ten, a label at every second one. */
  function logarithmic(lowest, highest) {
    const powers = Array.from({ length: (highest - lowest) / 2 + 1 }, (_, i) => lowest + 2 * i);
    return {
      fraction: (value) => (Math.log10(Math.max(value, 1e-300)) - lowest) / (highest - lowest),
      ticks: powers.map((power) => [10 ** power, power < 0 ? `${10 ** power}` : (10 ** power).toLocaleString("en")]),
    };
  }

  /** A linear scale from `lowest` to `highest`. */
  const linear = (highest, ticks, lowest = 0) => ({
    fraction: (value) => (value - lowest) / (highest - lowest),
    ticks: ticks.map((tick) => [tick, `${tick}`]),
  });

  return { picture, named, weights, sentence, plot, logarithmic, linear };
})();
