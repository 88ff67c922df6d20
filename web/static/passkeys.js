// Passkeys: a form with data-passkey asks what is to be signed, lets the browser's own window ask its owner, and is sent.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

if (window.PublicKeyCredential) {
  document.querySelectorAll(".without-passkeys").forEach((note) => (note.hidden = true));
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      form.querySelector(".said-by-passkey").hidden = true;
      answer(form).catch(() => (form.querySelector(".said-by-passkey").hidden = false));
    });
  }
}

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

async function answer(form) {
  const asked = await fetch(form.dataset.ask, { method: "POST", headers: { "X-CSRFToken": form.elements.csrf_token.value } });
  if (!asked.ok) throw new Error(asked.status);
  const publicKey = await asked.json();
  publicKey.challenge = bytes(publicKey.challenge);
  for (const list of [publicKey.excludeCredentials, publicKey.allowCredentials]) list?.forEach((known) => (known.id = bytes(known.id)));
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  const made = form.dataset.passkey === "create" ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = text(made.response[part]);
  }
  form.elements.answer.value = JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
  form.submit();
}
