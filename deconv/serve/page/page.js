"use strict";
/** The page: pictures come in, are looked at, and go out. */
(() => {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="#0a58a8"/></svg>';
  const icon = Object.assign(document.createElement("link"), { rel: "icon", type: "image/svg+xml" });
  icon.href = URL.createObjectURL(new Blob([drawing], { type: icon.type }));
  document.head.append(icon);
})();

document.addEventListener("DOMContentLoaded", () => {
  const element = (name) => document.getElementById(name);
  const pictures = [];
  let current = null;

  function fail(error) {
    element("message").textContent = error.message;
    element("message").hidden = false;
    element("message").scrollIntoView({ block: "nearest" });
  }

  const forgive = () => (element("message").hidden = true);
  const question = () => ({ id: current?.id, box: overview.box, settings: settings.content });

  /* The parts of the page, and what each tells the others */

  function moved() {
    if (current) preview.move();
  }

  async function settled() {
    if (!current) return;
    forgive();
    hideOld();
    const { line } = await Server.json("/command", question()).catch((error) => fail(error) ?? {});
    if (line) element("line").value = line;
    await preview.rest();
  }

  const settings = new Settings(moved, settled);
  const overview = new Overview(moved, () => preview.rest(), (kind, box) => {
    settings.mark(kind, box);
    settled();
  });
  const preview = new Preview(question, told, fail);
  const results = new Results(fail);

  async function told(numbers) {
    const { blur, method, noise, level, notes = [], doubts = [] } = numbers;
    const words = [blur, method, `noise ${Number((noise ?? 0).toPrecision(2))}`];
    if (level === "final" && numbers.carried) words.push("settling");
    element("state").textContent = `${words.join(" \u00b7 ")}${[...notes, ...doubts].map((note) => `\n${note}`).join("")}`;
    settings.tell(numbers);
    element("psf-words").textContent = blur;
    if (level === "draft") return;
    const { url } = await Server.image("/preview", { ...question(), show: "psf" });
    await Preview.put("psf-image", url);
  }

  /** What belongs to other settings is not shown any longer. */
  function hideOld() {
    element("candidates").hidden = element("charts").hidden = true;
  }

  /* Pictures come in */

  async function take(files) {
    forgive();
    let first = null;
    for (const file of files) {
      element("busy").textContent = `Reading ${file.name}`;
      let picture = null;
      try {
        picture = await Server.send(file);
        add(picture);
        first ??= picture;
        if (picture !== first) await Server.json("/describe", { id: picture.id, settings: {} }); // is it a picture?
        else if (!(await open(picture))) first = await leave(picture);
      } catch (error) {
        fail(error);
        if (picture && picture !== first) await leave(picture);
      }
    }
    await forgetOld();
    element("busy").textContent = "";
  }

  /** Take a picture away that is none. */
  async function leave(picture) {
    await remove(picture, { quietly: true });
    return null;
  }

  /** The server keeps some pictures only: those that have gone are not shown either. */
  async function forgetOld() {
    const left = new Set((await Server.pictures().catch(() => pictures)).map(({ id }) => id));
    for (const picture of [...pictures]) if (!left.has(picture.id)) drop(picture);
  }

  function drop(picture) {
    pictures.splice(pictures.indexOf(picture), 1);
    picture.entry.remove();
    element("restore-all").hidden = pictures.length < 2;
  }

  function add(picture) {
    const entry = document.createElement("li");
    const name = document.createElement("button");
    Object.assign(name, { type: "button", textContent: picture.name });
    name.addEventListener("click", () => open(picture));
    const away = document.createElement("button");
    Object.assign(away, { type: "button", textContent: "\u00d7", ariaLabel: `Take ${picture.name} away` });
    away.addEventListener("click", () => remove(picture));
    entry.append(name, away);
    Object.assign(picture, { entry, button: name });
    pictures.push(picture);
    element("pictures").append(entry);
    element("restore-all").hidden = pictures.length < 2;
  }

  async function remove(picture, { quietly = false } = {}) {
    if (picture === current) preview.stop();
    await Server.forget(picture.id).catch(fail);
    drop(picture);
    if (picture !== current || quietly) return;
    current = null;
    if (pictures.length) await open(pictures.at(-1));
    else element("work").hidden = true;
    document.body.classList.toggle("working", pictures.length > 0);
  }

  async function open(picture) {
    forgive();
    hideOld();
    element("busy").textContent = `Looking at ${picture.name}`;
    try {
      const asked = { id: picture.id, settings: reading() };
      const facts = await Server.json("/describe", asked);
      const looked = Server.json("/first-look", asked);
      looked.catch(() => {}); // is said where it is waited for
      const { url } = await Server.image("/overview", asked);
      current = picture;
      for (const each of pictures) each.button.ariaCurrent = each === picture;
      element("about").textContent = [facts.about, ...facts.notes].join(". ");
      element("work").hidden = false;
      document.body.classList.add("working");
      overview.begin(url, facts.width, facts.height, facts.window);
      element("verdict-words").textContent = "Looking for the blur \u2026";
      element("verdict-trust").textContent = "";
      const first = await looked;
      const found = Server.json("/estimate", asked); // of a large picture it takes a while: nobody waits for it
      if (first.words) {
        say({ ...first, trust: "Looking closer \u2026" });
        found.then((closer) => picture === current && say(closer, { closer: true }), fail);
      } else say(await found);
      await settled();
      return true;
    } catch (error) {
      if (error.message.includes("--frame") && element("frame").value === "") {
        element("frame").value = "all"; // a stack: its first plane is shown, all of them are restored
        return open(picture);
      }
      if (!(error instanceof Server.Superseded)) fail(error);
      return false;
    } finally {
      element("busy").textContent = "";
    }
  }

  /** How the picture is read is part of what it is. */
  function reading() {
    const { light, frame } = settings.content;
    return Object.fromEntries(Object.entries({ light, frame }).filter(([, value]) => value !== undefined));
  }

  /** Say what blur was found, and with `closer` that it was looked at again, all of it. */
  function say(found, { closer = false } = {}) {
    element("verdict-words").textContent = found.words;
    element("verdict-trust").textContent = found.trust;
    const sure = found.confidence === "none" ? null : found;
    if (closer) {
      settings.refine(sure);
      settled();
    } else settings.begin(sure);
    element("rivals").replaceChildren();
    for (const [family, words] of Object.entries(found.rivals ?? {})) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: `Or ${words}?` });
      button.addEventListener("click", () => {
        element("psf").value = family;
        element("psf").dispatchEvent(new Event("change"));
      });
      element("rivals").append(button);
    }
  }

  element("file").addEventListener("change", (event) => {
    take([...event.target.files]);
    event.target.value = "";
  });
  for (const kind of ["dragover", "drop", "dragleave"]) {
    addEventListener(kind, (event) => {
      event.preventDefault();
      document.body.classList.toggle("over", kind === "dragover");
      if (kind === "drop") take([...event.dataTransfer.files]);
    });
  }
  for (const name of ["light", "frame"]) element(name).addEventListener("change", () => current && open(current));
  element("controls").addEventListener("submit", (event) => event.preventDefault());

  /* What is looked at besides */

  element("no-evidence").addEventListener("click", () => {
    settings.forget();
    settings.showParameters();
    overview.mark(null);
    settled();
  });

  function hold(isHeld) {
    element("viewer").classList.toggle("before", isHeld);
    element("hold").ariaPressed = isHeld;
  }

  const isWriting = (target) => target.matches("input:not([type=range], [type=checkbox]), select, textarea");
  addEventListener("keydown", (event) => {
    if (event.key === "b" && !isWriting(event.target) && !event.ctrlKey && !event.metaKey) hold(true);
  });
  addEventListener("keyup", (event) => event.key === "b" && hold(false));
  for (const kind of ["pointerdown", "pointerup", "pointerleave", "pointercancel", "blur"]) {
    element("hold").addEventListener(kind, () => hold(kind === "pointerdown"));
  }
  element("hold").addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && hold(true));
  element("hold").addEventListener("keyup", () => hold(false));

  /** Show what takes a while behind its button. */
  function behind(name, work) {
    element(`show-${name}`).addEventListener("click", async () => {
      const button = element(`show-${name}`);
      forgive();
      button.disabled = true;
      preview.stop();
      try {
        await work();
        element(name).hidden = false;
      } catch (error) {
        if (!(error instanceof Server.Superseded)) fail(error);
      } finally {
        button.disabled = false;
      }
    });
  }

  behind("candidates", async () => {
    const { url, numbers } = await Server.image("/preview", { ...question(), show: "candidates" });
    const sheet = new Image();
    sheet.src = url;
    await sheet.decode();
    drawCandidates(sheet, numbers);
    URL.revokeObjectURL(url);
  });

  /** The names of the numbers in which candidates differ. */
  const differing = (candidates) => Object.keys(candidates[0]).filter((name) => new Set(candidates.map((each) => each[name])).size > 1);

  function drawCandidates(sheet, { columns, candidates }) {
    const place = element("candidates");
    const [wide, high] = [sheet.width / columns, (sheet.height * columns) / candidates.length];
    place.style.gridTemplateColumns = `repeat(${columns}, minmax(0, ${wide}px))`;
    place.replaceChildren();
    candidates.forEach((candidate, number) => {
      const button = document.createElement("button");
      const canvas = document.createElement("canvas");
      const words = document.createElement("span");
      Object.assign(canvas, { width: wide, height: high });
      canvas.getContext("2d").drawImage(sheet, -(number % columns) * wide, -Math.floor(number / columns) * high);
      words.textContent = inWords(candidate, differing(candidates));
      button.type = "button";
      button.append(canvas, words);
      button.addEventListener("click", () => settings.take(candidate));
      place.append(button);
    });
  }

  function inWords({ psf, smoother, sharper, ...numbers }, names) {
    const strength = smoother ? `${smoother} times smoother` : sharper ? `${sharper} times sharper` : "strength as found";
    const told = Object.entries(numbers).filter(([name]) => names.includes(name));
    return [...told.map(([name, value]) => `${name} ${value}`), strength].join(", ");
  }

  behind("charts", async () => {
    const dark = document.documentElement.dataset.theme === "dark";
    const { url, numbers } = await Server.image("/preview", { ...question(), show: "charts", dark });
    await Preview.put("charts-image", url);
    element("charts-words").replaceChildren(
      ...[...numbers.doubts, ...numbers.meanings].map((text) => Object.assign(document.createElement("li"), { textContent: text })),
    );
  });

  new MutationObserver(() => element("charts").hidden || element("show-charts").click()).observe(document.documentElement, {
    attributeFilter: ["data-theme"], // charts are drawn in the colours of the page
  });

  /* Pictures go out */

  element("restore").addEventListener("click", () => {
    forgive();
    results.restore([current], settings.content);
  });
  element("restore-all").addEventListener("click", () => {
    forgive();
    results.restore([...pictures], settings.content);
  });
  element("save-psf").addEventListener("click", () => Server.savePsf(question()).catch(fail));
  element("copy").addEventListener("click", async () => {
    element("line").select();
    await navigator.clipboard.writeText(element("line").value).catch(() => document.execCommand("copy"));
    element("copy").textContent = "Copied";
    setTimeout(() => (element("copy").textContent = "Copy"), 1500);
  });

  Server.pictures().then(async (already) => {
    for (const picture of already) add(picture);
    if (pictures.length) await open(pictures.at(-1));
  }, fail);
});
