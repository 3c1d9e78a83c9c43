// The field of an identity check, wherever it stands. A scanner ends a code with Enter or Tab, and the next code may come
// before the answer to the first: codes wait in line. Each has an id of its own, so that one sent twice is one check.
(() => {
  const line = [];
  let busy = false;

  const next = async () => {
    const form = document.querySelector("[data-check-form]");
    if (busy || !line.length || !form) return;
    busy = true;
    const values = line.shift();
    try {
      await htmx.ajax("POST", form.getAttribute("action"), { source: form, target: "#check-said", values });
    } finally {
      busy = false;
      next();
    }
  };
  const take = (field) => {
    const read = field.value;
    field.value = "";
    if (!read.trim()) return false;
    line.push({ read, token: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` });
    next();
    return true;
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
