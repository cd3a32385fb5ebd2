"use strict";
/** The whole picture: where the part lies that is shown, and where a star or an edge tells the blur. */
class Overview {
  /** Edge of a part, of the box around a tapped star, and what is less than a drag, in samples of the picture. */
  static PART = 512;
  static STAR = 31;

  /** `moved` is called while the part moves, `settled` when it rests, `marked` with a kind and a box. */
  constructor(moved, settled, marked) {
    Object.assign(this, { moved, settled, marked, tool: "move", size: [1, 1], box: [0, 0, 1, 1], start: null });
    this.area = document.getElementById("overview");
    this.image = document.getElementById("whole");
    for (const button of document.querySelectorAll("[data-tool]")) {
      button.addEventListener("click", () => this.choose(button.dataset.tool));
    }
    this.area.addEventListener("pointerdown", (event) => this.press(event));
    this.area.addEventListener("pointermove", (event) => this.drag(event));
    this.area.addEventListener("pointerup", (event) => this.release(event));
    this.area.addEventListener("pointercancel", () => (this.start = null));
    this.area.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.show()).observe(this.image);
    this.choose("move");
  }

  static HELP = {
    move: "Press or drag to move the part that is shown, or use the arrow keys.",
    point: "Tap one star, bead or other point on dark ground, or move the part to it and press Enter: its shape is the blur.",
    edge: "Draw a box across one straight edge between even grounds; or press Enter for a box in the middle of the part.",
  };

  choose(tool) {
    this.tool = this.area.dataset.tool = tool;
    for (const button of document.querySelectorAll("[data-tool]")) button.ariaPressed = button.dataset.tool === tool;
    document.getElementById("overview-help").textContent = Overview.HELP[tool];
  }

  /** Begin with another picture. */
  begin(url, width, height, [x, y, wide, high]) {
    this.image.src = url;
    this.size = [width, height];
    this.center(x + wide / 2, y + high / 2);
    this.mark(null);
  }

  get part() {
    return this.size.map((length) => Math.min(length, Overview.PART));
  }

  center(x, y) {
    const [wide, high] = this.part;
    const clamp = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
    this.box = [clamp(x - wide / 2, this.size[0] - wide), clamp(y - high / 2, this.size[1] - high), wide, high];
    this.show();
  }

  show() {
    this.lay("part", this.box);
    if (this.marking) this.lay("mark", this.marking);
  }

  mark(box) {
    this.marking = box;
    document.getElementById("mark").hidden = document.getElementById("no-evidence").hidden = !box;
    this.show();
  }

  lay(name, [x, y, wide, high]) {
    const { style } = document.getElementById(name);
    const share = (part, whole) => `${(100 * part) / whole}%`;
    [style.left, style.width] = [share(x, this.size[0]), share(wide, this.size[0])];
    [style.top, style.height] = [share(y, this.size[1]), share(high, this.size[1])];
  }

  /** Where a pointer is, in samples of the picture. */
  spot(event) {
    const { left, top, width, height } = this.image.getBoundingClientRect();
    return [((event.clientX - left) / width) * this.size[0], ((event.clientY - top) / height) * this.size[1]];
  }

  press(event) {
    if (event.button) return;
    this.area.setPointerCapture(event.pointerId);
    this.start = this.spot(event);
    if (this.tool === "move") this.drag(event);
  }

  drag(event) {
    if (!this.start) return;
    const at = this.spot(event);
    if (this.tool === "move") {
      this.center(...at);
      this.moved();
    } else if (this.tool === "edge") this.mark(this.between(this.start, at));
  }

  release(event) {
    if (!this.start) return;
    const [start, end] = [this.start, this.spot(event)];
    this.start = null;
    if (this.tool === "move") this.settled();
    if (this.tool === "point") this.tapped(end);
    if (this.tool === "edge") this.boxed(this.between(start, end));
  }

  tapped([x, y]) {
    const edge = Math.min(Overview.STAR, ...this.size);
    this.measured("point", this.inside([x - edge / 2, y - edge / 2, edge, edge]));
  }

  boxed(box) {
    if (Math.min(box[2], box[3]) >= 8) this.measured("edge", box);
    else this.mark(null);
  }

  measured(kind, box) {
    this.mark(box);
    this.marked(kind, box);
  }

  between([x, y], [u, v]) {
    return this.inside([Math.min(x, u), Math.min(y, v), Math.abs(u - x), Math.abs(v - y)]);
  }

  /** A box in whole samples, moved into the picture. */
  inside([x, y, wide, high]) {
    const [w, h] = [Math.min(Math.max(Math.round(wide), 1), this.size[0]), Math.min(Math.max(Math.round(high), 1), this.size[1])];
    const within = (value, most) => Math.min(Math.max(Math.round(value), 0), most);
    return [within(x, this.size[0] - w), within(y, this.size[1] - h), w, h];
  }

  key(event) {
    const step = event.shiftKey ? 128 : 16;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const [x, y, wide, high] = this.box;
    const middle = [x + wide / 2, y + high / 2];
    if (moves[event.key]) {
      this.center(middle[0] + moves[event.key][0], middle[1] + moves[event.key][1]);
      this.moved();
      this.settled();
    } else if (event.key === "Enter" && this.tool === "point") this.tapped(middle);
    else if (event.key === "Enter" && this.tool === "edge") this.boxed(this.inside([x + wide / 4, y + high / 4, wide / 2, high / 2]));
    else return;
    event.preventDefault();
  }
}
