"use strict";
/** A number of the settings: typed, moved by a slider, or left to the picture by a tick that goes when it is touched. */
class NumberField {
  /**
   * `scale` is "log" where the slider moves by factors; `automatic` whether the picture can tell the number;
   * `moved` is called while it moves and `settled` when it rests.
   */
  constructor(place, { name, label, low, high, value, scale = "log", unit = "", automatic = true, moved, settled }) {
    Object.assign(this, { name, low, high, scale, unit, found: value, moved, settled });
    this.box = document.createElement("div");
    this.box.className = "number";
    this.text = this.part("label", { htmlFor: name, textContent: label });
    this.value = this.part("input", { type: "number", id: name, step: "any", inputMode: "decimal" });
    this.range = this.part("input", { type: "range", min: 0, max: 1000, step: 1, ariaLabel: `${label}, slider` });
    const auto = this.part("label", { className: "auto" });
    this.auto = document.createElement("input");
    Object.assign(this.auto, { type: "checkbox", checked: automatic, id: `${name}-auto` });
    auto.append(this.auto, " auto");
    auto.hidden = !automatic;
    this.rule = this.part("p", { className: "note", id: `${name}-rule` });
    this.value.setAttribute("aria-describedby", this.rule.id);
    this.listen();
    this.show(value);
    place.append(this.box);
  }

  part(kind, properties) {
    const element = document.createElement(kind);
    Object.assign(element, properties);
    this.box.append(element);
    return element;
  }

  listen() {
    this.range.addEventListener("input", () => this.set(this.fromSlider(), this.moved));
    this.range.addEventListener("change", () => this.set(this.fromSlider(), this.settled));
    this.value.addEventListener("change", () => {
      if (this.value.value === "" || !this.value.checkValidity()) this.show(this.found);
      else this.set(Number(this.value.value), this.settled);
    });
    this.auto.addEventListener("change", () => {
      if (this.auto.checked) this.show(this.found);
      this.mark();
      this.settled();
    });
  }

  set(value, tell) {
    this.auto.checked = false;
    this.show(value);
    tell();
  }

  /** Show a number, in digits that can be read and typed. */
  show(value) {
    this.number = Number(Number(value).toPrecision(4));
    this.value.value = this.number;
    const share = this.scale === "log" ? Math.log(value / this.low) / Math.log(this.high / this.low) : (value - this.low) / (this.high - this.low);
    this.range.value = Math.round(1000 * Math.min(Math.max(share, 0), 1));
    this.range.setAttribute("aria-valuetext", `${this.number} ${this.unit}`);
    this.mark();
  }

  /** Take what was found in the picture; it is shown as long as it is left to it. */
  take(value, rule) {
    this.found = value;
    if (this.auto.checked) this.show(value);
    this.rule.textContent = rule;
  }

  mark() {
    this.box.classList.toggle("automatic", this.auto.checked && !this.auto.parentElement.hidden);
  }

  fromSlider() {
    const share = Number(this.range.value) / 1000;
    return this.scale === "log" ? this.low * (this.high / this.low) ** share : this.low + share * (this.high - this.low);
  }

  get isAutomatic() {
    return this.auto.checked && !this.auto.parentElement.hidden;
  }

  set hidden(hidden) {
    this.box.hidden = hidden;
  }
}
