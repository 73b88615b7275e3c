// The browser knows its time zone; without this script the form just does not say.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
for (const guessed of document.querySelectorAll("input[name=guessed_zone]")) {
  guessed.value = zone;
  const typed = guessed.form.elements.time_zone;
  if (typed && !typed.value) typed.value = zone;
}
