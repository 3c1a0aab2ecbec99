/* Shows a chosen picture as it will look, and says at once if its file is too large.

   input[type=file][data-preview="id"]   Its picture is drawn into the element of that id;
     data-most-bytes, data-too-large     the limit, and the sentence for what is above it.

   Nothing needs it: without script the picture is seen after it was sent. */

const SIDE = 256;

async function drawn(file) {
  const bitmap = await createImageBitmap(file);
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  canvas.className = "person person--large";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The picture you have chosen");
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  const into = canvas.getContext("2d");
  into.fillStyle = "#fff";
  into.fillRect(0, 0, SIDE, SIDE);
  into.imageSmoothingQuality = "high";
  into.drawImage(bitmap, left, top, side, side, 0, 0, SIDE, SIDE);
  bitmap.close();
  return canvas;
}

function problem(input, sentence) {
  const id = `${input.id}_too_large`;
  document.getElementById(id)?.remove();
  input.removeAttribute("aria-invalid");
  if (!sentence) return;
  const words = document.createElement("p");
  words.id = id;
  words.className = "field__error";
  words.setAttribute("role", "alert");
  words.textContent = sentence;
  input.before(words);
  input.setAttribute("aria-invalid", "true");
}

async function show(input) {
  const place = document.getElementById(input.dataset.preview);
  const words = document.getElementById(`${input.dataset.preview}-words`);
  const file = input.files[0];
  if (!file || !place) return;
  const isLarge = file.size > Number(input.dataset.mostBytes);
  problem(input, isLarge ? input.dataset.tooLarge : "");
  if (isLarge) return;
  try {
    place.replaceChildren(await drawn(file));
    if (words) words.textContent = "This is how it will look.";
  } catch {
    /* Not a picture this browser can draw: the server will say what is wrong. */
  }
}

for (const input of document.querySelectorAll("input[type=file][data-preview]"))
  input.addEventListener("change", () => show(input));
