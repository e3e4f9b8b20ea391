// The pictures of the walk that a reader steps through: a sum position by position, a gate from 0 to 1.

(() => {
  const SECONDS = 6; // of a whole addition
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const timers = new WeakMap();

  // Show the first `added` positions of the sum, and the numbers of position `at`.
  function show(root, added, at) {
    const numbers = JSON.parse(root.dataset.numbers);
    const width = +root.dataset.width;
    const [row, column] = [Math.floor(at / width), at % width];
    for (const cursor of root.querySelectorAll(".rx-cursor")) {
      cursor.setAttribute("x", column);
      cursor.setAttribute("y", row);
    }
    const [full, part] = [Math.floor(added / width), added % width];
    const bottom = numbers.length / width;
    const cover = added >= numbers.length ? ""
      : `M${part} ${full}H${width}V${bottom}H0V${full + (part ? 1 : 0)}H${part}Z`;
    for (const path of root.querySelectorAll(".rx-not-yet")) path.setAttribute("d", cover);
    root.querySelectorAll("[data-term]").forEach((term, i) => {
      term.textContent = i < 2 || at < added ? numbers[at][i] : "…";
    });
    const position = [row, column].map((n) => n * +root.dataset.every + 1);
    const [s, f, y, output] = numbers[at];
    const said = { row: position[0], column: position[1], s, f, y, output };
    root.querySelector("[data-where]").textContent = `(${position.join(", ")})`;
    const slider = root.querySelector(".rx-stepper");
    slider.value = added;
    slider.setAttribute("aria-valuetext", root.dataset.say.replace(/\{(\w+)\}/g, (_, name) => said[name]));
  }

  function pause(root) {
    clearInterval(timers.get(root));
    timers.delete(root);
    const button = root.querySelector(".rx-play");
    button.textContent = button.dataset.play;
  }

  function play(root) {
    const slider = root.querySelector(".rx-stepper");
    const count = +slider.max;
    if (still()) return show(root, count, count - 1);
    let added = +slider.value >= count ? 0 : +slider.value;
    const button = root.querySelector(".rx-play");
    button.textContent = button.dataset.pause;
    timers.set(root, setInterval(() => {
      if (!root.isConnected) return clearInterval(timers.get(root));
      added += 1;
      show(root, added, added - 1);
      if (added >= count) pause(root);
    }, Math.max(16, SECONDS * 1000 / count)));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".rx-play");
    const root = button?.closest(".rx-addition");
    if (!root) return;
    if (timers.has(root)) pause(root); else play(root);
  });

  document.addEventListener("input", (event) => {
    const slider = event.target;
    const root = slider.closest?.(".rx-addition");
    if (root) {
      pause(root);
      show(root, +slider.value, Math.max(0, slider.value - 1));
    }
    const turned = slider.matches?.(".rx-gate") && slider.closest(".rx-turned");
    if (turned) {
      for (const at of turned.querySelectorAll("[data-at]")) at.hidden = at.dataset.at !== slider.value;
      slider.setAttribute("aria-valuetext", slider.dataset.said.split("|")[slider.value]);
    }
  });

  // A pointer over a map shows the numbers there; what has been added stays.
  document.addEventListener("pointermove", (event) => {
    const map = event.target.closest?.(".rx-addition .rx-channel-map");
    const root = map?.closest(".rx-addition");
    if (!root || timers.has(root)) return;
    const box = map.getBoundingClientRect();
    const width = +root.dataset.width;
    const rows = JSON.parse(root.dataset.numbers).length / width;
    const index = (at, from, size, count) => Math.min(count - 1, Math.max(0, Math.floor((at - from) / size * count)));
    const at = index(event.clientY, box.top, box.height, rows) * width + index(event.clientX, box.left, box.width, width);
    show(root, +root.querySelector(".rx-stepper").value, at);
  });
})();
