/** The address of this page at a second of the recording; read back by `secondOf`. */
export function linkTo(seconds: number): string {
  return `${location.origin}${location.pathname}?t=${Math.floor(seconds)}`;
}

/** The second the address asks for; null when it asks for none. */
export function secondOf(search: string): number | null {
  const value = new URLSearchParams(search).get('t');
  const seconds = value === null || value.trim() === '' ? Number.NaN : Number(value.replace(/^"|"$/g, ''));
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
