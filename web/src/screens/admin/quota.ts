/** What a person's recordings may take, as a form holds it. */
export interface Allowance {
  /** As the server's settings say for everybody, a limit of one's own, or no limit. */
  kind: 'everybody' | 'limit' | 'none';
  gigabytes: string;
}

const gigabyte = 1e9;

export function allowanceOf(bytes: number | null | undefined): Allowance {
  if (bytes === null || bytes === undefined) return { kind: 'everybody', gigabytes: '10' };
  if (bytes === 0) return { kind: 'none', gigabytes: '10' };
  return { kind: 'limit', gigabytes: String(bytes / gigabyte) };
}

/** What the server is told: null is as everybody, 0 is no limit. */
export function bytesOf({ kind, gigabytes }: Allowance): number | null {
  if (kind === 'everybody') return null;
  if (kind === 'none') return 0;
  // A limit below a byte would be none.
  return Math.max(1, Math.round(Number(gigabytes) * gigabyte));
}
