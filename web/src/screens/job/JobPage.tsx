// /transcript/ID: the job while it works, the transcript when it is done.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { isEnded, jobQuery } from '../../api/queries';

const TranscriptPage = lazy(() => import('../../transcript/TranscriptPage').then((m) => ({ default: m.TranscriptPage })));

export function JobPage() {
  const { jobId } = useParams({ from: '/app/transcript/$jobId' });
  const job = useQuery({ ...jobQuery(jobId), refetchInterval: (q) => (q.state.data && isEnded(q.state.data.status) ? false : 1000) });
  if (job.data?.status !== 'completed') return null;
  return (
    <Suspense fallback={null}>
      <TranscriptPage jobId={jobId} />
    </Suspense>
  );
}
