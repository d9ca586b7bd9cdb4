import { useMessages } from '../i18n/messages';
import { Button } from '../ui/Button';
import { ErrorPanel } from '../ui/ErrorPanel';
import { appText } from './text';

/** What is shown instead of a screen that threw. */
export function CrashPage({ error }: { error: unknown }) {
  const t = useMessages(appText);
  return (
    <div className="mx-auto max-w-2xl px-4 py-16">
      <ErrorPanel title={t('crashed')} error={error} consequence={t('crashedConsequence')} next={t('crashedNext')}>
        <Button icon="restart" onClick={() => location.reload()}>
          {t('reload')}
        </Button>
      </ErrorPanel>
    </div>
  );
}
