"use strict";
/** What is shown of the part: quickly while something moves, well when it rests, exactly when it stays so. */
class Preview {
  /** Milliseconds that a movement waits for the next one, and that a preview rests before it settles. */
  static MOVING = 60;
  static RESTING = 900;
  /** What is said of what is shown, where that is not the restored part. */
  static NAMES = { draft: "restored, draft", transposed: "through C\u2032" };

  /** `question` gives what is asked for, `told` takes the numbers, `failed` an error. */
  constructor(question, told, failed) {
    Object.assign(this, { question, told, failed, waiting: null, resting: 0, isDrafting: false, shownBox: "" });
    this.viewer = document.getElementById("viewer");
    this.side = document.getElementById("right-side");
    this.side.addEventListener("change", () => this.rest());
  }

  /** Something moves: show a draft, and when that is done the next one. */
  move() {
    this.stop();
    clearTimeout(this.moving);
    this.moving = setTimeout(() => this.draft(), Preview.MOVING);
  }

  async draft() {
    if (this.isDrafting) {
      this.isWanted = true;
      return;
    }
    this.isDrafting = true;
    this.drafted = JSON.stringify(this.question());
    await this.show("draft");
    this.isDrafting = false;
    if (this.isWanted) {
      this.isWanted = false;
      this.draft();
    }
  }

  /** It rests: show it well. */
  async rest() {
    this.stop();
    clearTimeout(this.moving);
    this.isWanted = false;
    if (this.drafted !== JSON.stringify(this.question()) && this.side.value === "restored") {
      this.drafted = JSON.stringify(this.question());
      if (!(await this.show("draft"))) return; // something newer was asked for, or it cannot be
    }
    const level = await this.show("final");
    if (level?.carried) this.resting = setTimeout(() => this.show("settled"), Preview.RESTING);
  }

  stop() {
    clearTimeout(this.resting);
    this.waiting?.abort();
  }

  /** Show a level of the part; return its numbers, nothing where something newer was asked for. */
  async show(level) {
    const { signal } = (this.waiting = new AbortController());
    const content = this.question();
    document.getElementById("working").hidden = false;
    try {
      await this.showBefore(content, signal);
      const isTransposed = this.side.value === "transposed";
      const show = isTransposed ? "transposed" : level;
      const shown = await Server.image("/preview", { ...content, show }, signal);
      await Preview.put("after", shown.url);
      document.getElementById("after-name").textContent = Preview.NAMES[show] ?? "restored";
      document.getElementById("transposed-words").hidden = !isTransposed;
      if (isTransposed) return null;
      await this.told(shown.numbers);
      return shown.numbers;
    } catch (error) {
      if (!(error instanceof Server.Superseded) && !signal.aborted) this.failed(error);
    } finally {
      if (signal === this.waiting.signal) document.getElementById("working").hidden = true;
    }
    return null;
  }

  async showBefore(content, signal) {
    const box = JSON.stringify([content.id, content.box, content.settings.light, content.settings.frame]);
    if (box === this.shownBox) return;
    const { url } = await Server.image("/preview", { ...content, show: "before" }, signal);
    const [, , wide, high] = content.box;
    await Preview.put("before", url);
    Object.assign(this.viewer.dataset, { width: wide, height: high, detail: `0 0 ${wide} ${high}` });
    this.viewer.style.setProperty("--ratio", wide / high);
    this.viewer.dispatchEvent(new Event("refit"));
    this.shownBox = box;
  }

  /** Exchange an image when the new one can be drawn, so that nothing flashes. */
  static async put(name, url) {
    const image = document.getElementById(name);
    const next = new Image();
    next.src = url;
    await next.decode();
    const former = image.src;
    image.src = url;
    if (former) URL.revokeObjectURL(former);
  }
}
