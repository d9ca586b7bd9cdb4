// Goal: an upload survives a cut connection, a killed server and a reload of the page, and arrives whole.
// Method: bench/web/large_upload.mjs with a recording of eight pieces.
//   node tests/web/upload_test.mjs BIN_DIR
import { join } from 'node:path';
import { largeUpload } from '../../bench/web/large_upload.mjs';
import { Checks } from './harness.mjs';

const checks = new Checks();
try {
  const { seconds, passed } = await largeUpload(join(process.argv[2], 'transcriber'), 64 << 20, checks);
  console.log(`64 MiB in ${seconds.toFixed(1)} s, ${(passed / (64 << 20)).toFixed(2)} times its size sent`);
} catch (error) {
  checks.ok(false, `stopped by ${error.stack}`);
}
process.exit(checks.finish());
