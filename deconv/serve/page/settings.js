"use strict";
/** The settings, as fields and as what the server takes; what is left to the picture is left out. */
class Settings {
  static FAMILIES = {
    gaussian: { sigma: ["Sigma", 0.3, 30, 2, "px"] },
    disk: { radius: ["Radius", 0.5, 40, 3, "px"] },
    motion: { length: ["Length", 1, 100, 15, "px"], angle: ["Angle", -90, 90, 0, "\u00b0"] },
    box: { size: ["Edge", 1, 60, 5, "px"] },
    airy: { radius: ["First dark ring", 0.5, 40, 4, "px"] },
    moffat: { fwhm: ["Width at half height", 0.5, 40, 4, "px"], beta: ["Beta", 1.1, 10, 4.765, ""] },
    blind: {},
  };
  /** Of these the picture tells what is missing. */
  static FOUND = ["gaussian", "disk", "motion"];
  static METHODS = {
    "": "what the quality pays for",
    wiener: "Wiener filter",
    cls: "constrained least squares",
    total_variation: "total variation",
    hyper_laplacian: "sparse differences",
    richardson_lucy: "Richardson-Lucy (counted light)",
    nonlocal_fast: "similar patches, fast",
    nonlocal: "similar patches",
  };
  /** The strength of a method by its own number. */
  static STRENGTHS = {
    wiener: { nsr: ["Noise to signal", 1e-6, 1, 0.01] },
    cls: { regularization: ["Regularization", 1e-6, 1, 0.001] },
    total_variation: { strength: ["Strength", 1e-6, 0.1, 0.001] },
    hyper_laplacian: { strength: ["Strength", 1e-6, 0.1, 0.001] },
    richardson_lucy: { iterations: ["Iterations", 1, 300, 20] },
  };
  static BOUNDARIES = ["unknown", "periodic", "reflect", "symmetric", "edge", "zero", "smooth", "taper"];

  /** `moved` is called while something moves, `settled` when it rests. */
  constructor(moved, settled) {
    Object.assign(this, { moved, settled, evidence: null, found: null, numbers: {}, own: null });
    this.fill("method", Settings.METHODS);
    this.fill("boundary-word", Object.fromEntries(Settings.BOUNDARIES.map((word) => [word, word])));
    this.smoother = new NumberField(this.element("strength"), {
      name: "smoothness",
      label: "Smoother, times",
      low: 1 / 30,
      high: 30,
      value: 1,
      moved,
      settled,
    });
    for (const name of ["quality", "light", "boundary-word", "clipped", "frame"]) {
      this.element(name).addEventListener("change", settled);
    }
    this.element("psf").addEventListener("change", () => {
      if (!["point", "edge"].includes(this.element("psf").value)) this.forget();
      this.showParameters();
      settled();
    });
    this.element("method").addEventListener("change", () => {
      this.showOwnStrength();
      settled();
    });
    this.showParameters();
  }

  element(name) {
    return document.getElementById(name);
  }

  fill(name, options) {
    for (const [value, text] of Object.entries(options)) this.element(name).append(new Option(text, value));
  }

  /** The family whose fields are shown: the one that was chosen, or that was found. */
  get family() {
    const chosen = this.element("psf").value;
    return chosen in Settings.FAMILIES ? chosen : this.evidence ? null : this.found?.family;
  }

  showParameters() {
    const place = this.element("parameters");
    place.replaceChildren();
    this.numbers = {};
    const chosen = this.element("psf").value;
    for (const [name, [label, low, high, usual, unit]] of Object.entries(Settings.FAMILIES[this.family] ?? {})) {
      const isFound = this.found?.family === this.family;
      this.numbers[name] = new NumberField(place, {
        name,
        label: unit ? `${label}, ${unit}` : label,
        low,
        high,
        unit,
        value: isFound ? this.found.parameters[name] : usual,
        scale: low > 0 ? "log" : "linear",
        automatic: Settings.FOUND.includes(this.family),
        moved: () => this.touched(this.moved),
        settled: () => this.touched(this.settled),
      });
    }
    if (!chosen && this.found) this.tellFound(this.found);
  }

  /** A number that was touched says of which family it is. */
  touched(tell) {
    const family = this.family;
    if (!this.element("psf").value && Object.values(this.numbers).some((field) => !field.isAutomatic)) {
      this.element("psf").value = family;
    }
    tell();
  }

