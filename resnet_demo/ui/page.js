// What the page does in the browser without asking the server. Loaded once, in the page's head.

// Which language the page is in, for screen readers, hyphenation and whoever is sent the address. The server's answer
// says it by itself (first_paint.py); Gradio then writes the browser's over it, which may be another.
const root = document.documentElement;
let spoken = window.gradio_config?.components.find((c) => c.props.elem_id === "language")?.props.value ?? "en";
const writeLanguage = () => {
  const code = { zh: "zh-Hans" }[spoken] ?? spoken;
  if (root.lang !== code) root.lang = code;
};
writeLanguage();
new MutationObserver(writeLanguage).observe(root, { attributeFilter: ["lang"] });
window.sayLanguage = function (code) {
  spoken = code;
  writeLanguage();
  const address = new URL(location.href);
  address.searchParams.set("lang", code);
  history.replaceState(history.state, "", address);
};

// Gradio shows an uploaded photo without words for those who do not see it: those of its label are given to it.
document.addEventListener("load", (event) => {
  const block = event.target.closest?.("#photo, #other-photo");
  if (block && event.target.matches("img")) event.target.alt ||= block.querySelector("label")?.innerText.trim() ?? "";
}, true);

// The address of a view is copied whole.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href.split("?")[0]).href);
  button.textContent = button.dataset.said;
});

// A button in a picture stands for one of Gradio's.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-press]");
  if (button) document.getElementById(button.dataset.press)?.click();
});

// What is typed into a chooser replaces the choice that stands there; Gradio would append it, and find nothing.
document.addEventListener("click", (event) => {
  if (event.target.matches?.("input[role=combobox]")) event.target.select();
});

// What the page asks the server for it asks for in its own language, which may not be the browser's: refusals are in it.
// Of a full queue (503) Gradio's client has a sentence of its own, in English; as a 429 it shows the server's.
const ask = window.fetch;
window.fetch = async (what, options = {}) => {
  const headers = new Headers(options.headers ?? what.headers);
  headers.set("Accept-Language", spoken);
  const answer = await ask(what, { ...options, headers });
  if (answer.status !== 503 || !answer.url.includes("/queue/join")) return answer;
  return new Response(answer.body, { status: 429, headers: answer.headers });
};
