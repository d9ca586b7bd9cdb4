// The server as it works: figures of the last five minutes, told by a socket, or asked for where a
// proxy lets none through.
import { useEffect, useState } from 'react';
import { apiUrl } from '../../api/client';
import { formatBytes, formatNumber } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge } from '../../ui/Button';
import { Loading } from '../../ui/Loading';
import { addSample, gauge, linePath, rate, readMetrics, type Sample, scaleOf } from './metrics';
import { adminText } from './text';

const EVERY_MS = 2_000;
/** A socket that says nothing for so long is no use. */
const SILENCE_MS = 6_000;

type Source = 'socket' | 'requests' | 'none';

function socketUrl(): string {
  const url = new URL(apiUrl('/ws/admin/monitoring'), location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** Opens the socket and asks every two seconds; `onText` gets the metrics. Returns what closes it. */
function listen(onText: (text: string) => void): () => void {
  const socket = new WebSocket(socketUrl());
  const ask = () => {
    if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"get_metrics"}');
  };
  socket.onopen = ask;
  socket.onmessage = (message) => {
    try {
      const told = JSON.parse(String(message.data)) as { type?: unknown; text?: unknown };
      if (told.type === 'metrics' && typeof told.text === 'string') onText(told.text);
    } catch {
      // Not one of ours.
    }
  };
  const timer = setInterval(ask, EVERY_MS);
  return () => {
    clearInterval(timer);
    socket.onopen = null;
    socket.close();
  };
}

async function fetchMetrics(): Promise<string> {
  const response = await fetch('/metrics');
  if (!response.ok) throw new Error(`${response.status}`);
  return response.text();
}

function useSamples(): { samples: readonly Sample[]; source: Source } {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [source, setSource] = useState<Source>('none');
  useEffect(() => {
    let heard = 0;
    let over = false;
    const take = (text: string, from: Source) => {
      if (over) return;
      setSource(from);
      setSamples((before) => addSample(before, { at: performance.now(), metrics: readMetrics(text) }));
    };
    const begun = performance.now();
    const close = listen((text) => {
      heard = performance.now();
      take(text, 'socket');
    });
    const timer = setInterval(() => {
      if (performance.now() - Math.max(begun, heard) < SILENCE_MS) return;
      fetchMetrics().then(
        (text) => take(text, 'requests'),
        () => !over && setSource('none'),
      );
    }, EVERY_MS);
    return () => {
      over = true;
      close();
      clearInterval(timer);
    };
  }, []);
  return { samples, source };
}

/** Pixels of the drawing; it is stretched to the card. */
const [WIDTH, HEIGHT] = [300, 72];

function Chart({ name, values, least, write }: { name: string; values: (number | null)[]; least: number; write: (value: number) => string }) {
  const top = scaleOf(values, least);
  const now = values.at(-1) ?? values.findLast((value) => value !== null) ?? null;
  const line = linePath(values, top, WIDTH, HEIGHT);
  return (
    <figure className="card p-4" data-chart={line}>
      <figcaption className="flex items-baseline justify-between gap-3 text-sm">
        <span className="text-soft">{name}</span>
        <span className="figures text-base font-semibold">
          <bdi>{now === null ? '–' : write(now)}</bdi>
        </span>
      </figcaption>
      <div className="relative mt-3" dir="ltr">
        <svg viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`} preserveAspectRatio="none" className="h-18 w-full overflow-visible" aria-hidden="true">
          <path d={`M0 0H${WIDTH}M0 ${HEIGHT}H${WIDTH}`} className="stroke-line" fill="none" strokeWidth="1" vectorEffect="non-scaling-stroke" />
          <path d={line} className="stroke-accent" fill="none" strokeWidth="2" strokeLinejoin="round" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
        </svg>
        <span className="figures absolute start-0 -top-2.5 bg-surface pe-1 text-xs text-soft">{write(top)}</span>
      </div>
    </figure>
  );
}

export function MonitorSection() {
  const t = useMessages(adminText);
  const { samples, source } = useSamples();
  const whole = (value: number) => formatNumber(value, value < 10 && value % 1 !== 0 ? 1 : 0);
  if (samples.length === 0) return <Loading />;
  return (
    <section aria-label={t('monitor')}>
      <p className="mb-4 flex flex-wrap items-center gap-2 text-sm text-soft">
        <Badge tone={source === 'none' ? 'danger' : 'accent'}>{source === 'none' ? t('silent') : t('live')}</Badge>
        {t('monitorHint')}
      </p>
      <div className="grid gap-4 sm:grid-cols-2">
        <Chart name={t('processorUse')} values={rate(samples, 'process_cpu_seconds_total')} least={1} write={(value) => t('coresUsed', { count: value, shown: whole(value) })} />
        <Chart name={t('memory')} values={gauge(samples, 'process_resident_memory_bytes')} least={1e8} write={formatBytes} />
        <Chart name={t('queueLength')} values={gauge(samples, 'whisper_job_queue_depth')} least={5} write={whole} />
        <Chart name={t('openConnections')} values={gauge(samples, 'whisper_websocket_connections')} least={5} write={whole} />
        <Chart name={t('requestRate')} values={rate(samples, 'whisper_http_requests_total')} least={5} write={(value) => t('eachSecond', { rate: whole(value) })} />
        <Chart name={t('modelMemory')} values={gauge(samples, 'whisper_model_memory_bytes')} least={1e8} write={formatBytes} />
      </div>
    </section>
  );
}
