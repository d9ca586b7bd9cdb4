// Which options the server has, by its own description: what it lacks is not offered. Read once, when
// somebody opens the options.
import { queryOptions } from '@tanstack/react-query';

interface Described {
  readonly components?: { readonly schemas?: { readonly JobForm?: { readonly properties?: Readonly<Record<string, unknown>> } } };
}

export const jobFieldsQuery = queryOptions({
  queryKey: ['jobFields'],
  queryFn: async (): Promise<ReadonlySet<string>> => {
    const reply = await fetch('/openapi.json');
    if (!reply.ok) return new Set();
    const { components } = (await reply.json()) as Described;
    return new Set(Object.keys(components?.schemas?.JobForm?.properties ?? {}));
  },
  staleTime: Number.POSITIVE_INFINITY,
});
