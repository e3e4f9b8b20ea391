// What the page does in the browser without asking the server. Loaded once, in the page's head.

// Which language the page is in, for screen readers and hyphenation.
window.sayLanguage = function (code) {
  document.documentElement.lang = { zh: "zh-Hans" }[code] ?? code;
};

// Gradio shows an uploaded photo without words for those who do not see it: those of its label are given to it.
document.addEventListener("load", (event) => {
  const block = event.target.closest?.("#photo, #other-photo");
  if (block && event.target.matches("img")) event.target.alt ||= block.querySelector("label")?.innerText.trim() ?? "";
}, true);

// What is typed into a chooser replaces the choice that stands there; Gradio would append it, and find nothing.
document.addEventListener("click", (event) => {
  if (event.target.matches?.("input[role=combobox]")) event.target.select();
});

// Of a full queue (503) Gradio's client has a sentence of its own, in English; as a 429 it shows the server's, in the
// page's language.
const ask = window.fetch;
window.fetch = async (...what) => {
  const answer = await ask(...what);
  if (answer.status !== 503 || !answer.url.includes("/queue/join")) return answer;
  return new Response(answer.body, { status: 429, headers: answer.headers });
};
