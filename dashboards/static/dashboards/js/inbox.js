// The hand-over is printed as it stands.
document.querySelector("[data-print]")?.addEventListener("click", () => print());
