// Light or dark: as the person chose here, else as the system says. Runs before the first paint.
(() => {
  const KEY = "cellops-theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const theme = () => stored() || (dark.matches ? "dark" : "light");
  const show = () => document.documentElement.setAttribute("data-bs-theme", theme());

  show();
  dark.addEventListener("change", show);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const other = theme() === "dark" ? "light" : "dark";
    // Back to what the system says is the same as no choice.
    const systems = dark.matches ? "dark" : "light";
    try {
      if (other === systems) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, other);
    } catch { /* private window: the choice lasts as long as the page */ }
    document.documentElement.setAttribute("data-bs-theme", other);
  });
})();
