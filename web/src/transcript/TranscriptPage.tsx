// A finished transcript, to read. Shown by screens/job/JobPage once the job has ended well.
import { useQuery } from '@tanstack/react-query';
import { Page } from '../app/Page';
import { jobQuery } from '../api/queries';

export function TranscriptPage({ jobId }: { jobId: string }) {
  const job = useQuery(jobQuery(jobId));
  return (
    <Page title={job.data?.filename ?? ''}>
      <article className="reading whitespace-pre-line">{job.data?.transcript}</article>
    </Page>
  );
}
