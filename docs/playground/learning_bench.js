"use strict";
/** The bench of the layer that learns: descends as long as Learn is on, and shows where the kernel has come to. */
const LearningBench = (() => {
  const get = (id) => document.getElementById(id);
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");
  const { psnr, decibels } = Restoration;

  const BLUR = { sigma: 1.2, noise: 0.04 };
  const STRIDE = 2;
  /** Pictures on the screen from the start to the end, about five seconds. */
  const PICTURES = 300;

  const pictures = { portrait: Pictures.portrait(), chart: Pictures.chart() };
  const unitNoise = Noise.gaussian(128, 128, 7);

  /** The lessons: what the layer is given, where it starts and how it goes, what it is compared with. */
  const LESSONS = {
    restore(sharp) {
      const start = Psf.gaussian(BLUR.sigma);
      const given = Noise.add(Restoration.blur(sharp, start), BLUR.noise, unitNoise);
      const wiener = Learning.wienerGain(start, sharp, BLUR.noise);
      const goal = Fourier.inverse(Fourier.product(Fourier.forward(given), wiener));
      return { given, start, stride: 1, steps: 1200, rate: 0.005, goal, wiener };
    },
    enlarge(sharp) {
      const given = Grid.from(sharp.rows / STRIDE, sharp.cols / STRIDE, (r, c) => meanOfBlock(sharp, r, c));
      const bilinear = Transposed.bilinearKernel([STRIDE, STRIDE]);
      const start = Grid.from(8, 8, (r, c) => bilinear.data[(r - 2) * 4 + c - 2] * (inside(r) && inside(c)) || 0);
      return { given, start, stride: STRIDE, steps: 300, rate: 0.01 };
    },
  };
  const inside = (t) => t >= 2 && t < 6;
  const PRESS = () => (stillness.matches ? "Press “To the end”" : "Press Learn");

  function meanOfBlock(image, r, c) {
    const at = (down, right) => image.data[(STRIDE * r + down) * image.cols + STRIDE * c + right];
    return (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / STRIDE ** 2;
  }

  const WORDS = {
    restore: {
      given: ["Blurred", ", noisy: what goes in"],
      start: ": the kernel of the blur, C′, blurs again",
      goal: ["Wiener filter", ": what bench 1 calls restoration"],
      running: ["", "It learns", ": its curve leaves conj(H) and goes to the dots of the Wiener filter."],
      note:
        `A Gaussian blur of ${BLUR.sigma} px, noise ${BLUR.noise}. The layer has stride 1 and 11 × 11 taps. ` +
        "It starts as the transpose C′, with the kernel of the blur.",
    },
    enlarge: {
      given: ["Small", ": means of 2 × 2, what goes in"],
      start: ": the bilinear kernel",
      goal: ["Best kernel", " of 8 × 8 taps, solved for at once"],
      running: ["", "It learns", ": red taps appear, which sharpen."],
      note: "The layer has stride 2 and 8 × 8 taps. It starts with the bilinear kernel.",
    },
  };

  /** The lesson on show and the descent, from the start. */
  let lesson, descent;
  let frame = null;

  const settings = () => ({ task: get("lesson-task").value, picture: get("lesson-picture").value });

  function begin() {
    stop();
    const { task, picture } = settings();
    const answer = pictures[picture];
    const made = LESSONS[task](answer);
    const problem = Learning.lesson(made.given, answer, made.stride, made.start.rows);
    const best = Learning.exact(problem, made.start);
    lesson = { task, answer, problem, best, goal: Learning.layer(problem, best), ...made };
    descent = Learning.descent(problem, lesson.start, lesson.steps, lesson.rate);
    showLesson();
    show();
    conclude();
  }

  // What stays while it learns.

  function score(id, image) {
    const value = psnr(image, lesson.answer);
    get(`lesson-${id}-score`).textContent = `PSNR ${decibels(value)}`;
    return value;
  }

  function showLesson() {
    const { task, answer, given, problem, start, goal } = lesson;
    const words = WORDS[task];
    const untrained = Learning.layer(problem, start);
    get("lesson-given").className = task === "enlarge" ? "half" : "";
    [get("lesson-given-name").textContent, get("lesson-given-detail").textContent] = words.given;
    [get("lesson-goal-name").textContent, get("lesson-goal-detail").textContent] = words.goal;
    get("lesson-start-detail").textContent = words.start;
    get("lesson-note").textContent = words.note;
    Drawing.named(get("lesson-answer"), answer, "The answer that the layer learns from");
    Drawing.named(get("lesson-given"), given, "What the layer is given");
    Drawing.named(get("lesson-start"), untrained, "What the untrained layer makes of it");
    Drawing.named(get("lesson-goal"), goal, `Result of the ${words.goal[0]}`);
    get("lesson-kernel-size").textContent = `${start.rows} × ${start.cols} taps`;
    if (task === "enlarge") get("lesson-given-score").textContent = `${given.rows} × ${given.cols}`;
    lesson.scores = {
      given: task === "restore" ? score("given", given) : null,
      start: score("start", untrained),
      goal: score("goal", goal),
    };
    for (const id of ["lesson-responses", "lesson-knowledge"]) get(id).hidden = task !== "restore";
    get("lesson-sums").hidden = task !== "enlarge";
  }

  // What moves.

  function show() {
    const { kernel, count, steps } = descent;
    const image = Learning.layer(lesson.problem, kernel);
    Drawing.named(get("lesson-now"), image, "What the layer makes of it now");
    Drawing.weights(get("lesson-kernel"), kernel);
    get("lesson-kernel").setAttribute("aria-label", `The kernel now, ${kernel.rows} by ${kernel.cols} taps`);
    lesson.scores.now = score("now", image);
    get("lesson-count").textContent = `Step ${count} of ${steps}`;
    for (const id of ["learn-some", "learn-all"]) get(id).disabled = count === steps;
    get("unlearn").disabled = count === 0;
    showProgress();
    if (lesson.task === "restore") showResponses();
    else showSums();
  }

  const inDecibels = (error) => -10 * Math.log10(error);

  function showProgress() {
    const now = lesson.scores.now;
    const best = inDecibels(Learning.slope(lesson.problem, lesson.best).error);
    const curve = [...descent.errors.map(inDecibels), now];
    const [low, high] = [Math.floor(lesson.scores.start - 0.5), Math.ceil(best + 0.2)];
    const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i);
    const end = descent.steps;
    const axis = { title: "steps", end, ticks: [0, 1, 2, 3].map((i) => (i * end) / 3) };
    Drawing.plot(
      get("progress-plot"),
      `From ${decibels(lesson.scores.start)} at the start to ${decibels(now)} after ${descent.count} steps; ` +
        `the best kernel has ${decibels(best)}`,
      [...curve.keys()],
      [
        { name: "best", values: [best, best], at: [0, end] },
        { name: "learn", values: curve },
      ],
      Drawing.linear(high, ticks, low),
      axis,
    );
  }

  /** The three filters over frequency: where the layer started, where it is, the Wiener filter. */
  function responses() {
    const of = (kernel) => Learning.overDirections(Learning.response(lesson.problem, kernel));
    return { start: of(lesson.start), now: of(descent.kernel), wiener: Learning.overDirections(lesson.wiener) };
  }

  function showResponses() {
    const { start, now, wiener } = responses();
    const frequency = now.map((_, i) => i / (2 * (now.length - 1)));
    const highest = Math.ceil(2 * Math.max(...wiener) + 0.5) / 2;
    const ticks = Array.from({ length: 2 * highest + 1 }, (_, i) => i / 2);
    const curves = [
      { name: "goal", values: wiener },
      { name: "transpose", values: start },
      { name: "learn", values: now },
    ];
    const largest = Math.max(...now).toFixed(2);
    const goal = Math.max(...wiener).toFixed(2);
    const words = `The transpose never exceeds 1, the Wiener filter reaches ${goal}, the layer now ${largest}`;
    Drawing.plot(get("response-plot"), words, frequency, curves, Drawing.linear(highest, ticks));
  }

  function showSums() {
    const { phaseSums } = Transposed.checkerboard(descent.kernel, [STRIDE, STRIDE], [1, 1]);
    const spread = Math.max(...phaseSums.data) - Math.min(...phaseSums.data);
    const words = (r, c) => phaseSums.data[r * STRIDE + c].toFixed(3);
    Tables.show("sums", "What a map of ones becomes", phaseSums, () => "cell-sample", words);
    get("sums-note").textContent =
      "One number for each of the four places between the samples, the sums of the taps that meet there. " +
      (spread < 0.02
        ? `They differ by ${spread.toFixed(3)}: no checkerboard to be seen, though nobody asked for that.`
        : `They differ by ${spread.toFixed(3)}: a checkerboard, which fades as the layer learns.`);
  }

  // What is said when it stands still.

  /** How far a filter is from the Wiener filter: the root mean square over the drawn frequencies. */
  const distance = (filter, wiener) =>
    Math.sqrt(filter.reduce((sum, value, i) => sum + (value - wiener[i]) ** 2, 0) / filter.length);

  function restoringWords({ given, start, now, goal }) {
    const { start: from, now: here, wiener } = responses();
    const [before, after] = [distance(from, wiener), distance(here, wiener)].map((value) => value.toFixed(2));
    if (descent.count === 0) {
      return [
        [
          "transposes",
          "Untrained",
          `, the layer is the transpose C′ and blurs again: ${decibels(start)}, ` +
            `the blurred picture has ${decibels(given)}.`,
        ],
        ["", PRESS(), ` and watch its curve leave conj(H) for the dots of the Wiener filter (${decibels(goal)}).`],
      ];
    }
    const word = now > given ? "It restores" : "It still blurs";
    return [
      [
        now > given ? "restores" : "transposes",
        word,
        `: ${decibels(now)} after ${descent.count} steps; the blurred picture has ${decibels(given)}, ` +
          `the Wiener filter comes to ${decibels(goal)}.`,
      ],
      [
        "",
        "What it learned",
        " is the denominator: on average over the frequencies its curve lay " +
          `${before} from that of the Wiener filter, now ${after}.`,
      ],
    ];
  }

  function enlargingWords({ start, now, goal }) {
    if (descent.count === 0) {
      return [
        ["transposes", "Untrained", `, the layer interpolates: ${decibels(start)}.`],
        ["", PRESS(), ` and watch red taps appear: they sharpen. The best kernel has ${decibels(goal)}.`],
      ];
    }
    return [
      [
        "enlarges",
        "It enlarges",
        `: ${decibels(now)} after ${descent.count} steps, bilinear ${decibels(start)}, ` +
          `the best kernel ${decibels(goal)}.`,
      ],
      [
        "restores",
        "A little of it restores",
        ": means are a blur, and the red taps undo a part of that. What lay between the samples it cannot know.",
      ],
    ];
  }

  function conclude() {
    const lines = (lesson.task === "restore" ? restoringWords : enlargingWords)(lesson.scores);
    get("lesson-verdict").replaceChildren(...lines.map(Drawing.sentence));
  }

  // Running.

  function stop() {
    cancelAnimationFrame(frame);
    frame = null;
    get("learn").textContent = "Learn";
  }

  function advance(steps) {
    for (let i = 0; i < steps && descent.count < descent.steps; i++) descent.step();
    show();
  }

  function run() {
    advance(descent.steps / PICTURES);
    if (descent.count < descent.steps) {
      frame = requestAnimationFrame(run);
      return;
    }
    stop();
    conclude();
  }

  function toggle() {
    if (frame !== null) {
      stop();
      conclude();
      return;
    }
    if (descent.count === descent.steps) begin();
    get("learn").textContent = "Stop";
    get("lesson-verdict").replaceChildren(Drawing.sentence(WORDS[lesson.task].running));
    frame = requestAnimationFrame(run);
  }

  /** Steps by hand. */
  function stepBy(steps) {
    stop();
    advance(steps);
    conclude();
  }

  function respectStillness() {
    if (stillness.matches && frame !== null) toggle();
    get("learn").hidden = stillness.matches;
    get("lesson-still").hidden = !stillness.matches;
  }

  get("lesson-controls").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["lesson-task", "lesson-picture"]) get(id).addEventListener("change", begin);
  get("learn").addEventListener("click", toggle);
  get("learn-some").addEventListener("click", () => stepBy(50));
  get("learn-all").addEventListener("click", () => stepBy(Infinity));
  get("unlearn").addEventListener("click", begin);
  stillness.addEventListener("change", respectStillness);
  respectStillness();
  begin();

  return {
    settings,
    kernel: () => descent.kernel,
    lesson: () => lesson,
    responses,
  };
})();
