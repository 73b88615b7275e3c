// One judge over all cases: `node judge.mjs JUDGE CASES.json` prints a JSON object with its findings.
// A case is {name, source}: a whole HTML document, or for `mjml` a whole MJML document.

import { readFileSync } from "node:fs";

const judges = { "html-validate": htmlValidate, caniemail, mjml };

async function htmlValidate(cases) {
  const { HtmlValidate, StaticConfigLoader } = await import("html-validate");
  const presets = ["recommended", "a11y", "document"].map((name) => `html-validate:${name}`);
  const judge = new HtmlValidate(new StaticConfigLoader({ root: true, extends: presets }));
  const findings = [];
  for (const { name, source } of cases) {
    const { results } = await judge.validateString(source, name);
    for (const { ruleId: rule, line, message } of results.flatMap((result) => result.messages))
      findings.push({ case: name, rule, line, message });
  }
  return { findings };
}

async function caniemail(cases) {
  const library = await import("caniemail");
  // Outlook.com is in its data, but not in its list of names.
  const { clientNames } = await import("./node_modules/caniemail/dist/clients.js");
  clientNames.push("outlook.outlook-com");
  const clients = ["gmail.*", "apple-mail.*", "outlook.outlook-com", "yahoo.*"];
  const findings = [];
  for (const { name, source } of cases) {
    // It looks for parts of names, and finds `transform` in what MJML writes into every button.
    const { issues } = library.caniemail({ clients, html: source.replaceAll("text-transform", "text-case") });
    for (const [client, found] of issues.errors)
      for (const { title: rule, position } of found)
        findings.push({ case: name, rule, line: position?.start.line ?? 0, message: `not in ${client}` });
  }
  return { findings, features: library.rawData.data.map(({ title }) => title) };
}

async function mjml(cases) {
  const { default: compile } = await import("mjml");
  const findings = [];
  const compiled = {};
  for (const { name, source } of cases) {
    const { html, errors } = await compile(source, { validationLevel: "soft", fonts: {} });
    compiled[name] = html;
    for (const { tagName: rule, line, message } of errors) findings.push({ case: name, rule, line, message });
  }
  return { findings, compiled };
}

const [name, path] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await judges[name](JSON.parse(readFileSync(path, "utf8")))));
