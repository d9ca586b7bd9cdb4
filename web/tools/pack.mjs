// Joins the built files for embedding:
//   node tools/pack.mjs OUT [/address=file ...]    writes OUT/site.bin and OUT/site_table.cc
// Takes all of dist/ and the files named in addition. Each is there as it is and, where that makes it
// smaller by a tenth, compressed by gzip and brotli.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [out, ...more] = process.argv.slice(2);
const dist = new URL('../dist', import.meta.url).pathname;

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.flac': 'audio/flac',
};

function walk(folder, prefix) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path, `${prefix}/${name}`) : [[`${prefix}/${name}`, path]];
  });
}

const files = [...walk(dist, ''), ...more.map((pair) => pair.split('='))];
// Browsers that know no manifest ask for this address whatever the page says.
files.push(['/favicon.ico', join(dist, 'favicon.svg')]);
files.sort(([a], [b]) => (a < b ? -1 : 1));

const parts = [];
let size = 0;
function add(bytes) {
  const at = size;
  parts.push(bytes);
  size += bytes.length;
  return `{kSite + ${at}, ${bytes.length}}`;
}

const rows = files.map(([address, path]) => {
  const type = types[extname(path)];
  if (!type) throw new Error(`${path}: no content type is known for it`);
  const plain = readFileSync(path);
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 32);
  const worth = (bytes) => (bytes.length < plain.length * 0.9 ? add(bytes) : '{}');
  const row = [
    JSON.stringify(address),
    JSON.stringify(type),
    JSON.stringify(hash),
    add(plain),
    worth(gzipSync(plain, { level: 9 })),
    worth(brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })),
  ];
  return `    {${row.join(',\n     ')}},`;
});

writeFileSync(join(out, 'site.bin'), Buffer.concat(parts));
writeFileSync(
  join(out, 'site_table.cc'),
  `// Made by web/tools/pack.mjs. Do not edit.
#include "service/web/embedded_file.h"

extern "C" const char wt_web_site_bytes[];

namespace wt::web {
namespace {

const char* const kSite = wt_web_site_bytes;
const EmbeddedFile kFiles[] = {
${rows.join('\n')}
};

}  // namespace

std::span<const EmbeddedFile> EmbeddedSite() { return kFiles; }

}  // namespace wt::web
`,
);
console.log(`web: ${files.length} files, ${size} bytes`);
