// Who is behind the ids of accounts, for tables of the administration.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../../api/client';

export function useUserNames(): ReadonlyMap<string, string> {
  const users = useQuery({ queryKey: ['admin', 'users'], queryFn: async () => (await api.get('/users', { query: { limit: 1000 } })).users ?? [] }).data;
  return useMemo(() => new Map(users?.map((user) => [user.id, user.username])), [users]);
}
