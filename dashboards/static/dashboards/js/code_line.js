// Codes that were read wait in line, one asked about at a time, until the server has answered each: what nobody answered
// stays, is asked again every few seconds and as soon as the network is back, and keeps its page from being left unasked.
// An answer that leads to the login page is none. Nothing is stored on the device: a wristband's code is a patient's.
window.codeLine = ({ ask, show }) => {
  const AGAIN_MS = 5000;
  const SOON_MS = 400; // an answer that comes within this time needs no words
  const NOT_REACHED = [0, 429, 502, 503, 504];
  const line = [];
  let busy = false;
  let again = 0;

  const next = async () => {
    clearTimeout(again);
    if (busy || !line.length) return;
    busy = true;
    const soon = setTimeout(() => show(line, true), SOON_MS);
    const answered = await ask(line[0]).catch(() => false);
    clearTimeout(soon);
    busy = false;
    if (answered) line.shift();
    else again = setTimeout(next, AGAIN_MS);
    show(line, answered);
    if (answered) next();
  };
  window.addEventListener("online", next);
  window.addEventListener("beforeunload", (event) => line.length && event.preventDefault());
  return {
    add: (code) => {
      line.push(code);
      next();
    },
    // Posts a form's values as htmx does; whether the server answered.
    post: async (form, target, values) => {
      let answered = false;
      const hear = ({ detail: { xhr } }) => {
        answered = !NOT_REACHED.includes(xhr.status) && !xhr.getResponseHeader("HX-Redirect");
      };
      form.addEventListener("htmx:afterRequest", hear);
      try {
        await htmx.ajax("POST", form.getAttribute("action"), { source: form, target, values });
      } finally {
        form.removeEventListener("htmx:afterRequest", hear);
      }
      return answered;
    },
    // The same where the form is gone from the page.
    send: async (action, values) => {
      const headers = { "HX-Request": "true" };
      const { status, headers: said } = await fetch(action, { method: "POST", headers, body: new URLSearchParams(values) });
      return !NOT_REACHED.includes(status) && !said.get("HX-Redirect");
    },
  };
};
