// The API's pages: reads /openapi.json from this server and nothing else, shows every operation and
// sends requests. No value of the document is ever used as markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
// What a newcomer looks for comes first; other groups follow as the document has them.
const FIRST = ["openai", "jobs", "results", "uploads", "accounts"];
const RESPONSE_CHARACTERS_MAX = 200000;

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") node.textContent = value;
    else if (value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child));
  return node;
}

function resolve(document_, schema) {
  if (!schema || !schema.$ref) return schema || {};
  return document_.components.schemas[schema.$ref.split("/").pop()] || {};
}

/** A value that the schema accepts, to start from. */
function example(document_, schema, depth = 0) {
  const plain = resolve(document_, schema);
  if (plain.examples) return plain.examples[0];
  if (plain.default !== undefined) return plain.default;
  if (plain.enum) return plain.enum[0];
  const type = Array.isArray(plain.type) ? plain.type[0] : plain.type;
  if (type === "object" && depth < 5) {
    const names = plain.required || Object.keys(plain.properties || {}).slice(0, 4);
    return Object.fromEntries(names.map((n) => [n, example(document_, (plain.properties || {})[n], depth + 1)]));
  }
  if (type === "array") return plain.minItems ? [example(document_, plain.items, depth + 1)] : [];
  if (type === "integer" || type === "number") return plain.minimum || 0;
  if (type === "boolean") return false;
  return type === "null" ? null : "";
}

function parameterField(parameter) {
  const input = element("input", { "data-in": parameter.in, name: parameter.name, required: parameter.required,
    placeholder: parameter.description || "" });
  return element("label", { text: parameter.name + (parameter.required ? " *" : "") }, input);
}

function multipartFields(document_, schema) {
  const properties = resolve(document_, schema).properties || {};
  return Object.entries(properties).map(([name, property]) => {
    const file = property.format === "binary";
    return element("label", { text: name },
      element("input", { type: file ? "file" : "text", "data-in": "part", name, placeholder: property.description || "" }));
  });
}

function makeRequest(path, method, fields, type, json) {
  let target = path;
  const query = new URLSearchParams();
  const parts = new FormData();
  for (const field of fields) {
    if (field.dataset.in === "path") target = target.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.dataset.in === "query" && field.value) query.append(field.name, field.value);
    else if (field.dataset.in === "part" && field.type === "file") [...field.files].forEach((f) => parts.append(field.name, f));
    else if (field.dataset.in === "part" && field.value) parts.append(field.name, field.value);
  }
  const options = { method: method.toUpperCase(), headers: { "X-Requested-With": "docs" } };
  const token = document.getElementById("token").value.trim();
  if (token) options.headers.Authorization = `Bearer ${token}`;
  if (type === "multipart/form-data") options.body = parts;
  if (type === "application/x-www-form-urlencoded") options.body = new URLSearchParams([...parts]);
  if (type === "application/json" && json.value.trim()) {
    options.body = json.value;
    options.headers["Content-Type"] = type;
  }
  return [query.size ? `${target}?${query}` : target, options];
}

async function show(response, started, output) {
  const type = response.headers.get("content-type") || "";
  let text = await response.text();
  if (type.includes("json")) {
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* Shown as it came. */ }
  }
  const shown = text.length > RESPONSE_CHARACTERS_MAX ? text.slice(0, RESPONSE_CHARACTERS_MAX) + "\n…" : text;
  output.textContent = `${response.status} · ${Math.round(performance.now() - started)} ms · ${type}\n\n${shown}`;
}

/** What a good answer looks like, folded away. */
function replyExample(operation) {
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  const media = Object.values((good && good[1].content) || {}).find((m) => m.example !== undefined);
  if (!media) return null;
  return element("details", {}, element("summary", {}, element("span", { text: `Example of ${good[0]}` })),
    element("pre", { tabindex: "0", text: JSON.stringify(media.example, null, 2) }));
}

