// Choosing orders in the list: what is chosen stays so when the list is fetched again; a bar says how many they are.
(() => {
  const form = document.querySelector("[data-picking]");
  const bar = document.querySelector("[data-pick-bar]");
  if (!form || !bar) return;
  const count = bar.querySelector("[data-pick-count]");
  const none = bar.querySelector("[data-pick-none]");
  const picks = () => [...form.querySelectorAll("[data-pick]")];
  const all = () => form.querySelector("[data-pick-all]");

  const show = () => {
    const boxes = picks();
    const chosen = boxes.filter((box) => box.checked).length;
    bar.hidden = chosen === 0;
    none.hidden = false;
    const said = chosen ? `${chosen} order${chosen === 1 ? "" : "s"} chosen` : "";
    if (count.textContent !== said) count.textContent = said;
    if (!all()) return;
    all().hidden = false;
    all().checked = chosen > 0 && chosen === boxes.length;
    all().indeterminate = chosen > 0 && chosen < boxes.length;
  };
  const choose = (checked) => {
    for (const box of picks()) box.checked = checked;
    show();
  };

  // The fresh list comes without ticks, and its head's box hidden: both are the person's and this script's.
  const before = Idiomorph.defaults.callbacks.beforeAttributeUpdated;
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element, kind) => {
    if (element.matches("[data-pick], [data-pick-all]") && (name === "checked" || name === "hidden")) return false;
    return before ? before(name, element, kind) : true;
  };
  form.addEventListener("change", (event) => (event.target.matches("[data-pick-all]") ? choose(event.target.checked) : show()));
  none.addEventListener("click", () => choose(false));
  document.addEventListener("htmx:afterSettle", show);
  addEventListener("pageshow", show); // a browser that goes back fills the boxes in again
  show();
})();
