"use strict";
/** The transposed-convolution bench: settings, refusals, the steps one by one, overlap counts. */
const TransposedBench = (() => {
  const get = (id) => document.getElementById(id);
  const value = (id) => Number(get(id).value);
  const SETTINGS = { stride: "stride", padding: "padding", outputPadding: "output-padding", dilation: "dilation" };
  const NEUTRAL = { stride: 1, padding: 0, outputPadding: 0, dilation: 1 };
  const STAGES = ["Input", "Zeros inserted", "Border added", "Cropped", "Kernel slides"];
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");

  /** The data, the settings and the stages that are on show; null while the settings are refused. */
  let shown = null;
  let timer = null;

  const oneRow = () => get("axes").value === "1";
  const text = Tables.format;

  /** The settings per axis; across a single row nothing happens. */
  function settings() {
    const perAxis = ([name, id]) => [name, [oneRow() ? NEUTRAL[name] : value(id), value(id)]];
    return Object.fromEntries(Object.entries(SETTINGS).map(perAxis));
  }

  // The cells to edit.

  const counted = (rows, cols) => Grid.from(rows, cols, (r, c) => r * cols + c + 1);
  const ones = (rows, cols) => Grid.from(rows, cols, () => 1);
  const sizeOf = (name) => [oneRow() ? 1 : value(`${name}-rows`), value(`${name}-cols`)];
  const fill = (name, grid) =>
    Tables.editable(get(`${name}-cells`), grid, name === "input" ? "Input" : "Kernel", update);

  /** Keep what was typed where a grid changes its size, put 1 where it grows. */
  function resize(name) {
    const [rows, cols] = sizeOf(name);
    const old = Array.from(get(`${name}-cells`).querySelectorAll("tr"), (row) =>
      Array.from(row.querySelectorAll("input"), (input) => input.valueAsNumber),
    );
    const grown = Grid.from(rows, cols, (r, c) => old[r]?.[c] ?? 1);
    fill(name, grown);
    update();
  }

  /** The bilinear kernel of the stride, with the settings that make the output exactly stride times as large. */
  function fillBilinear() {
    const stride = value("stride");
    const kernel = Transposed.bilinearKernel([oneRow() ? 1 : stride, stride]);
    [get("kernel-rows").value, get("kernel-cols").value] = [kernel.cols, kernel.cols];
    [get("padding").value, get("output-padding").value, get("dilation").value] = [(kernel.cols - stride) / 2, 0, 1];
    fill("kernel", kernel);
    update();
  }

  // What is on show.

  /** Every position of the player: four stages, then one per output sample. */
  const lastPosition = () => STAGES.length - 2 + shown.stages.result.data.length;
  const stageAt = (position) => Math.min(position, STAGES.length - 1);

  function compute() {
    const [x, kernel] = ["input", "kernel"].map((name) => Tables.typed(get(`${name}-cells`)));
    const given = settings();
    const stages = Transposed.steps(x, kernel, given);
    return { x, kernel, given, stages, overlap: Transposed.overlap(x, kernel, given) };
  }

  function update() {
    pause();
    for (const control of get("transposed-controls").querySelectorAll("input[type=range]")) {
      control.nextElementSibling.textContent = control.value;
    }
    for (const control of document.querySelectorAll(".tall")) control.hidden = oneRow();
    try {
      shown = compute();
      refuse("");
      showResult();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      shown = null;
      refuse(error.message);
    }
  }

  /** Say why there is no result, or that there is one. */
  function refuse(reason) {
    get("refusal").hidden = !reason;
    get("refusal").textContent = reason && `Refused: ${reason}.`;
    get("outcome-of-settings").hidden = Boolean(reason);
  }

  function showResult() {
    const { x, stages } = shown;
    const [from, to] = [x, stages.result].map((grid) => `${grid.rows} × ${grid.cols}`);
    get("change").textContent = `${from} becomes ${to}`;
    showFormula();
    showOverlap();
    get("position").max = lastPosition();
    showPosition();
  }

  /** size = (input - 1) stride + dilation (kernel - 1) + 1 - 2 padding + output_padding, with the numbers. */
  function showFormula() {
    const words = "size = (input − 1) · stride + dilation · (kernel − 1) + 1 − 2 · padding + output_padding";
    const numbers = shown.stages.axes.map((axis, i) => {
      const full = `(${axis.small} − 1) · ${axis.stride} + ${axis.dilation} · (${axis.kernel} − 1) + 1`;
      return `${["height", "width"][i]} = ${full} − 2 · ${axis.begin} + ${axis.outputPadding} = ${axis.large}`;
    });
    const lines = [words, ...(oneRow() ? numbers.slice(1) : numbers)].map((line) => {
      const made = document.createElement("div");
      made.textContent = line;
      return made;
    });
    get("formula").replaceChildren(...lines);
  }

  function showOverlap() {
    const { overlap, kernel, given } = shown;
    const most = Math.max(...overlap.data);
    const level = (r, c) => `level-${Math.round((4 * overlap.data[r * overlap.cols + c]) / Math.max(most, 1))}`;
    Tables.show("overlap", "Overlap: kernel copies per output sample", overlap, level);
    const found = Transposed.checkerboard(kernel, given.stride, given.dilation);
    const distinct = (grid) => [...new Set(Array.from(grid.data).sort((a, b) => a - b))].map(text).join(", ");
    const uneven =
      found.imbalance === Infinity ? "uneven around 0" : `uneven by ${Math.round(100 * found.imbalance)} %`;
    get("checkerboard").textContent =
      `Far from the border ${distinct(found.overlap)} kernel copies meet on a sample, ` +
      `and a map of ones becomes ${distinct(found.phaseSums)}: ` +
      (found.even ? "even, no checkerboard." : `${uneven}, a checkerboard.`);
  }

  // The player.

  /** Which stage is on, what it does, its grid. */
  function showPosition() {
    const position = Math.min(value("position"), lastPosition());
    const stage = stageAt(position);
    const output = position - (STAGES.length - 1);
    showStageList(stage);
    showStage(stage, output);
    showOutput(output);
    get("position-value").textContent = `${position} of ${lastPosition()}`;
    get("position").setAttribute("aria-valuetext", `${STAGES[stage]}, ${position} of ${lastPosition()}`);
    [get("back").disabled, get("step").disabled] = [position === 0, position === lastPosition()];
    get("restart").disabled = position === 0;
  }

  const stageGrids = ({ x, stages }) => [x, stages.zeroInserted, stages.bordered, stages.cropped, stages.cropped];

  function showStageList(current) {
    const sizes = [...stageGrids(shown).slice(0, 4), shown.stages.result].map(({ rows, cols }) => `${rows} × ${cols}`);
    const items = STAGES.map((name, i) => {
      const item = document.createElement("li");
      item.textContent = `${name}: ${sizes[i]}`;
      if (i === current) item.setAttribute("aria-current", "step");
      return item;
    });
    get("stages").replaceChildren(...items);
  }

  /** Is the cell of a stage an input sample, a zero inserted between samples or one of the border? */
  function kindOf(stage, r, c) {
    const place = (index, axis) => index - (stage >= 2 ? axis.reach - 1 : 0) + (stage >= 3 ? axis.begin : 0);
    const { axes, zeroInserted } = shown.stages;
    const [row, col] = [place(r, axes[0]), place(c, axes[1])];
    if (stage === 0) return "sample";
    if (row < 0 || col < 0 || row >= zeroInserted.rows || col >= zeroInserted.cols) return "border";
    return row % axes[0].stride || col % axes[1].stride ? "inserted" : "sample";
  }

  function showStage(stage, output) {
    const grid = stageGrids(shown)[stage];
    const below = new Map();
    if (output >= 0) for (const tap of tapsBelow(output)) below.set(tap.row * grid.cols + tap.col, tap);
    const kind = (r, c) => `cell-${kindOf(stage, r, c)}${below.has(r * grid.cols + c) ? " cell-below" : ""}`;
    Tables.show("stage", `${STAGES[stage]}: ${grid.rows} × ${grid.cols}`, grid, kind);
    Tables.show("turned", "Kernel, turned by 180°", shown.stages.kernel, () => "cell-sample");
    get("stage-caption").textContent = output < 0 ? explanation(stage) : sentence(output, [...below.values()]);
  }

  /** The cells of the cropped stage that the kernel covers when it makes an output sample. */
  function tapsBelow(output) {
    const { cropped, kernel, result } = shown.stages;
    const [row, col] = [Math.floor(output / result.cols), output % result.cols];
    return Transposed.tapsAt(cropped, kernel, row, col, shown.given.dilation);
  }

  function explanation(stage) {
    const { stride, padding, outputPadding, dilation } = SETTINGS;
    const extra = value(outputPadding) ? `, ${value(outputPadding)} fewer at the end (output_padding)` : "";
    return [
      "The input.",
      `stride − 1 = ${value(stride) - 1} zeros between neighbouring samples.`,
      `dilation · (kernel − 1) zeros at every side, dilation = ${value(dilation)}.`,
      `padding = ${value(padding)} cropped from every side${extra}.`,
    ][stage];
  }

  /** "Output row 1, column 2: 1 · 6 + 2 · 4 = 14 (2 kernel copies here; products with zeros left out).". */
  function sentence(output, taps) {
    const { result } = shown.stages;
    const real = taps.filter(({ row, col }) => kindOf(4, row, col) === "sample");
    const place = `Output row ${Math.floor(output / result.cols) + 1}, column ${(output % result.cols) + 1}`;
    if (real.length === 0) return `${place}: no kernel copy reaches it, 0.`;
    const sum = real.map(({ sample, weight }) => `${text(sample)} · ${text(weight)}`).join(" + ");
    const copies = `${real.length} kernel ${real.length === 1 ? "copy" : "copies"} here`;
    return `${place}: ${sum} = ${text(result.data[output])} (${copies}; products with zeros left out).`;
  }

  function showOutput(output) {
    const { result } = shown.stages;
    const known = (r, c) => r * result.cols + c <= output;
    const words = (r, c) => (known(r, c) ? text(result.data[r * result.cols + c]) : "·");
    const kind = (r, c) =>
      r * result.cols + c === output ? "cell-sample cell-below" : known(r, c) ? "cell-sample" : "cell-border";
    Tables.show("output", `Output: ${result.rows} × ${result.cols}`, result, kind, words);
  }

  function goTo(position) {
    get("position").value = position;
    showPosition();
  }

  function pause() {
    clearTimeout(timer);
    timer = null;
    get("play").textContent = "Play";
    get("stage-caption").ariaLive = "polite";
  }

  /** Stages stay for a second; the sliding takes about ten seconds, whatever the size. */
  function advance() {
    if (value("position") >= lastPosition()) return pause();
    goTo(value("position") + 1);
    const sliding = Math.min(500, Math.max(80, 10000 / shown.stages.result.data.length));
    timer = setTimeout(advance, value("position") < STAGES.length - 1 ? 1000 : sliding);
  }

  function play() {
    if (timer !== null) return pause();
    if (value("position") >= lastPosition()) goTo(0);
    get("play").textContent = "Pause";
    get("stage-caption").ariaLive = "off"; // nobody can listen to two sentences a second
    timer = setTimeout(advance, 400);
  }

  function respectStillness() {
    if (stillness.matches) pause();
    get("play").hidden = stillness.matches;
    get("still").hidden = !stillness.matches;
  }

  /** A button that moves the player, by hand. */
  function moves(id, target) {
    get(id).addEventListener("click", () => {
      pause();
      goTo(target());
    });
  }

  get("transposed-controls").addEventListener("submit", (event) => event.preventDefault());
  get("axes").addEventListener("change", () => ["input", "kernel"].forEach(resize));
  for (const name of ["input", "kernel"]) {
    for (const side of ["rows", "cols"]) get(`${name}-${side}`).addEventListener("input", () => resize(name));
    get(`${name}-count`).addEventListener("click", () => (fill(name, counted(...sizeOf(name))), update()));
    get(`${name}-ones`).addEventListener("click", () => (fill(name, ones(...sizeOf(name))), update()));
    fill(name, counted(...sizeOf(name)));
  }
  get("kernel-bilinear").addEventListener("click", fillBilinear);
  for (const id of Object.values(SETTINGS)) get(id).addEventListener("input", update);
  moves("restart", () => 0);
  moves("back", () => value("position") - 1);
  moves("step", () => value("position") + 1);
  get("play").addEventListener("click", play);
  get("position").addEventListener("input", () => (pause(), showPosition()));
  stillness.addEventListener("change", respectStillness);
  respectStillness();
  update();

  return { settings, compute };
})();
