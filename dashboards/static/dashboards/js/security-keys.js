// Security keys and passkeys (WebAuthn): [data-security-key=make] forms register one, [data-security-key=use] forms
// prove it. The server's wishes stand in #key-options; the answer goes into the field `credential`.
(() => {
  const WORDS = {
    NotAllowedError: "That did not happen: it was cancelled, took too long, or this key is not yours. Try again.",
    InvalidStateError: "This key is already registered.",
    SecurityError: "Security keys work only at the address's name and over HTTPS; on one's own machine open http://localhost instead of a number.",
    NotSupportedError: "This browser or device cannot use security keys.",
  };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (credentials = []) => credentials.map((one) => ({ ...one, id: bytes(one.id) }));

  const make = ({ publicKey }) =>
    navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        user: { ...publicKey.user, id: bytes(publicKey.user.id) },
        excludeCredentials: known(publicKey.excludeCredentials),
      },
    });
  const prove = ({ publicKey }) =>
    navigator.credentials.get({
      publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) },
    });
  const asJson = ({ id, rawId, type, response, authenticatorAttachment }, extensions) => {
    const answer = { clientDataJSON: text(response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) answer[part] = text(response[part]);
    }
    if (response.getTransports) answer.transports = response.getTransports();
    return JSON.stringify({ id, rawId: text(rawId), type, response: answer, authenticatorAttachment, clientExtensionResults: extensions });
  };

  for (const form of document.querySelectorAll("form[data-security-key]")) {
    const trouble = form.querySelector("[data-key-trouble]");
    const button = form.querySelector("button[type=submit]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      trouble.hidden = true;
      button.disabled = true;
      try {
        if (!window.PublicKeyCredential) throw new DOMException("", isSecureContext ? "NotSupportedError" : "SecurityError");
        const options = JSON.parse(document.getElementById("key-options").textContent);
        const made = form.dataset.securityKey === "make";
        const key = made ? await make(options.creation_options) : await prove(options.request_options);
        form.elements.credential.value = asJson(key, key.getClientExtensionResults());
        form.submit();
      } catch (error) {
        trouble.textContent = WORDS[error.name] || "The browser could not talk to the key. Try again, or use another way.";
        trouble.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
