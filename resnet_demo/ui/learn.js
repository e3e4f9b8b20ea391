// The walk: which step is open is kept in the address, ?learn=4, and in the browser's memory.

let turned = false; // whether a button below the step was pressed, and so the reader is to begin at the next one's top

// Where the keyboard is after a step: on its button in the row, or, from below, at the new step's title.
function moveTo(steps, number) {
  if (turned) {
    turned = false;
    document.querySelector("#learn-idea h2")?.focus();
  } else if (steps.contains(document.activeElement)) steps.querySelector(`[data-step="${number}"]`).focus();
}

window.learn = {
  // The step to open: the one that the address asks for, else the one where the visitor was, else none.
  asked: () => (new URLSearchParams(location.search).get("learn") ?? "").slice(0, 16),
  remembered: () => localStorage.getItem("learn") ?? "",

  note(step) {
    localStorage.setItem("learn", step);
    const address = new URL(location);
    address.searchParams.set("learn", step);
    history.replaceState(history.state, "", address);
  },

  forget() {
    const address = new URL(location);
    if (!address.searchParams.has("learn")) return;
    address.searchParams.delete("learn");
    history.replaceState(history.state, "", address);
  },

  // A link to a step, which needs no new page.
  start(element, trigger) {
    element.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='?learn=']");
      if (!link) return;
      event.preventDefault();
      const step = new URLSearchParams(link.getAttribute("href")).get("learn");
      const button = document.querySelector(`#learn-steps [data-step="${step}"]`);
      if (button?.checkVisibility()) return button.click();
      learn.note(step);
      trigger("click");
    });
  },

  // Buttons of steps, anywhere in an element of Gradio's: one event with the step's number, and its block if it has one.
  listen(element, trigger) {
    element.addEventListener("click", (event) => {
      const hit = event.target.closest("[data-step]");
      if (!hit) return;
      turned = !hit.closest("nav");
      trigger("click", { ...hit.dataset });
    });
    if (element.id !== "learn-steps" && !element.closest("#learn-steps")) return;
    // Gradio patches what it shows, and keeps the buttons: the mark moves from one to another.
    let last = null;
    new MutationObserver(() => {
      const now = element.querySelector("[aria-current]")?.dataset.step;
      if (!now) return;
      if (element.checkVisibility()) learn.note(now);
      if (now !== last) moveTo(element, now);
      last = now;
    }).observe(element, { childList: true, subtree: true, attributes: true });
  },
};

// Left and right go back and forward, wherever the keyboard is in the walk, but where it moves something else.
document.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
  if (!way || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const at = event.target;
  if (!at.closest?.("#learn") || at.closest("input, textarea, select, [role=slider], .rx-scroll")) return;
  const next = document.querySelector("#learn-steps [aria-current]")?.closest("li")[way]?.querySelector("button");
  if (!next) return;
  event.preventDefault();
  next.click();
});

// Another tab is no step.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[role=tab]")) learn.forget();
});
