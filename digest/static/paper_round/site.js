// The browser knows its time zone; without this script the form just does not say.
for (const field of document.querySelectorAll("input[name=time_zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}
