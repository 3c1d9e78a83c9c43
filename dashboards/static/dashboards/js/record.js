// The scan field of the page for recording. A scanner types a code and ends it with Enter or Tab, and the next code may
// come before the answer to the first: codes wait in line, and the field never loses the focus.
(() => {
  const field = document.querySelector("[data-scan]");
  const form = field?.form;
  if (!form) return;
  const line = [];
  let busy = false;

  const listed = () => [...document.querySelectorAll("[data-worklist] input[name=order]")].map((input) => input.value);
  const next = async () => {
    if (busy || !line.length) return;
    busy = true;
    const code = line.shift();
    try {
      await htmx.ajax("GET", form.getAttribute("action"), { source: form, target: "#work", values: { code, order: listed() } });
    } finally {
      busy = false;
      next();
    }
  };
  const take = () => {
    const code = field.value.trim();
    field.value = "";
    if (!code) return false;
    line.push(code);
    next();
    return true;
  };

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && !(event.key === "Tab" && !event.shiftKey && field.value.trim())) return;
    event.preventDefault();
    take();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take();
    field.focus();
  });
  // What a scanner types while nothing has the focus is meant for the field.
  document.addEventListener("keydown", (event) => {
    const free = document.activeElement === document.body || document.activeElement === null;
    if (free && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) field.focus();
  });
})();
