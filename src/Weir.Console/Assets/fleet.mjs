// Keeps the fleet table fresh: the server renders it, this only swaps it in.

const refreshMs = 2000;
const fleet = document.getElementById("fleet");

async function refresh() {
  // Not while somebody is about to click, or the page is hidden.
  if (!document.hidden && !fleet.contains(document.activeElement)) {
    try {
      const response = await fetch(fleet.dataset.url);
      if (response.ok) fleet.innerHTML = await response.text();
    } catch {
      // The server is away; the ages shown say so soon enough, and the next try follows.
    }
  }
  setTimeout(refresh, refreshMs);
}

setTimeout(refresh, refreshMs);
