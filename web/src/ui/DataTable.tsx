// A table whose columns sort. Rows stay in the order given until a heading is pressed.
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type RowData,
  sortFn_alphanumeric,
  sortFn_basic,
  sortFn_datetime,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { Icon } from './Icon';

export const tableParts = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic, datetime: sortFn_datetime },
});
export type Columns<T extends RowData> = ColumnDef<typeof tableParts, T, unknown>[];

export function DataTable<T extends RowData>({ label, columns, rows }: { label: string; columns: Columns<T>; rows: T[] }) {
  const table = useTable({ features: tableParts, columns, data: rows });
  return (
    <div className="card relative overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full text-start text-sm">
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} className="border-b border-line text-soft">
              {group.headers.map((header) => {
                const sorted = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    scope="col"
                    aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
                    className="px-4 py-1 text-start font-medium whitespace-nowrap"
                  >
                    {header.column.getCanSort() ? (
                      <button type="button" className="inline-flex min-h-9 items-center gap-1 hover:text-ink" onClick={header.column.getToggleSortingHandler()}>
                        <table.FlexRender header={header} />
                        <Icon name={sorted ? 'chevron' : 'sort'} className={sorted === 'asc' ? 'size-3.5 rotate-180' : sorted ? 'size-3.5' : 'size-3.5 opacity-50'} />
                      </button>
                    ) : (
                      <table.FlexRender header={header} />
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className="border-b border-line last:border-0">
              {row.getAllCells().map((cell) => (
                <td key={cell.id} className="figures h-12 max-w-80 px-4 max-sm:max-w-48 max-sm:first:min-w-44 py-1 align-middle break-words">
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
