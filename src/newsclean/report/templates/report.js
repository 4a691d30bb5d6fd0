// What a page without it can do without: the rule of a mark in a bar that touch screens and screen readers get too,
// filters, and a print that opens what is closed. It reads attributes and sets text; it never makes HTML.
"use strict";
const all = (selector) => [...document.querySelectorAll(selector)];
const bar = document.getElementById("rule");

const tell = (event) => {
  const mark = event.target.closest?.(".mark") ?? document.activeElement?.closest(".mark"); // under the pointer, else the focus
  if (mark?.title) { mark.dataset.rule = mark.title; mark.removeAttribute("title"); mark.setAttribute("aria-describedby", "rule"); }
  bar.textContent = mark?.dataset.rule ?? "";
};
for (const type of ["focusin", "pointerover", "click"]) document.addEventListener(type, tell);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") bar.textContent = ""; });

for (const part of all(".script")) part.hidden = false;
const search = document.getElementById("find-rule");
search?.addEventListener("input", () => {
  const wanted = search.value.toLowerCase();
  for (const rule of all("details.rule")) rule.hidden = !rule.firstElementChild.textContent.toLowerCase().includes(wanted);
});
for (const button of all("#classes button")) button.addEventListener("click", () => {
  for (const other of all("#classes button")) other.setAttribute("aria-pressed", String(other === button));
  const wanted = button.dataset.class;
  for (const shown of all(".docs > .doc")) shown.hidden = Boolean(wanted) && !shown.dataset.classes.split(" ").includes(wanted);
});

let opened = [];
addEventListener("beforeprint", () => { opened = all("details:not([open])"); for (const part of opened) part.open = true; });
addEventListener("afterprint", () => { for (const part of opened) part.open = false; });
