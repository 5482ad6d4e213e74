// Keeps the pages that a reader has seen, so that they open again without a network. The server
// says which may be kept: those that allow `stale-if-error` (RFC 5861). Pages with forms to send
// and pages of people who are signed in never do.
"use strict";
const PAGES = "pages";
const FILES = "files";
const MOST_PAGES = 60;
const PATIENCE = 5000; // milliseconds, after which a page that was kept is shown instead
const SIGN_OUT = "/account/sign-out";
const SILENT = [502, 503, 504]; // the site is down, says whoever stands before it
const GONE = [404, 410];
const ANYHOW = { ignoreVary: true };

addEventListener("install", (event) => event.waitUntil(setUp()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname === SIGN_OUT) event.waitUntil(caches.delete(PAGES));
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(event));
});

async function setUp() {
  // Without cookies: nothing about a person stands on the offline page.
  const answers = await Promise.all(SHELL.map((address) => fetch(address, { credentials: "omit" })));
  if (!answers.every((answer) => answer.ok)) throw new Error("A file of the offline page is missing.");
  const files = await caches.open(FILES);
  for (let i = 0; i < SHELL.length; i++) await putFile(files, SHELL[i], answers[i]);
  await skipWaiting();
}

async function takeOver() {
  await clients.claim();
  // The page that brought this worker was there first. The browser still has it: no new request.
  const open = await clients.matchAll({ type: "window" });
  await Promise.all(open.map(async ({ url }) => {
    const options = { cache: "only-if-cached", mode: "same-origin" };
    await fetch(url, options).then((answer) => note(url, answer)).catch(() => {});
  }));
}

// Pages: from the network; from what was kept when that fails or takes too long.

async function page(event) {
  const address = event.request.url;
  const fresh = fetch(event.request);
  event.waitUntil(fresh.then((answer) => note(address, answer)).catch(() => {}));
  const good = fresh.then((answer) => SILENT.includes(answer.status) ? null : answer, () => null);
  const copy = await find(address);
  const answer = await (copy ? Promise.race([good, pause(PATIENCE)]) : good);
  if (answer) return answer;
  if (copy) return dated(copy);
  return fresh.catch(async () => (await offlinePage()) || Response.error());
}

async function offlinePage() {
  const files = await caches.open(FILES);
  return files.match("/offline", { ignoreSearch: true, ...ANYHOW });
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(() => resolve(null), milliseconds));
}

function note(address, answer) {
  const allowed = (answer.headers.get("cache-control") || "").includes("stale-if-error");
  if (answer.status === 200 && allowed) return keep(withoutHash(address), answer.clone());
  if (GONE.includes(answer.status)) return forget(withoutHash(address));
}

async function keep(address, answer) {
  const text = await answer.text();
  const headers = new Headers(answer.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  headers.set("x-kept", new Date().toISOString());
  headers.set("x-title", encodeURIComponent((/<title>([^<]*)/.exec(text) || ["", address])[1]));
  const pages = await caches.open(PAGES);
  await pages.delete(address, ANYHOW);
  await pages.put(address, new Response(text, { headers }));
  const kept = await pages.keys(); // in the order in which they were put
  const old = kept.slice(0, Math.max(0, kept.length - MOST_PAGES));
  await Promise.all(old.map((request) => pages.delete(request, ANYHOW)));
}

async function forget(address) {
  const pages = await caches.open(PAGES);
  await pages.delete(address, ANYHOW);
}

async function find(address) {
  const pages = await caches.open(PAGES);
  const kept = (await pages.keys()).reverse();
  const found = kept.find((request) => request.url === withoutHash(address))
    || kept.find((request) => withoutList(request.url) === withoutList(address));
  return found && pages.match(found, ANYHOW);
}

async function dated(copy) {
  // The script of the page reads the date and says it.
  const text = (await copy.text()).replace("<html ", `<html data-kept="${copy.headers.get("x-kept")}" `);
  return new Response(text, { headers: copy.headers });
}

function withoutHash(address) {
  return address.split("#")[0];
}

function withoutList(address) {
  // An entry is the same whichever shortlist is carried along; these pages are about the list.
  const url = new URL(withoutHash(address));
  if (!/^\/(shortlist|compare|match)/.test(url.pathname)) url.searchParams.delete("entry");
  return url.href;
}

// Files: their address says what is in them, so that a kept one is right. One of each name stays.

async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request.url, ANYHOW);
  if (kept) return kept;
  try {
    const answer = await fetch(request);
    const lasts = (answer.headers.get("cache-control") || "").includes("immutable");
    if (answer.ok && lasts) await putFile(files, request.url, answer.clone());
    return answer;
  } catch (error) {
    // A page that was kept before a release asks for its files as they were then.
    const other = await files.match(request.url, { ignoreSearch: true, ...ANYHOW });
    if (other) return other;
    throw error;
  }
}

async function putFile(files, address, answer) {
  await files.delete(address, { ignoreSearch: true, ...ANYHOW });
  await files.put(address, answer);
}
