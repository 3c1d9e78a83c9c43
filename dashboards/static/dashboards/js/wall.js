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
