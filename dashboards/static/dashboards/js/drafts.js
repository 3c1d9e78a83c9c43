// Keeps what a person has typed into a form until the server has taken it: a session that ends, a page that was reloaded or
// a form that came too late costs nothing. It stays in this tab, for the same person, until they log out or the tab is closed.
(() => {
  const KEY = "cellops-drafts";
  const person = document.body.dataset.person ?? document.querySelector("meta[name=cellops-person]")?.content;
  const FORMS = "form[method=post]:not([data-idle-seconds], [data-check-form], #changelist-form)";
  const LASTS_MS = 12 * 3_600_000; // a shift
  // Typed or chosen; a tick confirms what is before one's eyes, and is never brought back.
  const FIELDS = ["hidden", "password", "file", "submit", "button", "checkbox"].reduce(
    (all, type) => `${all}:not([type=${type}])`, "textarea, select:not([multiple]), input:not([autocomplete=one-time-code], [data-check])");
  // A moment that was given up is not brought back as if it were the present one.
  const MOMENTS = "[type=datetime-local]";
  // What tells one form of an address from another: which report of which orders, for example.
  const NAMING = ["kind", "stage", "attempt", "deed", "order"];

  const read = () => {
    try { return JSON.parse(sessionStorage.getItem(KEY)) || {}; } catch { return {}; }
  };
  const write = (drafts) => {
    try { sessionStorage.setItem(KEY, JSON.stringify(drafts)); } catch { /* no room: as before */ }
  };
  const nameOf = (form) => {
    const named = NAMING.flatMap((name) =>
      [...form.querySelectorAll(`input[type=hidden][name=${name}]`)].map((field) => field.value));
    return [new URL(form.getAttribute("action") || location.href, location.href).pathname, ...named].join("|");
  };
  const valueOf = (field) => (field.matches("[type=radio]") ? field.checked : field.value);
  const set = (field, value) => {
    if (typeof value === "boolean") field.checked = value;
    else field.value = value;
  };
  // A choice that the list no longer has is not put in place of the one that stands.
  const isGone = (field, value) => field.matches("select") && ![...field.options].some((one) => one.value === value);
  const fieldKey = (field) => (field.type === "radio" ? `${field.name}=${field.value}` : field.name);

  const keep = (field) => {
    const form = field.form;
    if (!person || !field.name || !form?.matches(FORMS) || !field.matches(FIELDS)) return;
    const values = {};
    for (const one of form.querySelectorAll(FIELDS)) if (one.name) values[fieldKey(one)] = valueOf(one);
    const moments = [...form.querySelectorAll(MOMENTS)].flatMap(({ name }) => [name, `${name}_offset`]);
    write({ ...read(), [nameOf(form)]: { person, values, moments, at: Date.now(), sent: false } });
  };
  const drop = (form) => {
    const drafts = read();
    delete drafts[nameOf(form)];
    write(drafts);
  };
  const mark = (form, sent) => {
    const drafts = read();
    if (!drafts[nameOf(form)]) return;
    drafts[nameOf(form)].sent = sent;
    write(drafts);
  };

  const forgetMoments = (name) => {
    const drafts = read();
    for (const moment of drafts[name]?.moments ?? []) delete drafts[name].values[moment];
    write(drafts);
  };

  const wordsOf = (field) => {
    const next = field.nextElementSibling; // moments.js
    return next?.matches(".moment-words") && next.textContent ? next.textContent : field.value.replace("T", " ");
  };
  const tell = (form, moments) => {
    const line = document.createElement("p");
    const button = document.createElement("button");
    line.className = "draft-note";
    line.setAttribute("role", "status");
    line.textContent = "What you typed before is filled in again. ";
    if (moments.length) line.append(`The time is the one that you chose then, not now: ${moments.map(wordsOf).join("; ")}. `);
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = "Empty it";
    button.addEventListener("click", () => {
      drop(form);
      form.reset();
      line.remove();
      form.dispatchEvent(new CustomEvent("drafts:restored", { bubbles: true }));
    });
    line.append(button);
    form.prepend(line);
  };
  const restore = (form) => {
    const draft = read()[nameOf(form)];
    if (!draft || draft.person !== person || form.querySelector(".draft-note")) return;
    const changed = [];
    for (const field of form.querySelectorAll(FIELDS)) {
      const value = draft.values[fieldKey(field)];
      if (value === undefined || value === valueOf(field) || isGone(field, value)) continue;
      set(field, value);
      changed.push(field);
    }
    if (!changed.length) return;
    form.dispatchEvent(new CustomEvent("drafts:restored", { bubbles: true }));
    tell(form, changed.filter((field) => field.matches(MOMENTS)));
  };
  const restoreAll = (root) => {
    if (root.matches?.(FORMS)) restore(root);
    root.querySelectorAll?.(FORMS).forEach(restore);
  };

  // Closed or cancelled, whichever way: what was written is kept, the time is given up.
  const inDialog = new Set();
  document.addEventListener("close", () => {
    inDialog.forEach(forgetMoments);
    inDialog.clear();
  }, true);
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("[data-close]")?.closest(FORMS);
    if (form) forgetMoments(nameOf(form));
  });

  for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => keep(event.target));
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-idle-seconds]") && event.isTrusted) sessionStorage.removeItem(KEY); // they log out
    else if (event.target.matches(FORMS)) mark(event.target, true);
  }, true);
  // htmx: taken when the answer is good and does not lead to the login page. Asked before the form is swapped away.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.matches?.(FORMS)) return;
    if (xhr.status < 300 && !xhr.getResponseHeader("HX-Redirect")) drop(elt);
    else mark(elt, false);
  });
  document.addEventListener("htmx:sendError", (event) => event.target.matches?.(FORMS) && mark(event.target, false));
  document.addEventListener("htmx:afterSettle", (event) => {
    for (const form of document.querySelectorAll(`dialog[open] ${FORMS}`)) inDialog.add(nameOf(form));
    restoreAll(event.target);
  });

  // A page of somebody logged in answers what was sent before it: taken, or shown again with what is wrong. The login page
  // and the pages about errors, which know nobody, mean that it was not taken.
  const drafts = Object.entries(read());
  const isOwn = (draft) => draft.person === person && !draft.sent && Date.now() - draft.at < LASTS_MS;
  write(Object.fromEntries(person
    ? drafts.filter(([, draft]) => isOwn(draft))
    : drafts.map(([name, draft]) => [name, { ...draft, sent: false }])));
  if (person) restoreAll(document);
})();
