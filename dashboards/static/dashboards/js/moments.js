// Says in words, under a native field, which moment or day it holds: the field's own order of day and month is the browser's.
(() => {
  const FIELDS = "input[type=datetime-local], input[type=date]";
  const day = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  const words = (field) => {
    const moment = new Date(field.type === "date" ? `${field.value}T00:00Z` : `${field.value}Z`);
    if (!field.value || Number.isNaN(moment.getTime())) return "";
    const text = new Intl.DateTimeFormat("en-GB", day).format(moment).replace(",", "");
    return field.type === "date" ? text : `${text}, ${field.value.slice(11, 16)}`;
  };
  const show = (field) => {
    const next = field.nextElementSibling;
    const said = next?.matches(".moment-words") ? next : document.createElement("span");
    said.className = "moment-words";
    said.textContent = words(field);
    if (said !== next) field.after(said);
  };
  const showAll = (root) => root.querySelectorAll?.(FIELDS).forEach(show);

  document.addEventListener("input", (event) => event.target.matches(FIELDS) && show(event.target));
  document.addEventListener("htmx:afterSettle", (event) => showAll(event.target.isConnected ? event.target : document));
  document.addEventListener("drafts:restored", (event) => showAll(event.target));
  showAll(document);
})();