function operationBody(document_, path, method, operation) {
  const content = Object.entries((operation.requestBody || {}).content || {})[0] || [];
  const [type, media] = content;
  const form = element("form", { class: "body" });
  if (operation.description) form.append(element("p", { class: "note", text: operation.description }));
  if (operation["x-permission"]) form.append(element("p", { class: "note", text: `Needs: ${operation["x-permission"]}` }));
  if (operation["x-rate-limit"] && operation["x-rate-limit"] !== "none") {
    form.append(element("p", { class: "note", text: `Limit: ${operation["x-rate-limit"]}` }));
  }
  const grid = element("div", { class: "grid" });
  (operation.parameters || []).forEach((p) => grid.append(parameterField(p)));
  if (type === "multipart/form-data" || type === "application/x-www-form-urlencoded") {
    grid.append(...multipartFields(document_, media.schema));
  }
  const json = element("textarea", { "aria-label": "JSON body", spellcheck: "false" });
  if (type === "application/json") json.value = JSON.stringify(media.example ?? example(document_, media.schema), null, 2);
  const send = element("button", { type: "submit", text: "Send" });
  const output = element("pre", { hidden: true, tabindex: "0", "aria-label": "Response" });
  const answers = Object.keys(operation.responses).join(" · ");
  form.append(grid, ...(type === "application/json" ? [json] : []),
    element("p", { class: "note", text: `Answers: ${answers}` }), replyExample(operation) ?? "", element("div", {}, send), output);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [target, options] = makeRequest(path, method, [...form.querySelectorAll("[data-in]")], type, json);
    send.disabled = true;
    output.hidden = false;
    output.textContent = `${options.method} ${target} …`;
    try {
      const started = performance.now();
      await show(await fetch(target, options), started, output);
    } catch (error) {
      output.textContent = `The request failed: ${error.message}. Is the server still running?`;
    } finally {
      send.disabled = false;
    }
  });
  return form;
}

function operationEntry(document_, path, method, operation) {
  const entry = element("details", { class: operation.deprecated ? "deprecated" : undefined },
    element("summary", {}, element("span", { class: `method ${method}`, text: method.toUpperCase() }),
      element("code", { text: path }), element("span", { text: operation.summary })));
  entry.dataset.words = `${method} ${path} ${operation.summary} ${operation.tags}`.toLowerCase();
  // Filled when it is opened for the first time: there are hundreds.
  entry.addEventListener("toggle", () => {
    if (entry.open && entry.children.length === 1) entry.append(operationBody(document_, path, method, operation));
  });
  return entry;
}

function render(document_) {
  document.getElementById("about").textContent = `Version ${document_.info.version}. ${document_.info.description}`;
  const groups = new Map();
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const method of METHODS.filter((m) => methods[m])) {
      const operation = methods[method];
      const tag = operation.deprecated ? "other names" : operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operationEntry(document_, path, method, operation));
    }
  }
  const rank = (tag) => FIRST.includes(tag) ? FIRST.indexOf(tag) : tag === "other names" ? FIRST.length + 1 : FIRST.length;
  const names = [...groups.keys()].sort((a, b) => rank(a) - rank(b));
  const sections = names.map((tag) => element("section", {}, element("h2", { text: tag }), ...groups.get(tag)));
  document.getElementById("operations").replaceChildren(...sections);
}

function filter(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of document.querySelectorAll("section")) {
    let any = false;
    for (const entry of section.querySelectorAll(":scope > details")) {
      entry.hidden = !words.every((word) => entry.dataset.words.includes(word));
      any = any || !entry.hidden;
    }
    section.hidden = !any;
  }
}

document.addEventListener("DOMContentLoaded", async () => {
  document.getElementById("access").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("find").addEventListener("input", (event) => filter(event.target.value));
  try {
    render(await (await fetch("/openapi.json")).json());
  } catch (error) {
    document.getElementById("about").textContent = `The API's document cannot be read: ${error.message}`;
  }
});
