// What a page shows while its content is on its way: its shape for the eyes, a word for screen readers.
import { useMessages } from '../i18n/messages';
import { uiText } from './text';

const widths = [60, 45, 70, 52, 38];

export function Loading() {
  const t = useMessages(uiText);
  return (
    <div role="status">
      <span className="sr-only">{t('loading')}</span>
      <div aria-hidden="true" className="flex flex-col gap-4 px-3 py-2">
        {widths.map((width) => (
          <div key={width} className="flex items-center gap-3">
            <div className="skeleton size-9 shrink-0 rounded-full" />
            <div className="flex-1">
              <div className="skeleton h-4" style={{ width: `${width}%` }} />
              <div className="skeleton mt-2 h-3 w-48 max-w-full" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
