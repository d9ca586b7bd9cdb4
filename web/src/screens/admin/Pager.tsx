import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { adminText } from './text';

export function Pager({ skip, shown, total, size, onSkip }: { skip: number; shown: number; total: number; size: number; onSkip: (skip: number) => void }) {
  const t = useMessages(adminText);
  if (total <= size) return null;
  return (
    <div className="mt-3 flex items-center justify-end gap-2">
      <span className="figures text-sm text-soft">{t('range', { from: skip + 1, to: skip + shown, total })}</span>
      <Button disabled={skip === 0} onClick={() => onSkip(Math.max(0, skip - size))}>
        {t('previousPage')}
      </Button>
      <Button disabled={skip + shown >= total} onClick={() => onSkip(skip + size)}>
        {t('nextPage')}
      </Button>
    </div>
  );
}
