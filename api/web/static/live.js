// Improves the page: takes the new main section at each event, and says so when it hears nothing.
// What was asked for longest ago is the oldest, whenever its answer comes; age counts from asking.
const SILENT_MS = 25000, ANSWER_MS = 8000, SLEPT_MS = 5000;
let shown = performance.now(), seen = shown, wall = Date.now(), slept = 0;

// performance.now() may stand still while the machine sleeps; a clock set forward is a sleep to us
function now() {
  const perf = performance.now(), date = Date.now();
  const more = (date - wall) - (perf - seen);
  if (more > SLEPT_MS) slept += more;
  wall = date; seen = perf;
  return perf + slept;
}

async function renew() {
  const began = now();
  const answer = await fetch(location.href, {
    headers: { "accept-language": document.documentElement.lang }, signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (!next || began < shown) return;
  const main = document.querySelector("main");
  if (main.innerHTML !== next.innerHTML) main.innerHTML = next.innerHTML;
  shown = began;
  age();
}

function age() {
  const told = document.querySelector("[data-valid-s]");
  const most = told ? Math.min(SILENT_MS, Number(told.dataset.validS) * 1000) : SILENT_MS;
  document.body.classList.toggle("stale", now() - shown >= most);
}

document.body.classList.add("live");
const source = new EventSource("/v1/events");
source.addEventListener("status", () => renew().catch(() => {}));
setInterval(() => renew().catch(() => {}), 10000);
setInterval(age, 1000);
