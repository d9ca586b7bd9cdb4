// The models of the server as the screens see them: the list, the machine, measuring, a file sent.
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, apiUrl, request } from '../../api/client';
import { offlineProblem, problemFrom } from '../../api/problem';
import { queryClient } from '../../api/queries';
import type { components } from '../../api/schema';

type Hardware = components['schemas']['Hardware'];
type Download = components['schemas']['ModelDownload'];
type WithDownload<T> = Omit<T, 'download'> & { download?: Download | null };
export type Model = WithDownload<components['schemas']['ModelInfo']>;
export type Helper = WithDownload<components['schemas']['ModelHelper']>;
export interface Models {
  models: Model[];
  helpers: Helper[];
}

export const isGoing = ({ download }: { download?: Download | null }) => download?.state === 'queued' || download?.state === 'running';

export const hardwareQuery = { queryKey: ['hardware'], queryFn: (): Promise<Hardware> => api.get('/system/hardware'), staleTime: 300_000 };
export const listQuery = {
  queryKey: ['models', 'all'],
  queryFn: async (): Promise<Models> => {
    const { models, helpers } = (await (await request('get', '/admin/models')).json()) as { models: Model[]; helpers?: Helper[] };
    return { models, helpers: helpers ?? [] };
  },
  // Every two seconds while something is fetched, else not at all.
  refetchInterval: (query: { state: { data?: Models } }) => {
    const { models = [], helpers = [] } = query.state.data ?? {};
    return models.some(isGoing) || helpers.some(isGoing) ? 2_000 : false;
  },
};

export async function refetchModels(): Promise<void> {
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['models'] }), queryClient.invalidateQueries({ queryKey: ['hardware'] })]);
}

const setNames: Record<string, string> = { avx2: 'AVX2', avx_vnni: 'AVX-VNNI', avx512: 'AVX-512', avx512_vnni: 'AVX-512 VNNI', avx512_bf16: 'AVX-512 BF16' };

/** The best set of instructions by the name that its maker gives it; '': none that matters. */
export function instructionSet(sets: readonly string[]): string {
  const best = sets.at(-1);
  return best === undefined ? '' : (setNames[best] ?? best);
}

/** Measures one model at a time; stops when the screen is left. */
export function useMeasure() {
  const [measuring, setMeasuring] = useState<string | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const measure = useCallback(async (name: string) => {
    const controller = new AbortController();
    leaving.current = controller;
    setMeasuring(name);
    setFailed(null);
    try {
      await request('post', '/admin/models/{model}/speed', { path: { model: name }, signal: controller.signal });
      await refetchModels();
    } catch (error) {
      if (!controller.signal.aborted) setFailed(error);
    } finally {
      if (!controller.signal.aborted) setMeasuring(null);
    }
  }, []);
  return { measuring, measure, failed };
}

const endings = /\.(pt|bin|safetensors)$/i;
/** As the server has it (models/manifest.h). */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const isModelFile = (name: string) => endings.test(name);
export const isModelName = (name: string) => plainName.test(name);

/** "ggml-base.bin" and "base.pt" are base: the name that a file of weights is offered. */
export function modelNameOf(file: string): string {
  const name = file
    .replace(endings, '')
    .replace(/^ggml-/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name || 'model';
}

/** Sends a weight file; `fetch` tells nothing of how much has gone. */
export function sendModel(name: string, file: File, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  const label = 'PUT /admin/models/{model}/file';
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open('PUT', apiUrl('/admin/models/{model}/file', { path: { model: name }, query: { filename: file.name.slice(-200) } }));
    sending.setRequestHeader('X-Requested-With', 'fetch');
    sending.setRequestHeader('Content-Type', 'application/octet-stream');
    sending.upload.onprogress = (event) => onProgress(event.loaded);
    sending.onload = () => {
      if (sending.status < 300) return resolve();
      return reject(problemFrom(sending.status, new Headers(), sending.responseText, label));
    };
    sending.onerror = () => reject(offlineProblem(label));
    sending.onabort = () => reject(new DOMException('Aborted', 'AbortError'));
    signal.addEventListener('abort', () => sending.abort());
    sending.send(file);
  });
}
