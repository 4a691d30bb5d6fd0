// The page: sends the file as it is typed, shows what comes back. All HTML it sets was made, and escaped, by the server;
// what the server says in words is set as text.
const at = (id) => document.getElementById(id);
const [scope, text, save, state, problems, results, draft, bar] = ["scope", "text", "save", "state", "problems", "results", "draft", "rule"].map(at);
let file = { saved: "", stamp: "" }; // as on disk
let view = { rule: "", shown: 0 };
let current = scope.value;
let asking = null; // the trial under way
let waiting = 0;

const say = (words, bad = false) => { state.textContent = words; state.classList.toggle("bad", bad); };
const changed = () => text.value !== file.saved;

async function ask(what, question, signal) {
  const body = JSON.stringify(question);
  const answer = await fetch(what, { method: "POST", headers: { "content-type": "application/json" }, body, signal });
  if (answer.headers.get("content-type") !== "application/json") throw new Error(await answer.text());
  return answer.json();
}

// Tells what went wrong in words, and leaves the page as it is.
async function attempt(work) {
  try { await work(); } catch (error) {
    if (error.name !== "AbortError") say(error instanceof TypeError ? "newsclean does not answer: is it still running?" : error.message, true);
  }
}

function tell(found) {
  problems.replaceChildren(...found.map((problem) => {
    const item = document.createElement("li"), button = document.createElement("button");
    const place = problem.indexOf(`${current}.toml:`);
    button.type = "button";
    button.textContent = place < 0 ? problem : problem.slice(place);
    button.dataset.line = place < 0 ? "" : parseInt(problem.slice(place + current.length + 6), 10);
    item.append(button);
    return item;
  }));
  save.disabled = found.length > 0 || !changed();
  say(found.length ? `${found.length} problem${found.length > 1 ? "s" : ""}` : changed() ? "Not saved yet" : file.stamp ? "Saved" : "");
}

const tryOut = () => attempt(async () => {
  asking?.abort();
  const mine = asking = new AbortController();
  results.setAttribute("aria-busy", "true");
  const told = await ask("try", { scope: current, text: text.value, ...view }, mine.signal);
  if (mine !== asking) return;
  if (told.results !== null) {
    const { scrollTop } = results;
    results.innerHTML = told.results;
    results.scrollTop = scrollTop;
    draft.hidden = true;
    results.setAttribute("aria-busy", "false");
  }
  tell(told.problems);
});

const later = () => { save.disabled = true; clearTimeout(waiting); waiting = setTimeout(tryOut, 250); };

const open = () => attempt(async () => {
  if (changed() && !confirm(`Leave ${current}.toml without saving?`)) { scope.value = current; return; }
  const wanted = scope.value;
  const told = await ask("open", { scope: wanted });
  current = wanted;
  file = { saved: told.text, stamp: told.stamp };
  text.value = file.saved;
  view = { rule: "", shown: 0 };
  results.scrollTop = 0;
  await tryOut();
});

const store = () => attempt(async () => {
  const written = text.value;
  save.disabled = true;
  say("Checking …");
  const told = await ask("save", { scope: current, text: written, stamp: file.stamp });
  if (told.stamp) file = { saved: written, stamp: told.stamp };
  tell(told.problems);
});

function goTo(line) {
  if (!line) return;
  const start = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1);
  text.setSelectionRange(start, (text.value + "\n").indexOf("\n", start));
  text.blur(); // a field scrolls to its selection when it gets the focus
  text.focus();
}

// What is selected, if that stands in one document.
function selection() {
  const chosen = getSelection();
  if (!chosen.rangeCount || chosen.isCollapsed) return null;
  const range = chosen.getRangeAt(0), inside = (node) => (node.closest ? node : node.parentElement)?.closest(".document");
  const document_ = inside(range.startContainer), words = chosen.toString().trim();
  return document_ && inside(range.endContainer) === document_ && words ? { document_, words, box: range.getBoundingClientRect() } : null;
}

function offer() {
  const chosen = selection();
  draft.hidden = !chosen;
  if (!chosen) return;
  draft.style.left = `${Math.max(8, Math.min(chosen.box.left, innerWidth - draft.offsetWidth - 8))}px`;
  const { top, bottom } = chosen.box, height = draft.offsetHeight + 8;
  draft.style.top = `${Math.max(8, Math.min(bottom + height < innerHeight ? bottom + 8 : top - height, innerHeight - height))}px`;
}

const drafted = () => attempt(async () => {
  const chosen = selection();
  if (!chosen) return;
  draft.hidden = true;
  const question = { scope: current, text: text.value, document: Number(chosen.document_.dataset.document), selected: chosen.words };
  const { toml } = await ask("draft", question);
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
  const added = `${text.value.endsWith("\n") || !text.value ? "" : "\n"}${toml}`;
  if (!document.execCommand("insertText", false, added)) text.value += added; // the command can be undone
  goTo(text.value.slice(0, text.value.lastIndexOf("[[rule]]")).split("\n").length);
  later();
});

function explain(event) {
  const mark = event.target.closest?.(".mark") ?? document.activeElement?.closest(".mark");
  bar.textContent = mark?.title ?? "";
}

text.addEventListener("input", later);
scope.addEventListener("change", open);
save.addEventListener("click", store);
draft.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
draft.addEventListener("click", drafted);
document.addEventListener("selectionchange", offer);
document.addEventListener("scroll", offer, true); // of the page, or of a part
problems.addEventListener("click", (event) => goTo(Number(event.target.closest("button")?.dataset.line)));
results.addEventListener("click", (event) => {
  const { rule, more } = event.target.closest("button")?.dataset ?? {};
  if (rule !== undefined) view = { rule: rule === view.rule ? "" : rule, shown: 0 };
  if (more !== undefined) view.shown = Number(more);
  if (rule !== undefined || more !== undefined) tryOut();
});
for (const type of ["focusin", "pointerover", "click"]) document.addEventListener(type, explain);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") bar.textContent = "";
  if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); if (!save.disabled) store(); }
});
addEventListener("beforeunload", (event) => { if (changed()) event.preventDefault(); });
open();
