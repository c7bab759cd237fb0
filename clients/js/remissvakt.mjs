// Reference client of Remissvakt's clinic status: Node 20 and browsers, no dependencies. Rules R3-R7.
// An answer is believed for as long as it says, counted from the moment of asking, if it is not older
// than one already seen. What is not wholly understood is no answer. Doubt never ends an outage, and
// a recovery in doubt is handled as if nothing were known.

export const SCHEMA = "se.remissvakt.clinic/1";
const STATES = new Set(["normal", "degraded", "outage", "recovering", "maintenance", "unknown"]);
const WAYS = new Set(["electronic", "electronic_and_phone", "paper_and_fax", "hold"]);
const URGENCIES = ["very_urgent", "urgent", "non_urgent"];
const IN_DOUBT = Object.freeze({
  very_urgent: "electronic_and_phone", urgent: "electronic_and_phone", non_urgent: "hold",
});
const MOST_VALID_S = 300;
const MOST_BYTES = 1024 * 1024;
const CALL_AFTER_S = 300;
const SLEPT_MS = 5000;

/** Decides from answers and monotonic seconds; no I/O. */
export class Judge {
  #clinic; #card; #kept = null;
  /** From when nothing better than `unknown` is known; Infinity: an outage stands. */
  #doubtSince;

  /** `card`: what the printed card says. It must not come from the network. */
  constructor(clinic, now, card = "") {
    this.#clinic = clinic; this.#doubtSince = now; this.#card = card;
  }

  /** Take a response to a question asked at `asked`; false if it is no answer. */
  heard(status, contentType, validFor, body, asked) {
    const valid = number(validFor);
    if (valid === null || valid <= 0 || valid > MOST_VALID_S) return false;
    if (status !== 200 || !(contentType ?? "").startsWith("application/json")) return false;
    const found = this.#read(body);
    if (found === null) return false;
    const claimed = number(found.valid_for_s);
    if (claimed === null || claimed <= 0) return false;
    const kept = this.#kept;
    if (kept !== null && (found.epoch < kept.epoch
      || (found.epoch === kept.epoch && found.revision < kept.revision))) return false;
    const until = asked + Math.min(valid, claimed, MOST_VALID_S);
    const mannedUntil = Math.max(until, asked + left(found, claimed));
    this.#kept = { epoch: found.epoch, revision: found.revision, document: found, until, mannedUntil };
    this.#doubtSince = found.state === "unknown" ? Math.min(this.#doubtSince, asked)
      : found.state === "outage" ? Infinity : until;
    return true;
  }

  /** What to do at `now`: {state, workflow, stale, document, callNow, card}. */
  advice(now) {
    const kept = this.#kept;
    const callNow = now - this.#doubtSince >= CALL_AFTER_S;
    if (kept !== null) {
      const fresh = now < kept.until;
      const stands = kept.document.state === "outage";
      if (!fresh && stands && now >= kept.mannedUntil) {
        // the outage stands, but whoever was at that fax may have gone home
        return {
          state: kept.document.state, workflow: { ...kept.document.workflow }, stale: true,
          document: null, callNow: true, card: this.#card,
        };
      }
      if (fresh || stands) {
        return {
          state: kept.document.state, workflow: { ...kept.document.workflow }, stale: !fresh,
          document: kept.document, callNow, card: callNow ? this.#card : "",
        };
      }
      if (kept.document.state === "recovering") {
        return {
          state: "recovering", workflow: { ...IN_DOUBT }, stale: true, document: null, callNow,
          card: this.#card,
        };
      }
    }
    return {
      state: "unknown", workflow: { ...IN_DOUBT }, stale: false, document: null, callNow,
      card: this.#card,
    };
  }

  #read(body) {
    if (body.length > MOST_BYTES) return null;
    let found;
    try { found = JSON.parse(body); } catch { return null; }
    if (found === null || typeof found !== "object" || found.schema !== SCHEMA) return null;
    if (found.clinic !== this.#clinic && found.hsa_id !== this.#clinic) return null;
    const way = found.workflow;
    const understood = STATES.has(found.state) && way !== null && typeof way === "object"
      && URGENCIES.every((urgency) => WAYS.has(way[urgency]))
      && Number.isInteger(found.epoch) && Number.isInteger(found.revision);
    return understood ? found : null;
  }
}

/** One clinic's client: `poll()` each 15 s, `advice()` whenever a referral is sent. */
export class Client {
  #url; #judge; #totalMs; #sandbox;
  #clock = new Clock();

  /**
   * `card`: what the printed card says, kept on this machine for when nothing else answers.
   * `sandbox`: believe a sandbox too; never so where patients are.
   */
  constructor(url, clinic, { totalS = 5, card = "", sandbox = false } = {}) {
    this.#sandbox = sandbox;
    this.#url = `${url.replace(/\/$/, "")}/v1/clinics/${encodeURIComponent(clinic)}/status`;
    this.#judge = new Judge(clinic, this.#clock.now(), card);
    this.#totalMs = totalS * 1000;
  }

  async poll() {
    const asked = this.#clock.now();
    try {
      const response = await fetch(this.#url, {
        redirect: "manual", cache: "no-store", headers: { accept: "application/json" },
        signal: AbortSignal.timeout(this.#totalMs),
      });
      if (response.headers.has("remissvakt-sandbox") && !this.#sandbox) return false;
      const body = await response.text();
      return this.#judge.heard(
        response.status, response.headers.get("content-type"),
        response.headers.get("remissvakt-valid-for"), body, asked,
      );
    } catch { return false; }
  }

  advice() { return this.#judge.advice(this.#clock.now()); }
}

/** For how many seconds, from the answer on, its faxes and telephones are as it says. */
function left(found, validS) {
  if (found.changes_at === null || found.changes_at === undefined) return Infinity;
  const seconds = (Date.parse(found.changes_at) - Date.parse(found.valid_until)) / 1000 + validS;
  return Number.isFinite(seconds) ? seconds : 0;
}

/** Monotonic seconds that go on while the machine sleeps, which performance.now() may not. */
class Clock {
  #slept = 0; #perf = performance.now(); #wall = Date.now();

  now() {
    const perf = performance.now(), wall = Date.now();
    const more = (wall - this.#wall) - (perf - this.#perf);
    if (more > SLEPT_MS) this.#slept += more; // or the clock was set forward: too old is the safe side
    this.#perf = perf; this.#wall = wall;
    return (perf + this.#slept) / 1000;
  }
}

function number(value) {
  if (typeof value === "string" && value.trim() === "") return null;
  if (typeof value !== "string" && typeof value !== "number") return null;
  const found = Number(value);
  return Number.isFinite(found) ? found : null;
}
