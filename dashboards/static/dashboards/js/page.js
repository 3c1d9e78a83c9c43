// Small behaviour of every page: the dialog, what went wrong, and morphing that leaves alone what a person opened.
(() => {
  const dialog = document.getElementById("dialog");
  const content = document.getElementById("dialog-body");
  const notice = document.getElementById("notice");
  const SHOWN_MS = 12000;

  // A <details> that a person opened or closed stays so when its fragment is fetched again.
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) =>
    !(name === "open" && element.matches("details, dialog"));

  const say = (text) => {
    const line = document.createElement("p");
    line.className = "notice-line error";
    line.textContent = text;
    notice.replaceChildren(line);
    setTimeout(() => line.remove(), SHOWN_MS);
  };

  // A form in the dialog keeps what was typed, and says at its top why it was not taken.
  const answer = (element, text) => {
    const form = dialog.open && element.closest("#dialog form");
    if (!form) {
      if (dialog.open) close();
      return say(text);
    }
    const line = form.querySelector(".not-taken") ?? document.createElement("p");
    line.className = "sheet-error not-taken";
    line.setAttribute("role", "alert");
    line.textContent = `${text} What you typed is kept.`;
    form.prepend(line);
    line.scrollIntoView({ block: "nearest" });
  };

  const close = () => {
    dialog.close();
    content.replaceChildren();
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== content) return;
    if (!dialog.open) dialog.showModal();
    (content.querySelector("[aria-invalid=true]") ?? content.querySelector("textarea, input:not([type=hidden])"))?.focus();
  });
  // Why a form was refused is seen where it comes back, not under the header.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.xhr?.status === 422) event.target.querySelector(".sheet-error")?.scrollIntoView({ block: "nearest" });
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) return close();
    const closer = event.target.closest("[data-close]");
    if (!closer) return;
    if (!closer.hash) event.preventDefault(); // one that leads elsewhere is followed
    close();
  });
  document.body.addEventListener("flag-changed", () => dialog.open && close());

  document.addEventListener("htmx:responseError", (event) => {
    if (event.target.matches("[data-live], [data-quiet]")) return; // live.js says so
    const { xhr } = event.detail;
    const plain = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    answer(event.target, plain ? xhr.responseText : `That did not work (${xhr.status}). Reload the page and try again.`);
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.target.matches("[data-live], [data-quiet], [data-scan-form]")) return; // they say so themselves
    answer(event.target, "No answer from the server: nothing was changed. Try again when the connection is back.");
  });
  // A second press while the first is under way would do the same again.
  document.addEventListener("htmx:beforeRequest", (event) => setBusy(event.target, true));
  document.addEventListener("htmx:afterRequest", (event) => setBusy(event.target, false));
  const setBusy = (element, busy) => {
    const buttons = element.matches("form") ? element.querySelectorAll("button[type=submit]") : [];
    for (const button of buttons) button.disabled = busy || "stopped" in button.dataset;
  };
})();
