// Where a recording says what was looked for: each place opens the transcript there.
import { Link } from '@tanstack/react-router';
import { markedText, type Match, parts } from '../../api/search';
import { formatClock } from '../../i18n/format';

/** More than these are found in the transcript itself. */
const shownMax = 3;

export function Matches({ jobId, matches }: { jobId: string; matches: Match[] }) {
  return (
    <ul className="mt-1 flex flex-col">
      {matches.slice(0, shownMax).map((match) => (
        <li key={`${match.turn} ${match.start}`}>
          <Link
            to="/transcript/$jobId"
            params={{ jobId }}
            search={{ t: match.start, find: markedText(match) || undefined }}
            className="-mx-1.5 flex gap-3 rounded-md px-1.5 py-1 hover:bg-sunken"
          >
            <span className="figures min-w-9 shrink-0 pt-px text-sm text-soft">{formatClock(match.start ?? 0)}</span>
            <span dir="auto" className="line-clamp-2 max-sm:line-clamp-3 min-w-0 flex-1 font-serif break-words">
              {parts(match).map((part, index) =>
                part.marked ? (
                  <mark key={index} className="rounded-sm bg-accent-wash px-0.5 font-semibold text-accent-strong">
                    {part.text}
                  </mark>
                ) : (
                  part.text
                ),
              )}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
