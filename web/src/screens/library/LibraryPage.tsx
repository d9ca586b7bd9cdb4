import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { fetchJobs } from '../../api/queries';
import { Page } from '../../app/Page';
import { appText } from '../../app/text';
import { useMessages } from '../../i18n/messages';

export function LibraryPage() {
  const t = useMessages(appText);
  const jobs = useQuery({ queryKey: ['jobs', 'list'], queryFn: () => fetchJobs({ limit: 100 }) });
  return (
    <Page title={t('library')} wide>
      <ul>
        {jobs.data?.jobs.map((job) => (
          <li key={job.id}>
            <Link to="/transcript/$jobId" params={{ jobId: job.id }}>
              {job.filename}
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  );
}
