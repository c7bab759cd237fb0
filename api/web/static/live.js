// Improves the page: takes the new main section at each event, and says so when it hears nothing.
const SILENT_MS = 25000;
const sv = document.documentElement.lang === "sv";
let heard = Date.now();

async function renew() {
  const answer = await fetch(location.href, { headers: { "accept-language": document.documentElement.lang } });
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (!next) return;
  const main = document.querySelector("main");
  if (main.innerHTML !== next.innerHTML) main.innerHTML = next.innerHTML;
  heard = Date.now();
  document.body.classList.remove("stale");
}

const source = new EventSource("/v1/events");
source.addEventListener("status", () => renew().catch(() => {}));
setInterval(() => renew().catch(() => {}), 10000);
setInterval(() => {
  if (Date.now() - heard < SILENT_MS) return;
  document.querySelector("main").dataset.stale = sv
    ? "Ingen kontakt med Remissvakt. Läget är okänt: akuta, skicka och ring; övriga, vänta."
    : "No contact with Remissvakt. The state is unknown: urgent, send and ring; others, wait.";
  document.body.classList.add("stale");
}, 1000);
