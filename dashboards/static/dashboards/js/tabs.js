// On a narrow screen the main navigation is wider than the screen: show where one is, also once a number has made its tab wider.
(() => {
  const bar = document.querySelector(".mainnav");
  const here = bar?.querySelector("[aria-current]");
  if (!here) return;
  const show = () => {
    bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
  };
  new ResizeObserver(show).observe(here);
})();
