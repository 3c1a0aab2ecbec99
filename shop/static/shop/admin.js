/* Gives the admin's search boxes a name: select2 leaves an empty one without. */
function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete[aria-label]")) {
    const box = document.getElementById(`select2-${select.id}-container`);
    box?.setAttribute("aria-label", select.getAttribute("aria-label"));
  }
}
addEventListener("load", nameBoxes);
document.addEventListener("formset:added", () => setTimeout(nameBoxes));
