"use strict";
/** Whole pictures, one after the other: how far it is, what came of it, and the buttons that save it. */
class Results {
  static EVERY = 250; // milliseconds between two questions how far it is

  constructor(failed) {
    Object.assign(this, { failed, job: null, isCancelled: false });
    this.element("cancel").addEventListener("click", () => this.cancel());
  }

  element(name) {
    return document.getElementById(name);
  }

  /** Restore pictures with the same settings, one after the other. */
  async restore(pictures, settings) {
    this.isCancelled = false;
    this.working(true);
    try {
      for (const [number, picture] of pictures.entries()) {
        if (this.isCancelled) break;
        await this.one(picture, settings, pictures.length > 1 ? `${number + 1} of ${pictures.length}: ` : "");
      }
    } finally {
      this.working(false);
    }
  }

  async one(picture, settings, before) {
    try {
      const { job } = await Server.json("/restore", { id: picture.id, settings });
      this.job = job;
      const end = await this.follow(job, `${before}${picture.name}`);
      if (end.state === "done") this.add(picture, job, end);
      if (end.state === "failed") throw new Error(end.error);
    } catch (error) {
      this.failed(error);
    }
  }

  async follow(job, name) {
    for (;;) {
      const state = await Server.state(job);
      if (state.state !== "running") return state;
      this.tell(name, state);
      await new Promise((resolve) => setTimeout(resolve, Results.EVERY));
    }
  }

  tell(name, { title, share, seconds, left }) {
    const bar = this.element("bar");
    bar.value = share ?? 0;
    const time = left === undefined ? `${Math.round(seconds)} s so far` : `about ${left} left`;
    this.element("progress-words").textContent = `${name}: ${title}, ${time}`;
  }

  working(isWorking) {
    this.element("progress").hidden = this.element("cancel").hidden = !isWorking;
    this.element("restore").disabled = this.element("restore-all").disabled = isWorking;
    if (isWorking) this.element("progress-words").textContent = "starting";
  }

  async cancel() {
    this.isCancelled = true;
    if (this.job) await Server.cancel(this.job).catch(this.failed);
  }

  add(picture, job, { seconds }) {
    const entry = document.createElement("li");
    const words = document.createElement("p");
    words.textContent = `${picture.name}: restored in ${Math.round(seconds)} s`;
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    for (const [what, text] of [["picture", "Save the picture"], ["report", "Save the report"]]) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: text, ariaLabel: `${text}: ${picture.name}` });
      button.addEventListener("click", () => Server.saveResult(job, what).catch(this.failed));
      buttons.append(button);
    }
    entry.append(words, buttons);
    this.element("results").prepend(entry);
  }
}
