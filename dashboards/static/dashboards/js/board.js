// Escape shuts the evidence that hovering or focusing a bottleneck mark has opened (WCAG 1.4.13); leaving it opens it anew.
(() => {
  const SPOT = ".bottleneck-spot";

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const spot of document.querySelectorAll(`${SPOT}:is(:hover, :focus-within)`)) spot.classList.add("is-shut");
  });
  const open = (event) => event.target.closest?.(SPOT)?.classList.remove("is-shut");
  document.addEventListener("focusin", open);
  document.addEventListener("click", open);
  document.addEventListener("mouseover", (event) => {
    if (!event.relatedTarget?.closest?.(SPOT)) open(event);
  });
})();
