// A wall screen has nobody in front of it: when what it shows is old it must say so by itself, in large letters.
(() => {
  const OLD_MS = 120000; // live.js fetches at least every minute
  const live = document.querySelector("[data-live]");
  const warning = document.querySelector("[data-wall-warning]");
  const button = document.querySelector("[data-full-screen]");
  let shownAt = Date.now();
  let signedOut = false;

  live.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === live) shownAt = Date.now();
  });
  // When the session has ended the server asks the page to go to the login. A wall keeps its last picture and says so.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    event.preventDefault();
    signedOut = true;
    check();
  });

  const words = () => {
    const minutes = Math.floor((Date.now() - shownAt) / 60000);
    if (signedOut) return "The login has ended: this picture is no longer kept up to date. Reload the page to log in again.";
    if (minutes * 60000 >= OLD_MS) return `This picture is ${minutes} minutes old: the connection is broken.`;
    return "";
  };
  const check = () => {
    const text = words();
    if (warning.textContent !== text) warning.textContent = text;
    warning.hidden = !text;
    document.body.classList.toggle("is-old", Boolean(text));
  };
  setInterval(check, 1000);

  // What cannot wait has the room first. What of it does not fit all the same stands in columns out of sight: it is said,
  // and each column has its turn.
  const TURN_MS = 12000;
  const WIDE = matchMedia("(min-width: 60.01rem)"); // below, the page scrolls
  let turn = 0;

  const columnsOf = (list, rows) => {
    const width = list.clientWidth + (parseFloat(getComputedStyle(list).columnGap) || 0);
    const first = list.firstElementChild;
    return [rows.map((row) => Math.round((row.offsetLeft - first.offsetLeft) / width)), width];
  };
  const arrange = () => {
    const list = live.querySelector("[data-wall-risks]");
    document.body.classList.remove("is-pressing");
    const rows = [...list.querySelectorAll("[data-pinned]")];
    const hides = () => WIDE.matches && columnsOf(list, rows)[0].some(Boolean);
    if (hides()) document.body.classList.add("is-pressing");
    const [columns, width] = columnsOf(list, rows);
    const last = WIDE.matches ? Math.max(0, ...columns) : 0;
    turn = turn > last ? 0 : turn;
    list.scrollLeft = turn * width;
    const shown = columns.flatMap((column, at) => (column === turn ? [at + 1] : []));
    const range = shown.length > 1 ? `${shown[0]} to ${shown.at(-1)}` : shown[0];
    const more = rows.length - shown.length;
    const text = last ? `Act within 12 hours: row ${range} of ${rows.length} shown, and ${more} more in turn` : "";
    live.querySelector("[data-wall-more]").textContent = text;
  };
  setInterval(() => {
    turn += 1;
    arrange();
  }, TURN_MS);
  live.addEventListener("htmx:afterSettle", arrange);
  addEventListener("resize", arrange);
  document.fonts.ready.then(arrange);
  arrange();

  if (document.fullscreenEnabled) button.hidden = false;
  button.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  });

  // Screens that hang on a wall should not fall asleep; where the browser cannot promise it, nothing happens.
  const stayAwake = () => {
    if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
  };
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
})();
