// While somebody types keywords, their form shows what these would have brought. Only the fields named
// here are sent, and no cookies: the address stays in the form.
const ASKED = ["keywords", "size", "thin_day"];
const PAUSE = 400;

for (const form of document.querySelectorAll("form[data-preview]")) {
  const result = form.querySelector("[data-preview-result]");
  const button = form.querySelector("[data-preview-now]");
  let timer;
  let last = new AbortController();

  const show = async () => {
    clearTimeout(timer);
    last.abort();
    const mine = (last = new AbortController());
    const body = new URLSearchParams();
    for (const name of ASKED) {
      if (form.elements[name]) body.set(name, form.elements[name].value);
    }
    result.setAttribute("aria-busy", "true");
    try {
      // Without a cookie the address has to say which language this page is in.
      const response = await fetch(`${form.dataset.preview}?lang=${document.documentElement.lang}`, {
        method: "POST",
        body,
        headers: { "X-Fragment": "1" },
        credentials: "omit",
        // The address of the page may hold a token.
        referrerPolicy: "no-referrer",
        signal: mine.signal,
      });
      const text = await response.text();
      // Over the limit or a keyword too long: these are told as well. A fault of ours is none of theirs.
      if (mine === last && response.status < 500) {
        result.innerHTML = text;
        // As high as it has been, so that what follows the form does not go up and down with every word.
        result.style.minHeight = `${result.offsetHeight}px`;
      }
    } catch {
      // Cancelled for a newer one, or offline: what stands there stays.
    }
    if (mine === last) result.removeAttribute("aria-busy");
  };

  form.addEventListener("input", (event) => {
    if (!ASKED.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  button?.addEventListener("click", (event) => {
    event.preventDefault();
    show();
  });
}
