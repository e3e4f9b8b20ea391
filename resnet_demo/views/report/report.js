// What a report does in the browser, by itself.

document.addEventListener("DOMContentLoaded", () => {
  const switches = [...document.getElementsByName("language")];
  const say = (input) => { input.checked = true; document.documentElement.lang = input.value; };
  const asked = new URLSearchParams(location.search).get("lang") ?? sessionStorage.getItem("lang") ?? navigator.language;
  say(switches.find((one) => asked.startsWith(one.value.slice(0, 2))) ?? switches[0]);
  for (const one of switches)
    one.addEventListener("change", () => { say(one); sessionStorage.setItem("lang", one.value); });
});

// A block that is pressed in a chart opens below, or, on a site, leads to its page.
document.addEventListener("click", (event) => {
  const name = event.target.closest("main [data-block]")?.dataset.block;
  if (!name) return;
  const pages = document.body.dataset.blocks;
  if (pages !== undefined) return location.assign(`${pages}${encodeURIComponent(name)}.html`);
  const opened = event.target.closest("main").querySelector(`[data-of-block="${CSS.escape(name)}"]`);
  if (!opened) return;
  opened.open = true;
  opened.scrollIntoView({ block: "start" });
});

// On paper everything is open.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const one of folded) one.open = true;
});
addEventListener("afterprint", () => { for (const one of folded) one.open = false; });
