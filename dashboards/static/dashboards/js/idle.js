// Logs out a page that nobody touches (supplychain/sign_in/sessions.py): warns first, and any key or touch keeps the
// person logged in. What the page fetches by itself is marked, so that it does not count as use.
(() => {
  const leave = document.querySelector("form[data-idle-seconds]");
  const notice = document.getElementById("notice");
  if (!leave || !notice) return;

  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.triggeringEvent?.isTrusted) event.detail.headers["X-Background"] = "1";
  });

  const idleMs = 1000 * Number(leave.dataset.idleSeconds);
  if (!idleMs) return;
  const KEY = "cellops-used-at";
  const warnMs = Math.min(120_000, idleMs / 2);
  const tellMs = Math.min(60_000, idleMs / 4);
  let used = Date.now();
  let told = used; // loading the page told the server
  let timer = 0;
  let warning = null;

  // The tabs of one browser share a login, so use of one is use of all.
  const lastUse = () => {
    try { return Math.max(used, Number(localStorage.getItem(KEY)) || 0); } catch { return used; }
  };
  const share = () => {
    try { localStorage.setItem(KEY, String(used)); } catch { /* private window: this tab alone */ }
  };
  const tell = () => {
    timer = 0;
    told = Date.now();
    share();
    const token = leave.querySelector("input[name=csrfmiddlewaretoken]").value;
    fetch(leave.dataset.stay, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" }).catch(() => {});
  };
  const use = () => {
    used = Date.now();
    if (warning) {
      warning.remove();
      warning = null;
      clearTimeout(timer);
      return tell();
    }
    if (!timer) timer = setTimeout(tell, Math.max(0, told + tellMs - used));
  };
  const warn = () => {
    warning = document.createElement("p");
    warning.className = "notice-line error";
    warning.textContent = "Nobody has used this page for a while. You will be logged out soon, so that nobody else acts in your name. Press any key or touch the page to stay.";
    notice.append(warning);
  };
  const end = () => {
    const here = location.pathname + location.search;
    const next = document.createElement("input");
    next.type = "hidden";
    next.name = "next";
    next.value = `${leave.dataset.login}?${new URLSearchParams({ ended: "idle", next: here })}`;
    leave.append(next);
    leave.submit();
  };

  share();
  for (const kind of ["pointerdown", "keydown", "wheel", "touchmove"]) {
    document.addEventListener(kind, use, { passive: true, capture: true });
  }
  const watch = setInterval(() => {
    const quiet = Date.now() - lastUse();
    if (quiet > idleMs) {
      clearInterval(watch);
      return end();
    }
    if (quiet > idleMs - warnMs && !warning) warn();
    if (quiet <= idleMs - warnMs && warning) {
      warning.remove();
      warning = null;
    }
  }, 1000);
})();
