/** Pictures over each other, told apart by a boundary that moves, zoomed and moved together. */
document.addEventListener("DOMContentLoaded", () => {
  const viewer = document.getElementById("viewer");
  const boundary = document.getElementById("boundary");
  const layers = [...viewer.querySelectorAll(".layer")];
  /** Of the pictures, which may be exchanged for others: whoever does so says "refit" to the viewer. */
  const picture = {
    get width() {
      return Number(viewer.dataset.width);
    },
    get height() {
      return Number(viewer.dataset.height);
    },
  };
  /** Screen pixels per picture pixel, the picture's corner in the viewer, and whether it is fitted into it. */
  const view = { scale: 1, x: 0, y: 0, fitted: true };
  let split = 50;

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const frame = () => ({ width: viewer.clientWidth, height: viewer.clientHeight });
  const fitting = () => Math.min(frame().width / picture.width, frame().height / picture.height);
  const actual = () => 1 / devicePixelRatio;
  const least = () => Math.min(fitting(), actual());
  const most = () => Math.max(16 * actual(), 4 * fitting());

  /* The boundary */

  const side = (name) => layers.find((layer) => layer.classList.contains(name)).dataset.picture;

  function showBoundary() {
    viewer.style.setProperty("--split", `${split}%`);
    const shown = Math.round(split);
    boundary.setAttribute("aria-valuenow", shown);
    boundary.setAttribute("aria-valuetext", `${shown} % ${side("left")}, ${100 - shown} % ${side("right")}`);
  }

  function moveBoundary(to) {
    split = clamp(to, 0, 100);
    showBoundary();
  }

  const STEPS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };

  boundary.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    moveBoundary(split + step);
  });

  /* Zoom */

  /** Keep the picture in sight: centred where it is smaller than the viewer, else without a gap. */
  function place() {
    for (const [corner, length] of [["x", "width"], ["y", "height"]]) {
      const gap = frame()[length] - view.scale * picture[length];
      view[corner] = gap >= 0 ? gap / 2 : clamp(view[corner], gap, 0);
    }
  }

  function show() {
    if (view.fitted) view.scale = fitting();
    place();
    const lengths = { width: view.scale * picture.width, height: view.scale * picture.height, x: view.x, y: view.y };
    for (const [name, value] of Object.entries(lengths)) viewer.style.setProperty(`--${name}`, `${value}px`);
    viewer.classList.toggle("larger", isLarger());
    viewer.classList.toggle("pixels", view.scale >= 2 * actual());
    document.getElementById("scale").textContent = `${Math.round((100 * view.scale) / actual())} %`;
    const disabled = { out: view.scale <= least(), in: view.scale >= most(), fit: view.fitted };
    for (const [name, off] of Object.entries(disabled)) button(name)?.setAttribute("aria-disabled", off);
  }

  const isLarger = () =>
    view.scale * picture.width > frame().width + 1 || view.scale * picture.height > frame().height + 1;
  const button = (name) => document.querySelector(`[data-zoom="${name}"]`);

  /** Scale so that the point (x, y) of the viewer stays; false where that changes nothing. */
  function zoom(scale, x = frame().width / 2, y = frame().height / 2) {
    const next = clamp(scale, least(), most());
    if (Math.abs(next / view.scale - 1) < 1e-6) return false;
    view.x = x - ((x - view.x) * next) / view.scale;
    view.y = y - ((y - view.y) * next) / view.scale;
    [view.scale, view.fitted] = [next, next === fitting()];
    show();
    return true;
  }

  function fit() {
    view.fitted = true;
    show();
  }

  function showDetail() {
    const [x, y, width, height] = viewer.dataset.detail.split(" ").map(Number);
    const scale = clamp(Math.min(frame().width / width, frame().height / height), least(), most());
    [view.scale, view.fitted] = [scale, false];
    view.x = frame().width / 2 - scale * (x + width / 2);
    view.y = frame().height / 2 - scale * (y + height / 2);
    show();
  }

  function pan(x, y) {
    const before = [view.x, view.y];
    view.x += x;
    view.y += y;
    show();
    return view.x !== before[0] || view.y !== before[1];
  }

  const ZOOMS = {
    in: () => zoom(1.5 * view.scale),
    out: () => zoom(view.scale / 1.5),
    actual: () => zoom(actual()),
    detail: showDetail,
    fit,
  };
  const KEYS = { "+": "in", "=": "in", "-": "out", 0: "fit", 1: "actual", d: "detail" };
  const PANS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };

  for (const each of document.querySelectorAll("[data-zoom]")) {
    each.addEventListener("click", () => ZOOMS[each.dataset.zoom]());
  }

  viewer.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (KEYS[event.key]) {
      ZOOMS[KEYS[event.key]]();
      event.preventDefault();
    } else if (event.target === viewer && PANS[event.key] && pan(...PANS[event.key])) {
      event.preventDefault();
    }
  });

  /** The page keeps the wheel until the reader is at work here, and where there is nothing left to zoom. */
  function wheel(event) {
    if (!event.ctrlKey && !viewer.contains(document.activeElement)) return;
    const { left, top } = viewer.getBoundingClientRect();
    const turned = event.deltaY * [1, 33, 400][event.deltaMode];
    const zoomed = zoom(view.scale * Math.exp(-0.002 * turned), event.clientX - left, event.clientY - top);
    if (zoomed || event.ctrlKey) event.preventDefault();
  }

  viewer.addEventListener("wheel", wheel, { passive: false });

  /* Mouse, pen and fingers: one moves the boundary or a zoomed picture, two zoom */

  const fingers = new Map();
  let grabbed = null;
  let offset = 0;

  /** Where a pointer is, in the viewer. */
  function spot(event) {
    const { left, top } = viewer.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  const drag = (x) => moveBoundary((100 * (x - offset)) / frame().width);

  function grab(event) {
    if (event.button) return;
    const at = spot(event);
    fingers.set(event.pointerId, at);
    viewer.setPointerCapture(event.pointerId);
    const onBoundary = event.target === boundary;
    grabbed = fingers.size > 1 ? "both" : onBoundary || !isLarger() ? "boundary" : "picture";
    offset = onBoundary ? at.x - (split / 100) * frame().width : 0;
    if (grabbed === "boundary" && event.pointerType === "mouse") drag(at.x);
  }

  function move(event) {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const at = spot(event);
    if (grabbed === "boundary") drag(at.x);
    if (grabbed === "picture") pan(at.x - before.x, at.y - before.y);
    if (grabbed === "both") pinch(event.pointerId, before, at);
    fingers.set(event.pointerId, at);
  }

  function pinch(moved, before, at) {
    const [, other] = [...fingers].find(([id]) => id !== moved);
    const apart = (one) => Math.max(Math.hypot(one.x - other.x, one.y - other.y), 1);
    zoom((view.scale * apart(at)) / apart(before), (at.x + other.x) / 2, (at.y + other.y) / 2);
    pan((at.x - before.x) / 2, (at.y - before.y) / 2);
  }

  function release(event) {
    if (!fingers.delete(event.pointerId)) return;
    if (event.type === "pointerup" && grabbed === "boundary") {
      drag(spot(event).x);
      boundary.focus({ preventScroll: true });
    }
    grabbed = fingers.size && grabbed ? "picture" : null;
  }

  viewer.addEventListener("pointerdown", grab);
  viewer.addEventListener("pointermove", move);
  viewer.addEventListener("pointerup", release);
  viewer.addEventListener("pointercancel", release);

  /* Which picture is on which side */

  for (const name of ["left", "right"]) {
    document.getElementById(name)?.addEventListener("change", (event) => {
      for (const layer of layers) layer.classList.toggle(name, layer.dataset.picture === event.target.value);
      showBoundary();
    });
  }

  viewer.addEventListener("refit", show);
  new ResizeObserver(show).observe(viewer);
  showBoundary();
  show();
});
