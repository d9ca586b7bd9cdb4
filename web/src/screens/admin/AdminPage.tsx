import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { meQuery } from '../../api/queries';
import { Page } from '../../app/Page';
import { useMessages } from '../../i18n/messages';
import { EmptyState } from '../../ui/EmptyState';
import { Section } from '../../ui/Section';
import { Subnav } from '../../ui/Subnav';
import { HardwareLine, ModelList } from '../models/ModelList';
import { AllKeysSection } from './AllKeysSection';
import { AuditSection } from './AuditSection';
import { QueueSection, StoredSection, UsageSection } from './Figures';
import { JobsSection } from './JobsSection';
import { LogSection } from './LogSection';
import { MonitorSection } from './MonitorSection';
import { Overview } from './Overview';
import { StorageSection } from './StorageSection';
import { adminText } from './text';
import { UsersSection } from './UsersSection';

export function AdminPage() {
  const t = useMessages(adminText);
  const me = useQuery(meQuery).data;
  const params = useParams({ strict: false });
  const tabs = ['overview', 'monitor', 'queue', 'jobs', 'users', 'usage', 'keys', 'models', 'storage', 'log', 'audit'] as const;
  const tab = tabs.find((name) => name === params.tab) ?? 'overview';
  if (!me?.is_admin) {
    return (
      <Page title={t('title')}>
        <EmptyState icon="admin" title={t('notAllowed')}>
          <p>{t('notAllowedHint')}</p>
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title={t('title')} wide>
      <Subnav base="/admin" label={t('sections')} items={tabs.map((name) => ({ tab: name, label: t(name) }))} current={tab} />
      {tab === 'overview' ? <Overview /> : null}
      {tab === 'monitor' ? <MonitorSection /> : null}
      {tab === 'queue' ? <QueueSection /> : null}
      {tab === 'usage' ? <UsageSection /> : null}
      {tab === 'users' ? <UsersSection /> : null}
      {tab === 'jobs' ? <JobsSection /> : null}
      {tab === 'models' ? (
        <Section title={t('models')} hint={<HardwareLine />}>
          <ModelList />
        </Section>
      ) : null}
      {tab === 'keys' ? <AllKeysSection /> : null}
      {tab === 'log' ? <LogSection /> : null}
      {tab === 'audit' ? <AuditSection /> : null}
      {tab === 'storage' ? (
        <>
          <StoredSection />
          <StorageSection />
        </>
      ) : null}
    </Page>
  );
}
