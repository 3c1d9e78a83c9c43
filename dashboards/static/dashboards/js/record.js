// The scan field of the page for recording. A scanner types a code and ends it with Enter or Tab, and the next code may
// come before the answer to the first: codes wait in line, and the field never loses the focus. A code that nobody
// answered stays in the line, is shown as not verified, and is asked again.
(() => {
  const field = document.querySelector("[data-scan]");
  const form = field?.form;
  if (!form) return;
  const SOON_MS = 400; // an answer that comes within this time needs no words
  const AGAIN_MS = 5000;
  const NOT_REACHED = [502, 503, 504];
  const waiting = document.getElementById("scan-waiting");
  const line = [];
  let busy = false;
  let reached = true; // whether the server answered the last time
  let again = 0;

  const listed = () => [...document.querySelectorAll("[data-worklist] input[name=order]")].map((input) => input.value);
  const show = () => {
    const rows = line.map((code) => {
      const row = document.createElement("li");
      const read = document.createElement("span");
      read.className = "mono";
      read.textContent = code;
      row.append(read, ": read, not verified yet");
      return row;
    });
    if (rows.length && !reached) {
      const why = document.createElement("li");
      why.textContent = "No answer from the server. It is asked again by itself: leave this page open.";
      rows.push(why);
    }
    waiting.replaceChildren(...rows);
    waiting.hidden = !rows.length;
  };
  const ask = async (code) => {
    let answered = false;
    const hear = ({ detail: { xhr } }) => { answered = xhr.status > 0 && !NOT_REACHED.includes(xhr.status); };
    form.addEventListener("htmx:afterRequest", hear);
    try {
      await htmx.ajax("POST", form.getAttribute("action"), { source: form, target: "#work", values: { code, order: listed() } });
    } catch { /* nobody answered */ }
    form.removeEventListener("htmx:afterRequest", hear);
    return answered;
  };
  const next = async () => {
    clearTimeout(again);
    if (busy || !line.length) return;
    busy = true;
    const soon = setTimeout(show, SOON_MS);
    reached = await ask(line[0]);
    clearTimeout(soon);
    busy = false;
    if (reached) line.shift();
    else again = setTimeout(next, AGAIN_MS);
    show();
    if (reached) next();
  };
  const take = () => {
    const code = field.value.trim();
    field.value = "";
    if (!code) return false;
    line.push(code);
    next();
    return true;
  };

  window.addEventListener("online", next);
  window.addEventListener("beforeunload", (event) => line.length && event.preventDefault());
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && !(event.key === "Tab" && !event.shiftKey && field.value.trim())) return;
    event.preventDefault();
    take();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take();
    if (!document.querySelector(".camera-view:not([hidden])")) field.focus(); // a phone's keyboard would cover the picture
  });
  // What a scanner types while nothing has the focus is meant for the field.
  document.addEventListener("keydown", (event) => {
    const free = document.activeElement === document.body || document.activeElement === null;
    if (free && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) field.focus();
  });
})();
