// The field of an identity check, wherever it stands. A scanner ends a code with Enter or Tab, and the next code may come
// before the answer to the first: codes wait in line (code_line.js), each for the order in hand when it was read. Each has
// an id of its own, so that one sent twice is one check.
(() => {
  const formOf = (action) => {
    const form = document.querySelector("[data-check-form]");
    return form?.getAttribute("action") === action ? form : null; // another one: its dialog was closed meanwhile
  };
  const ask = ({ action, values, at }) => {
    const said = { ...values, waited: Math.round((performance.now() - at) / 1000) };
    const form = formOf(action);
    return form ? line.post(form, "#check-said", said) : line.send(action, said);
  };
  const show = (codes, answered) => {
    const kept = document.getElementById("check-kept");
    if (!kept) return;
    const why = answered ? "" : ": the server did not answer. It is sent again by itself; leave this page open.";
    kept.hidden = !codes.length;
    kept.textContent = codes.length ? `${codes.map((one) => one.values.read).join(", ")} is not verified yet${why}` : "";
  };
  const line = codeLine({ ask, show });
  const take = (field) => {
    const read = field.value;
    field.value = "";
    const form = document.querySelector("[data-check-form]");
    if (!read.trim() || !form) return;
    const token = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    const values = { ...Object.fromEntries(new FormData(form)), read, token };
    line.add({ action: form.getAttribute("action"), values, at: performance.now() });
  };

  // What was read is not this order's: the step in whose dialog it was read is not recorded. The server says the same.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "check-said" || !event.target.querySelector(".is-mismatch")) return;
    const step = event.target.closest("[data-report]");
    step?.querySelectorAll("button[type=submit]:not([form])").forEach((button) => {
      button.disabled = true;
      button.dataset.stopped = "";
    });
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-check]")) return;
    if (event.key !== "Enter" && !(event.key === "Tab" && !event.shiftKey && event.target.value.trim())) return;
    event.preventDefault();
    take(event.target);
  });
  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.matches("[data-check-form]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const field = document.querySelector("[data-check]");
      take(field);
      field.focus();
    },
    true,
  );
})();
