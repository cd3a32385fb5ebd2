"use strict";
/** Light or dark: as the system asks until the button is pressed. Runs in the head, so that nothing flashes. */
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  let chosen = false;

  function show(theme) {
    root.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button) button.textContent = theme === "dark" ? "Light colours" : "Dark colours";
  }

  const follow = () => chosen || show(system.matches ? "dark" : "light");

  function toggle() {
    chosen = true;
    show(root.dataset.theme === "dark" ? "light" : "dark");
  }

  follow();
  system.addEventListener("change", follow);
  document.addEventListener("DOMContentLoaded", () => {
    follow();
    document.getElementById("theme").addEventListener("click", toggle);
  });
})();
