// Light or dark: as the button on this device says, else as the person's profile says, else as the system says.
// Runs before the first paint. A choice by the button belongs to the profile's wish that it overrode: when the person
// changes the profile, that counts at once.
(() => {
  const KEY = "cellops-theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const wish = document.querySelector("meta[name=cellops-theme]")?.content || "system";
  const stored = () => {
    try {
      const [over, chosen] = (localStorage.getItem(KEY) || "").split(":");
      return over === wish ? chosen : null;
    } catch { return null; }
  };
  const unchosen = () => (wish !== "system" ? wish : dark.matches ? "dark" : "light");
  const theme = () => stored() || unchosen();
  const show = () => document.documentElement.setAttribute("data-bs-theme", theme());

  show();
  dark.addEventListener("change", show);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const other = theme() === "dark" ? "light" : "dark";
    try {
      // Back to what would be shown anyway is the same as no choice.
      if (other === unchosen()) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, `${wish}:${other}`);
    } catch { /* private window: the choice lasts as long as the page */ }
    document.documentElement.setAttribute("data-bs-theme", other);
  });
})();
