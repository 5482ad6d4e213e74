// Passkeys: ask the server what to ask the device, ask the device, send its answer back.
// A part of a page carries data-passkey ("new" or "sign-in") and the words for what goes wrong; it
// stays hidden where passkeys do not work.
"use strict";
(() => {
  const able =
    window.PublicKeyCredential &&
    PublicKeyCredential.parseCreationOptionsFromJSON &&
    PublicKeyCredential.parseRequestOptionsFromJSON;
  if (!able) return;

  class Said extends Error {}

  async function send(token, path, body, failed) {
    const response = await fetch(`/account/passkeys/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body),
    });
    if (response.redirected) {
      location.assign(response.url);
      return new Promise(() => {});
    }
    const json = (response.headers.get("content-type") || "").includes("json");
    const said = json ? await response.json() : {};
    if (!response.ok) throw new Said(said.error || failed);
    return said;
  }

  async function answer(token, kind, words) {
    const options = await send(token, `${kind}/options`, {}, words.failed);
    try {
      return kind === "new"
        ? await navigator.credentials.create({
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
          })
        : await navigator.credentials.get({
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
          });
    } catch (error) {
      throw new Said(error.name === "InvalidStateError" ? words.known : words.failed);
    }
  }

  for (const part of document.querySelectorAll("[data-passkey]")) {
    const button = part.querySelector("button");
    const problem = part.querySelector("[role=alert]");
    const token = part.querySelector("input[name=_csrf_token]").value;
    part.hidden = false;
    button.addEventListener("click", async () => {
      problem.hidden = true;
      button.disabled = true;
      try {
        const credential = await answer(token, part.dataset.passkey, part.dataset);
        const name = part.querySelector("input[name=name]");
        const filled = {
          credential: credential.toJSON(),
          name: name ? name.value : "",
          next: part.dataset.next || "",
        };
        const said = await send(token, part.dataset.passkey, filled, part.dataset.failed);
        location.assign(said.next);
      } catch (error) {
        problem.textContent = error instanceof Said ? error.message : part.dataset.failed;
        problem.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
