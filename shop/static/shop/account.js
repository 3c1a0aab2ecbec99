/* Account pages: passwords can be shown, and passkeys work.
   Nothing needs it but passkeys themselves.

   input[data-password]        Gets a button that shows what was typed.
   form#passkey-form           data-passkey is the name of django-allauth's form of that
                               kind, data-passkey-role what its button is called there;
                               data-passkey-credential and -passwordless are ids. */

for (const input of document.querySelectorAll("input[data-password]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.textContent = "Show the password";
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? "Show the password" : "Hide the password";
  });
  input.after(button);
  input.form.addEventListener("submit", () => (input.type = "password"));
}

const passkeys = document.getElementById("passkey-form");
const can = "PublicKeyCredential" in window;

if (passkeys && can && window.allauth) {
  const { passkey, passkeyRole, passkeyCredential, passkeyPasswordless } = passkeys.dataset;
  const ids = { [passkeyRole]: "passkey-button", credential: passkeyCredential };
  if (passkeyPasswordless) ids.passwordless = passkeyPasswordless;
  if (document.getElementById("js_data")) ids.data = "js_data";
  window.allauth.webauthn.forms[passkey]({ ids });
} else if (passkeys) {
  complain("This browser has no passkeys.");
}

function complain(words) {
  const error = document.getElementById("passkey-error");
  if (!error) return;
  error.hidden = false;
  error.textContent = words;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  complain("That did not work, or it was stopped. Please try again.");
});
