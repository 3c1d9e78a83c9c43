// The print view: a chart is drawn in light colours, and a button asks the browser to print.
(() => {
  const button = document.querySelector("[data-print]");
  document.documentElement.setAttribute("data-bs-theme", "light");
  button.hidden = false;
  button.addEventListener("click", () => print());
})();
