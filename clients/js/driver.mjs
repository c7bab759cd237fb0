// Lets the conformance kit run this client: node driver.mjs URL CLINIC TOTAL_S; lines `poll` or `show` in,
// one line of JSON out for each.
import { createInterface } from "node:readline";
import { Client } from "./remissvakt.mjs";

const [url, clinic, total] = process.argv.slice(2);
const client = new Client(url, clinic, { totalS: Number(total) });
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "poll") await client.poll();
  const { state, workflow, stale } = client.advice();
  process.stdout.write(`${JSON.stringify({ state, workflow, stale })}\n`);
}