  showOwnStrength() {
    const place = this.element("own-strength");
    place.replaceChildren();
    this.own = null;
    for (const [name, [label, low, high, value]] of Object.entries(Settings.STRENGTHS[this.element("method").value] ?? {})) {
      this.own = new NumberField(place, { name, label, low, high, value, moved: this.moved, settled: this.settled });
    }
    this.element("quality").disabled = this.element("method").value !== "";
  }

  /** Begin with another picture: what was found, and nothing that was measured in the former. */
  begin(found) {
    this.found = found;
    this.forget();
    this.showParameters();
  }

  /** Take what was found on a closer look; what was touched meanwhile stays. */
  refine(found) {
    const before = this.family;
    this.found = found;
    if (this.family !== before) this.showParameters();
    else if (found && !this.evidence && found.family === this.family) this.tellFound(found);
  }

  tellFound({ parameters, uncertainty, confidence }) {
    for (const [name, field] of Object.entries(this.numbers)) {
      const doubt = uncertainty?.[name] ? ` \u00b1 ${Number(uncertainty[name].toPrecision(2))}` : "";
      if (name in parameters) field.take(parameters[name], `found in the picture${doubt}, ${confidence}`);
    }
  }

  /** Show what a preview has found out. */
  tell({ psf, strength }) {
    const estimated = psf?.estimated ?? [];
    for (const [name, field] of Object.entries(this.numbers)) {
      if (estimated.includes(name)) this.tellFound({ parameters: { [name]: psf[name] }, uncertainty: psf.uncertainty, confidence: psf.confidence });
      else field.rule.textContent = field.isAutomatic ? "" : "given by you";
    }
    if (strength) {
      const value = Number(strength.value.toPrecision(3));
      const by = strength.rule === "given" ? "given by you" : `found by the rule ${strength.rule.replaceAll("_", " ")}`;
      this.smoother.take(1, `${strength.name} ${value}, ${by}${this.smoother.number === 1 ? "" : `, times ${this.smoother.number}`}`);
      if (this.own?.name === strength.argument && this.smoother.number === 1) this.own.take(strength.value, `rule: ${strength.rule.replaceAll("_", " ")}`);
    }
  }

  /** Measure the blur at a star or an edge. */
  mark(kind, box) {
    this.evidence = { kind, box };
    for (const each of ["point", "edge"]) this.element("psf").querySelector(`[value=${each}]`).hidden = each !== kind;
    this.element("psf").value = kind;
    this.showParameters();
  }

  forget() {
    this.evidence = null;
    if (["point", "edge"].includes(this.element("psf").value)) this.element("psf").value = "";
    for (const each of ["point", "edge"]) this.element("psf").querySelector(`[value=${each}]`).hidden = true;
  }

  /** Take what was chosen among candidates. */
  take({ psf, smoother, sharper, ...numbers }) {
    if (psf) {
      this.forget();
      this.element("psf").value = psf;
      this.showParameters();
      for (const [name, value] of Object.entries(numbers)) this.numbers[name]?.set(value, () => {});
    }
    const factor = smoother ?? (sharper ? 1 / sharper : 1);
    if (factor === 1) {
      this.smoother.auto.checked = true;
      this.smoother.show(1);
    } else this.smoother.set(factor, () => {});
    this.settled();
  }

  /** What the server takes. */
  get content() {
    const content = {};
    const chosen = this.element("psf").value;
    if (this.evidence) content[`psf-from-${this.evidence.kind}`] = this.evidence.box;
    else if (chosen) content.psf = chosen;
    for (const [name, field] of Object.entries(this.numbers)) if (chosen && !field.isAutomatic) content[name] = field.number;
    const method = this.element("method").value;
    if (method) content.method = method;
    else if (this.element("quality").value) content.quality = this.element("quality").value;
    if (this.own && !this.own.isAutomatic) content[this.own.name] = this.own.name === "iterations" ? Math.round(this.own.number) : this.own.number;
    const factor = this.smoother.isAutomatic ? 1 : this.smoother.number;
    if (factor > 1) content.smoother = factor;
    if (factor < 1) content.sharper = Number((1 / factor).toPrecision(4));
    if (this.element("light").value !== "auto") content.light = this.element("light").value;
    if (this.element("boundary-word").value !== "unknown") content.boundary = this.element("boundary-word").value;
    if (this.element("clipped").value !== "auto") content.clipped = this.element("clipped").value;
    const frame = this.element("frame").value.trim();
    if (frame !== "") content.frame = frame === "all" ? "all" : Number(frame);
    return content;
  }
}
