// The icons of the page: 24 × 24, drawn with a line of 1.75. Decorative: the text beside or the
// button's label says what it means.
import { cx } from './cx';

const paths = {
  library: 'M4 5.5h16M4 12h16M4 18.5h10',
  plus: 'M12 5v14M5 12h14',
  settings:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM9 19.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z',
  admin: 'M12 3l7.5 2.8v5.7c0 4.3-3 7.8-7.5 9.5-4.5-1.7-7.5-5.2-7.5-9.5V5.8zM9 12l2.2 2.2L15.3 10',
  code: 'M8.5 7.5L4 12l4.5 4.5M15.5 7.5L20 12l-4.5 4.5',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.3a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.2 1-1.2 1.9M12 16.7v.1',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20.5 20.5L16 16',
  upload: 'M12 15.5V4.5M7.5 8.5L12 4l4.5 4.5M4.5 15v3.5a1.5 1.5 0 0 0 1.5 1.5h12a1.5 1.5 0 0 0 1.5-1.5V15',
  download: 'M12 4v11M7.5 11L12 15.5l4.5-4.5M4.5 15v3.5a1.5 1.5 0 0 0 1.5 1.5h12a1.5 1.5 0 0 0 1.5-1.5V15',
  mic: 'M12 15a3.5 3.5 0 0 0 3.5-3.5v-5a3.5 3.5 0 0 0-7 0v5A3.5 3.5 0 0 0 12 15zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  stop: 'M7 7h10v10H7z',
  play: 'M8 5.5v13l10.5-6.5z',
  rewind: 'M11 6.5L5.5 12l5.5 5.5M18.5 6.5L13 12l5.5 5.5',
  skip: 'M13 6.5l5.5 5.5-5.5 5.5M5.5 6.5L11 12l-5.5 5.5',
  loop: 'M6 9.5A4.5 4.5 0 0 1 10.5 5H18M15 2l3 3-3 3M18 14.5A4.5 4.5 0 0 1 13.5 19H6M9 22l-3-3 3-3',
  undo: 'M8.5 5.5L4.5 9.5l4 4M4.5 9.5H14a5 5 0 0 1 0 10h-3',
  redo: 'M15.5 5.5l4 4-4 4M19.5 9.5H10a5 5 0 0 0 0 10h3',
  history: 'M4.5 5v4.5H9M5 9.5a8 8 0 1 1-1 4M12 8v4.5l3 2',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  trash: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12a1 1 0 0 0 1 1h7.4a1 1 0 0 0 1-1l.8-12M10 11v5M14 11v5',
  restart: 'M5 12a7 7 0 1 0 2.3-5.2L5 9M5 4.5V9h4.5',
  cancel: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9 9l6 6M15 9l-6 6',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5V12l3 2',
  alert: 'M12 4L2.8 19.5h18.4zM12 10v4.5M12 17.2v.1',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.8v.1',
  copy: 'M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9',
  more: 'M5.5 12h.1M12 12h.1M18.5 12h.1',
  chevron: 'M6.5 9.5L12 15l5.5-5.5',
  back: 'M19 12H5M11 6l-6 6 6 6',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.7-3.6 3.6-5.5 7.5-5.5s6.8 1.9 7.5 5.5',
  key: 'M8 16.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 12.5h8.5M17.5 12.5v3.5',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3.5 12h17M12 3c5 5.5 5 12.5 0 18-5-5.5-5-12.5 0-18z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  screen: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  logout: 'M14 4.5H5.5v15H14M10.5 12H20M16.5 8.5L20 12l-3.5 3.5',
  file: 'M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5',
  folder: 'M3.5 6.5A1.5 1.5 0 0 1 5 5h4l2 2.5h8a1.5 1.5 0 0 1 1.5 1.5v8.5A1.5 1.5 0 0 1 19 19H5a1.5 1.5 0 0 1-1.5-1.5z',
  wave: 'M4 10.5v3M8 7v10M12 9.5v5M16 5v14M20 10v4',
  filter: 'M4 6h16M7 12h10M10 18h4',
  sort: 'M8 5v14M4.5 15.5L8 19l3.5-3.5M16 19V5M12.5 8.5L16 5l3.5 3.5',
  eye: 'M2.5 12C4.5 8 8 5.8 12 5.8S19.5 8 21.5 12c-2 4-5.5 6.2-9.5 6.2S4.5 16 2.5 12zM12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z',
  eyeOff: 'M4 4l16 16M9.8 6.1A9.8 9.8 0 0 1 12 5.8c4 0 7.5 2.2 9.5 6.2a12 12 0 0 1-2.8 3.6M6.3 7.7A12.5 12.5 0 0 0 2.5 12c2 4 5.5 6.2 9.5 6.2 1.5 0 2.9-.3 4.1-.8M10 10a2.8 2.8 0 0 0 4 4',
  server: 'M4 4.5h16v6H4zM4 13.5h16v6H4zM7.5 7.5h.1M7.5 16.5h.1',
  disk: 'M12 9c4.1 0 7.5-1.2 7.5-2.8S16.1 3.5 12 3.5 4.5 4.7 4.5 6.2 7.9 9 12 9zM4.5 6.2v11.5c0 1.6 3.4 2.8 7.5 2.8s7.5-1.2 7.5-2.8V6.2M4.5 12c0 1.6 3.4 2.8 7.5 2.8s7.5-1.2 7.5-2.8',
  list: 'M9 6h11M9 12h11M9 18h11M4.5 6h.1M4.5 12h.1M4.5 18h.1',
  video: 'M3.5 6.5h11.5v11H3.5zM15 10.5l5.5-3v9l-5.5-3',
  external: 'M10 5H5v14h14v-5M13.5 4.5H19.5V10.5M19 5l-8.5 8.5',
  star: 'M12 4l2.4 5.1 5.6.7-4.1 3.9 1.1 5.5-5-2.8-5 2.8 1.1-5.5L4 9.8l5.6-.7z',
  archive: 'M3.5 5h17v4h-17zM5 9v10.5h14V9M10 13h4',
  tag: 'M4 4.5h7.5l8.5 8.5-7 7L4.5 11.5zM8 8.4v.1',
  pencil: 'M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5',
  note: 'M5 4.5h14v10l-5 5H5zM14 19.5v-5h5M8.5 9h7M8.5 12.5h4',
  keyboard: 'M3 6.5h18v11H3zM7 10h.1M10.5 10h.1M14 10h.1M17.5 10h.1M7.5 14h9',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, filled, className }: { name: IconName; filled?: boolean; className?: string }) {
  return (
    <svg
      className={cx('size-5 shrink-0', className)}
      viewBox="0 0 24 24"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={name === 'more' ? 3 : 1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The product's mark: a short waveform on the accent colour. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg className={cx('size-8 shrink-0', className)} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--color-accent)" />
      <path
        d="M7.5 14v4M12 10v12M16.5 12.5v7M21 8.5v15M25.5 14v4"
        stroke="var(--color-on-accent)"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
    </svg>
  );
}
