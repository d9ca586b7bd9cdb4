import { Link } from '@tanstack/react-router';
import { useMessages } from '../i18n/messages';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { appText } from './text';

export function NotFound() {
  const t = useMessages(appText);
  return (
    <div className="py-16">
      <EmptyState icon="search" title={t('notFound')}>
        <p>{t('notFoundHint')}</p>
        <Button asChild look="primary">
          <Link to="/">{t('toLibrary')}</Link>
        </Button>
      </EmptyState>
    </div>
  );
}
