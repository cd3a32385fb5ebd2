"use strict";
/** What the page asks of its server. The secret of the link stays in this tab and goes into a header alone. */
const Server = (() => {
  const KEY = "deconv-token";
  const inLink = location.hash.slice(1);
  if (inLink) history.replaceState(null, "", location.pathname);
  const token = inLink.startsWith("once=") ? enter(inLink.slice(5)) : Promise.resolve(inLink || sessionStorage.getItem(KEY));
  token.then((text) => text && sessionStorage.setItem(KEY, text));

  /** A link that a browser was started with holds a ticket, which is changed for the secret once. */
  async function enter(ticket) {
    const answer = await fetch("/enter", { headers: { "X-Deconv-Token": ticket } });
    return answer.ok ? (await answer.json()).token : sessionStorage.getItem(KEY);
  }

  /** Something newer was asked for: nobody waits for this answer any more. */
  class Superseded extends Error {}

  async function ask(method, path, { body, headers = {}, signal } = {}) {
    let answer;
    try {
      const secret = { "X-Deconv-Token": (await token) ?? "" };
      answer = await fetch(path, { method, body, signal, headers: { ...secret, ...headers } });
    } catch (error) {
      if (error.name === "AbortError") throw new Superseded();
      throw new Error("The program does not answer any more (start it again, and open the link that it prints).");
    }
    if (answer.status === 409) throw new Superseded();
    if (!answer.ok) throw new Error(await reason(answer));
    return answer;
  }

  async function reason(answer) {
    try {
      return (await answer.json()).error;
    } catch {
      return `The program answered with ${answer.status} (reload the page).`;
    }
  }

  const post = (path, content, signal) => ask("POST", path, { body: JSON.stringify(content), signal });
  const json = async (path, content) => (await post(path, content)).json();

  /** Return the address of an image in this tab, and the numbers about it. */
  async function image(path, content, signal) {
    const answer = await post(path, content, signal);
    const numbers = JSON.parse(answer.headers.get("X-Deconv-Numbers") ?? "{}");
    return { url: URL.createObjectURL(await answer.blob()), numbers };
  }

  /** Let the browser save what an answer holds. */
  async function save(answer) {
    const [, name] = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "") ?? ["", "result"];
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  return {
    Superseded,
    json,
    image,
    pictures: async () => (await (await ask("GET", "/pictures")).json()).pictures,
    send: async (file) =>
      (await ask("PUT", "/picture", { body: file, headers: { "X-Deconv-Name": encodeURIComponent(file.name) } })).json(),
    forget: (id) => ask("DELETE", `/picture/${id}`),
    state: async (job) => (await ask("GET", `/job/${job}`)).json(),
    cancel: (job) => ask("DELETE", `/job/${job}`),
    saveResult: async (job, what) => save(await ask("GET", `/result/${job}/${what}`)),
    savePsf: async (content) => save(await post("/psf", content)),
  };
})();
