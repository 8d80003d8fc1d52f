// What every page has: theme switch, keyboard shortcuts, their list.

const root = document.documentElement;
const dialog = document.getElementById("shortcuts");

export function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switchTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  localStorage.setItem("weir-theme", root.dataset.theme);
  dispatchEvent(new Event("weir-theme"));
}

const keys = new Map([
  ["t", switchTheme],
  ["?", () => dialog.showModal()],
  ["/", () => (document.getElementById("search") ? document.getElementById("search").focus() : location.assign("/"))],
]);

/** Gives a key an action on this page. */
export function onKey(key, action) {
  keys.set(key, action);
}

document.getElementById("theme-button").addEventListener("click", switchTheme);
document.getElementById("shortcuts-button").addEventListener("click", () => dialog.showModal());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("weir-theme")));
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (event.target.closest("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const action = keys.get(event.key);
  if (!action) return;
  event.preventDefault();
  action();
});
