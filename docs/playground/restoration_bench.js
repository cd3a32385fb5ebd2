"use strict";
/** The restoration bench: reads its controls, computes everything anew at each change, shows it. */
const RestorationBench = (() => {
  const get = (id) => document.getElementById(id);

  /** How each kind of blur is made and what its slider means. */
  const BLURS = {
    gaussian: { label: "Width sigma", range: [0.5, 6, 0.1, 2], psf: (size) => Psf.gaussian(size) },
    disk: { label: "Radius", range: [0.5, 10, 0.1, 4], psf: (size) => Psf.disk(size) },
    motion: { label: "Length", range: [1, 30, 0.5, 13], psf: (size, angle) => Psf.motion(size, angle) },
  };
  const STRENGTHS = Array.from({ length: 81 }, (_, i) => i / 10 - 8);
  const HALF = { stride: [2, 2], padding: [1, 1] };

  const originals = { portrait: Pictures.portrait(), chart: Pictures.chart() };
  const unitNoise = Noise.gaussian(128, 128, 7);
  const bilinear = Transposed.bilinearKernel([2, 2]);

  /** What the controls say. */
  function settings() {
    const [picture, blur, method] = ["picture", "blur", "method"].map((id) => get(id).value);
    const [size, angle, noise] = ["size", "angle", "noise"].map((id) => Number(get(id).value));
    return { picture, blur, method, size, angle, noise, strength: 10 ** Number(get("strength").value) };
  }

  /** Every picture of the bench, from the settings alone. */
  function compute({ picture, blur, size, angle, noise, method, strength }) {
    const original = originals[picture];
    const psf = BLURS[blur].psf(size, angle);
    const observed = Noise.add(Restoration.blur(original, psf), noise, unitNoise);
    const map = Transposed.conv(
      observed,
      Grid.map(bilinear, (weight) => weight / 4),
      HALF,
    );
    return {
      original,
      psf,
      observed,
      restored: Restoration.restore(observed, psf, method, strength),
      transposed: Restoration.transpose(observed, psf),
      map,
      enlarged: Transposed.convTranspose(map, bilinear, HALF),
    };
  }

  /** 0.0032, and 3.2·10⁻⁸ where zeros would have to be counted. */
  const powerOfTen = (value) =>
    value >= 9.5e-5
      ? `${Number(value.toPrecision(2))}`
      : value.toExponential(1).replace(/e-(\d)/, (_, digit) => `·10⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]}`);

  /** "3.2 dB closer to the original than the blurred picture". */
  function against(score, observed) {
    const gain = score - observed;
    if (gain === Infinity) return "exactly the original";
    if (Math.abs(gain) < 0.05) return "as close to the original as the blurred picture";
    const where = gain > 0 ? "closer to" : "farther from";
    return `${Math.abs(gain).toFixed(1)} dB ${where} the original than the blurred picture`;
  }

  /** What each operation did, in plain words: [class, what it does, how and how well]. */
  function verdict({ observed, restored, transposed }) {
    const unsuited = restored < observed - 0.05;
    const advice = unsuited ? " This strength does not suit the noise: press “Best strength”." : "";
    const word = unsuited ? "Fails to restore" : "Restores";
    // Possible with strong noise, or where H is negative: conj(H) H is not.
    const why = transposed > observed + 0.05 ? ", for it averages noise and turns reversed waves back; no sharper" : "";
    return [
      ["restores", word, `: conj(H) / (|H|² + …). Its result is ${against(restored, observed)}.${advice}`],
      ["transposes", "Blurs again", `: conj(H) alone. Its result is ${against(transposed, observed)}${why}.`],
      ["enlarges", "Enlarges", ": stride 2. 64 × 64 becomes 128 × 128, and no detail comes back."],
    ];
  }

  function showVerdict(scores) {
    get("verdict").replaceChildren(...verdict(scores).map(Drawing.sentence));
  }

  const showPicture = (id, grid, name) => Drawing.named(get(id), grid, name);

  function showPictures(shown) {
    showPicture("original", shown.original, "Original picture");
    showPicture("observed", shown.observed, "Blurred and noisy picture");
    showPicture("restored", shown.restored, "Restored picture");
    showPicture(
      "transposed-picture",
      shown.transposed,
      "Picture after the transposed convolution with the same kernel",
    );
    showPicture("map", shown.map, "Half-size map");
    showPicture("enlarged", shown.enlarged, "The map after the transposed convolution with stride 2");
  }

  function showScores(shown) {
    const scores = {};
    for (const name of ["observed", "restored", "transposed", "enlarged"]) {
      scores[name] = Restoration.psnr(shown[name], shown.original);
      get(`${name}-score`).textContent = `PSNR ${Restoration.decibels(scores[name])}`;
    }
    showVerdict(scores);
  }

  function showKernel(psf) {
    const canvas = get("kernel");
    Drawing.picture(canvas, psf, 0, Math.max(...psf.data));
    canvas.style.width = `${Math.min(4 * psf.cols, 164)}px`;
    canvas.setAttribute("aria-label", `The kernel h, ${psf.rows} by ${psf.cols} pixels`);
    get("kernel-caption").textContent = `The kernel h, ${psf.rows} × ${psf.cols}: what one bright pixel becomes`;
  }

  function showPlots(psf, { blur, angle, method, strength }) {
    const direction = blur === "motion" ? angle : 0;
    const found = Restoration.profiles(psf, direction, method, strength, 161);
    const { frequency, blurring, transposing, restoring } = found;
    const curves = (blurred, transposed, restored) => [
      { name: "blur", values: blurred },
      { name: "transpose", values: transposed },
      { name: "restore", values: restored },
    ];
    const largest = Math.max(...restoring).toPrecision(2);
    const factors = `|H| and |conj(H)| are one curve, at most 1; the restoring factor reaches ${largest}`;
    Drawing.plot(
      get("factors"),
      factors,
      frequency,
      curves(blurring, transposing, restoring),
      Drawing.logarithmic(-4, 4),
    );
    const kept = curves(
      blurring,
      blurring.map((h, i) => h * transposing[i]),
      blurring.map((h, i) => h * restoring[i]),
    );
    const outcome = "Share of each frequency left after blurring, after the transpose and after restoration";
    Drawing.plot(get("outcome"), outcome, frequency, kept, Drawing.linear(1.05, [0, 0.25, 0.5, 0.75, 1]));
    get("plots-note").textContent =
      (blur === "motion" ? `Along the direction of the motion, ${angle}°.` : "Along the horizontal frequencies.") +
      " Where |H| touches zero the frequency is gone: no linear filter brings it back.";
  }

  /** Names, units and notes of the controls. */
  function showControls({ blur, size, angle, noise, method, strength }) {
    get("size-label").textContent = BLURS[blur].label;
    get("angle-control").hidden = blur !== "motion";
    get("size-value").textContent = `${size} px`;
    get("angle-value").textContent = `${angle}°`;
    get("noise-value").textContent = noise.toFixed(3);
    const symbol = method === "wiener" ? "k" : "λ";
    get("strength-label").textContent = `Strength ${symbol}`;
    get("strength-value").textContent = powerOfTen(strength);
    get("strength").setAttribute("aria-valuetext", `${symbol} = ${strength.toPrecision(2)}`);
    get("strength-note").textContent =
      method === "wiener"
        ? "conj(H) / (|H|² + k), k the ratio of noise to signal. Smaller: sharper, noisier. Larger: smoother, darker."
        : "conj(H) / (|H|² + λ|P|²), P the Laplacian: λ charges roughness. Smaller: sharper, noisier. Larger: smoother.";
    get("restoring-legend").textContent =
      `|conj(H) / (|H|² + ${method === "wiener" ? "k" : "λ|P|²"})|: the restoring factor`;
  }

  function update() {
    const now = settings();
    const shown = compute(now);
    showControls(now);
    showPictures(shown);
    showScores(shown);
    showKernel(shown.psf);
    showPlots(shown.psf, now);
  }

  /** A new kind of blur brings its own range of sizes. */
  function changeBlur() {
    const [min, max, step, value] = BLURS[get("blur").value].range;
    Object.assign(get("size"), { min, max, step });
    get("size").value = value;
    update();
  }

  function takeBestStrength() {
    const now = settings();
    const { original, observed, psf } = compute(now);
    const candidates = STRENGTHS.map((exponent) => 10 ** exponent);
    const best = Restoration.bestStrength(original, observed, psf, now.method, candidates);
    get("strength").value = STRENGTHS[candidates.indexOf(best)];
    update();
  }

  get("restoration-controls").addEventListener("submit", (event) => event.preventDefault());
  get("blur").addEventListener("change", changeBlur);
  get("best").addEventListener("click", takeBestStrength);
  for (const id of ["picture", "method"]) get(id).addEventListener("change", update);
  for (const id of ["size", "angle", "noise", "strength"]) get(id).addEventListener("input", update);
  changeBlur();

  return { settings, compute };
})();
