// The field of an identity check, wherever it stands. A scanner ends a code with Enter or Tab, and the next code may come
// before the answer to the first: codes wait in line, each until the server has answered, for the order in hand when it
// was read. Each has an id of its own, so that one sent twice is one check.
(() => {
  const line = [];
  const AGAIN_MS = 5000;
  const NOT_REACHED = [429, 502, 503, 504];
  const NOT_SENT = "is not verified yet: the server did not answer. It is sent again by itself; leave this page open.";
  let busy = false;
  let status = 0;

  const say = (text) => {
    const kept = document.getElementById("check-kept");
    if (kept) [kept.hidden, kept.textContent] = [!text, text];
  };
  const isAnswered = () => status > 0 && !NOT_REACHED.includes(status);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.matches?.("[data-check-form]")) status = event.detail.xhr.status;
  });
  const send = async ({ action, values, at }) => {
    const form = document.querySelector("[data-check-form]");
    const said = { ...values, waited: Math.round((performance.now() - at) / 1000) };
    status = 0;
    if (form?.getAttribute("action") === action) {
      await htmx.ajax("POST", action, { source: form, target: "#check-said", values: said });
    } else {
      status = (await fetch(action, { method: "POST", body: new URLSearchParams(said) })).status; // its dialog was closed
    }
  };
  const next = async () => {
    if (busy || !line.length) return;
    busy = true;
    await send(line[0]).catch(() => {});
    busy = false;
    if (isAnswered()) {
      line.shift();
      say("");
      return next();
    }
    const codes = line.map((one) => one.values.read).join(", ");
    say(`${codes} ${NOT_SENT}`);
    setTimeout(next, AGAIN_MS);
  };
  const take = (field) => {
    const read = field.value;
    field.value = "";
    const form = document.querySelector("[data-check-form]");
    if (!read.trim() || !form) return;
    const token = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    const values = { ...Object.fromEntries(new FormData(form)), read, token };
    line.push({ action: form.getAttribute("action"), values, at: performance.now() });
    next();
  };
  window.addEventListener("online", next);
  window.addEventListener("beforeunload", (event) => line.length && event.preventDefault());

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
