// What can be known of a file before it is sent: its length, whether it is a recording at all, and a
// fingerprint by which the same file is recognised.

/** Seconds; null where this browser cannot read the format (the server may still). */
export function probeSeconds(file: Blob): Promise<number | null> {
  const timeoutMs = 8_000;
  return new Promise((resolve) => {
    const url = URL.createObjectURL(file);
    const video = file.type.startsWith('video/');
    const element = document.createElement(video ? 'video' : 'audio');
    let timer = 0;
    const finish = (seconds: number | null) => {
      clearTimeout(timer);
      element.removeAttribute('src');
      URL.revokeObjectURL(url);
      resolve(seconds !== null && Number.isFinite(seconds) && seconds > 0 ? seconds : null);
    };
    timer = window.setTimeout(() => finish(null), timeoutMs);
    element.preload = 'metadata';
    element.onloadedmetadata = () => {
      if (element.duration !== Number.POSITIVE_INFINITY) return finish(element.duration);
      // Recordings of browsers have no length in their head; a jump to the end finds it.
      element.ondurationchange = () => {
        if (Number.isFinite(element.duration)) finish(element.duration);
      };
      element.currentTime = 1e9;
      return undefined;
    };
    element.onerror = () => finish(null);
    element.src = url;
  });
}

export type Kind = 'audio' | 'video' | 'unknown' | 'other';

const audioEndings = /\.(aac|ac3|aif|aiff|amr|ape|au|caf|dts|flac|gsm|m4a|m4b|mka|mp2|mp3|oga|ogg|opus|ra|spx|tta|voc|wav|wma|wv)$/i;
const videoEndings = /\.(3g2|3gp|asf|avi|flv|m2ts|m4v|mkv|mov|mp4|mpeg|mpg|mts|mxf|ogv|ts|vob|webm|wmv)$/i;
const otherEndings = /\.(bmp|csv|css|docx?|exe|gif|html?|jpe?g|js|json|md|pdf|png|pptx?|py|rtf|srt|svg|tsv|txt|vtt|webp|xlsx?|xml|zip|tar|gz|7z|ini|log|db)$/i;

/** By type and ending; `unknown` may well be a recording and is not refused. */
export function kindOf(name: string, type: string): Kind {
  if (type.startsWith('audio/')) return 'audio';
  if (type.startsWith('video/') && !otherEndings.test(name)) return 'video';
  if (audioEndings.test(name)) return 'audio';
  if (videoEndings.test(name)) return 'video';
  if (type.startsWith('text/') || type.startsWith('image/') || otherEndings.test(name)) return 'other';
  return 'unknown';
}

/** cyrb53 by bryc (public domain): 53 bits, good enough to tell files apart, not a checksum. */
export function hash53(bytes: Uint8Array, seed = 0): string {
  let h1 = 0xdeadbeef ^ seed;
  let h2 = 0x41c6ce57 ^ seed;
  for (const byte of bytes) {
    h1 = Math.imul(h1 ^ byte, 2654435761);
    h2 = Math.imul(h2 ^ byte, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return (4294967296 * (2097151 & h2) + (h1 >>> 0)).toString(16).padStart(14, '0');
}

/** Size and 64 KiB each of beginning, middle and end. */
export async function fingerprint(file: Blob): Promise<string> {
  const piece = 64 << 10;
  const places = [0, Math.max(0, Math.floor(file.size / 2)), Math.max(0, file.size - piece)];
  const parts = await Promise.all(places.map((at) => file.slice(at, at + piece).arrayBuffer()));
  return `${file.size}-${parts.map((part) => hash53(new Uint8Array(part))).join('-')}`;
}
