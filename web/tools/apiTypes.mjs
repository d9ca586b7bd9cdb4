// Writes src/api/schema.d.ts from the server's OpenAPI document, without aliases and error replies:
//   node tools/apiTypes.mjs OPENAPI.json           writes the file
//   node tools/apiTypes.mjs OPENAPI.json --check   exit status 1 when the file is out of date
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const target = new URL('../src/api/schema.d.ts', import.meta.url);
const document = JSON.parse(readFileSync(process.argv[2], 'utf8'));

// An alias is the same route under an old path: its operation's name ends in a hash, or the path
// without one is known already.
const aliasName = /_[0-9a-f]{8}$/;
for (const [path, operations] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(operations)) {
    if (aliasName.test(operation.operationId ?? '')) {
      delete operations[method];
      continue;
    }
    for (const status of Object.keys(operation.responses ?? {})) {
      if (!status.startsWith('2')) delete operation.responses[status];
      else delete operation.responses[status].headers;
    }
  }
  if (Object.keys(operations).length === 0) delete document.paths[path];
}

const text = `// Made by tools/apiTypes.mjs from the server's OpenAPI document. Do not edit.\n${astToString(
  await openapiTS(document),
)}`;
if (process.argv[3] === '--check') {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('src/api/schema.d.ts is out of date: run node tools/apiTypes.mjs OPENAPI.json');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
