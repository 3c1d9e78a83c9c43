// The scan field of the page for recording. A scanner types a code and ends it with Enter or Tab, and the next code may
// come before the answer to the first: codes wait in line (code_line.js), and the field never loses the focus.
(() => {
  const field = document.querySelector("[data-scan]");
  const form = field?.form;
  if (!form) return;
  const waiting = document.getElementById("scan-waiting");

  const listed = () => [...document.querySelectorAll("[data-worklist] input[name=order]")].map((input) => input.value);
  const show = (codes, answered) => {
    const rows = codes.map((code) => {
      const row = document.createElement("li");
      const read = document.createElement("span");
      read.className = "mono";
      read.textContent = code;
      row.append(read, ": read, not verified yet");
      return row;
    });
    if (rows.length && !answered) {
      const why = document.createElement("li");
      why.textContent = "No answer from the server. It is asked again by itself: leave this page open.";
      rows.push(why);
    }
    waiting.replaceChildren(...rows);
    waiting.hidden = !rows.length;
  };
  const line = codeLine({ ask: (code) => line.post(form, "#work", { code, order: listed() }), show });
  const take = () => {
    const code = field.value.trim();
    field.value = "";
    if (code) line.add(code);
  };

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
