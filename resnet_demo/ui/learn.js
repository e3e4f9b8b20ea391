// The walk: which step is open is kept in the address, ?learn=4, and in the browser's memory.

window.learn = {
  // The step to open: the one that the address asks for, else the one where the visitor was, else none.
  asked: () => new URLSearchParams(location.search).get("learn") ?? "",
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

  // Buttons of steps, anywhere in an element of Gradio's: one event with the step's name. After "forward" the reader
  // is at the new step's title; in the row of steps, the keyboard stays where it was.
  listen(element, trigger) {
    let focus = null;
    element.addEventListener("click", (event) => {
      const hit = event.target.closest("[data-step]");
      if (!hit) return;
      focus = hit.closest("nav") ? "#learn-steps [aria-current]" : "#learn-idea h2";
      trigger("click", { step: hit.dataset.step });
    });
    new MutationObserver(() => {
      const now = element.querySelector("[aria-current]");
      if (now?.checkVisibility()) learn.note(now.dataset.step);
      if (!focus || document.activeElement !== document.body) return;
      const at = document.querySelector(focus);
      at?.focus({ preventScroll: focus.includes("aria-current") });
      focus = null;
    }).observe(element, { childList: true, subtree: true });
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
  next.focus();
  next.click();
});

// Another tab is no step.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[role=tab]")) learn.forget();
});
