import { Page } from '../../app/Page';
import { appText } from '../../app/text';
import { useMessages } from '../../i18n/messages';

export function NewPage() {
  const t = useMessages(appText);
  return <Page title={t('new')}>{null}</Page>;
}
