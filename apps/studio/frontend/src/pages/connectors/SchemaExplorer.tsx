import { Badge, Button, SegmentedControl, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Link2, RefreshCw, Table as TableIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "~/api/client";
import { rowsOf } from "~/api/connectors";
import * as queries from "~/api/queries";
import type { ConnectorSchema, Table } from "~/api/types";
import { ErrorNotice, Notice, Refusal } from "~/parts/Notice";
import { LoadingRows } from "~/parts/Page";
import { RowsGrid } from "~/parts/RowsGrid";
import { SearchInput } from "~/parts/SearchInput";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Connector.module.css";

/** Ask the source for its tables again, and show what it says. */
export function useDiscovery(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<ConnectorSchema>(`connectors/${id}/schema`),
    onSuccess: async (found) => {
      client.setQueryData(queries.connectorSchema(id).queryKey, found);
      await client.invalidateQueries({ queryKey: ["connector", id, "rows"] });
    },
  });
}

function Columns({ table }: { table: Table }) {
  return (
    <section
      className={styles.scroller}
      aria-label={table.name}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{text.connector.column}</th>
            <th>{text.connector.type}</th>
            <th className={styles.narrow}>{text.connector.nullable}</th>
            <th>{text.connector.key}</th>
          </tr>
        </thead>
        <tbody>
          {table.columns.map(({ name, type, nullable }) => (
            <tr key={name}>
              <td title={name}>{name}</td>
              <td className={styles.type}>{type}</td>
              <td className={styles.narrow}>{nullable ? text.connector.yes : text.connector.no}</td>
              <td>
                {table.keys.includes(name) && (
                  <span className={styles.key}>
                    <KeyRound size={13} aria-hidden /> {text.connector.primary}
                  </span>
                )}
                {table.foreign_keys
                  .filter(({ columns }) => columns.includes(name))
                  .map(({ columns, references }) => (
                    <span key={`${columns}${references}`} className={styles.key}>
                      <Link2 size={13} aria-hidden /> {text.connector.leadsTo(references)}
                    </span>
                  ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function FirstRows({ id, table }: { id: string; table: string }) {
  const rows = useQuery(rowsOf(id, table));
  if (rows.isError) return <ErrorNotice error={rows.error} retry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingRows label={text.connector.previewing} rows={8} />;
  if (rows.data.rows.length === 0) return <Notice icon={TableIcon} title={text.drawer.noRows} />;
  return (
    <div className={styles.rows}>
      <RowsGrid label={table} columns={rows.data.columns} rows={rows.data.rows} />
    </div>
  );
}

function TableView({ id, table }: { id: string; table: Table }) {
  const [shown, show] = useState<"columns" | "rows">("columns");
  return (
    <section className={styles.detail} aria-label={table.name}>
      <header className={styles.detailHead}>
        <h2 title={table.name}>{table.name}</h2>
        {table.rows !== null && table.rows > 0 && (
          <span className={styles.soft}>{text.connector.rows(table.rows)}</span>
        )}
        <SegmentedControl
          size="xs"
          ml="auto"
          aria-label={table.name}
          data={[
            { value: "columns", label: text.connector.columns },
            { value: "rows", label: text.connector.preview },
          ]}
          value={shown}
          onChange={(value) => show(value as "columns" | "rows")}
        />
      </header>
      {shown === "columns" ? <Columns table={table} /> : <FirstRows id={id} table={table.name} />}
    </section>
  );
}

/** The tables of a connector with their columns and first rows, as they were discovered. */
export function SchemaExplorer({ id, mayDiscover }: { id: string; mayDiscover: boolean }) {
  const schema = useQuery(queries.connectorSchema(id));
  const discovery = useDiscovery(id);
  // Whoever opens a connector wants to see what is in it: the first time the source is asked by itself.
  const unknown = mayDiscover && schema.data?.discovered_at === null;
  const { mutate: discover } = discovery;
  useEffect(() => {
    if (unknown) discover();
  }, [unknown, discover]);
  const [search, setSearch] = useState("");
  const [chosen, choose] = useState<string | null>(null);
  if (schema.isError) return <ErrorNotice error={schema.error} retry={() => void schema.refetch()} />;
  if (schema.isPending) return <LoadingRows label={text.connector.tab.schema} />;
  const { tables, discovered_at } = schema.data;
  if (tables.length === 0) {
    if (discovery.isPending) return <LoadingRows label={text.connector.discovering} />;
    const asked = discovered_at !== null;
    return (
      <Notice
        icon={TableIcon}
        title={asked ? text.connector.noTables : text.connector.neverDiscovered}
        action={
          mayDiscover && (
            <>
              <Button size="xs" onClick={() => discovery.mutate()}>
                {asked ? text.connector.refresh : text.connector.discover}
              </Button>
              <Refusal error={discovery.error} />
            </>
          )
        }
      >
        {asked ? text.connector.noTablesHint : text.connector.neverDiscoveredHint}
      </Notice>
    );
  }
  const wanted = search.trim().toLowerCase();
  const found = tables.filter(
    ({ name, columns }) =>
      name.toLowerCase().includes(wanted) ||
      columns.some((column) => column.name.toLowerCase().includes(wanted)),
  );
  const table = found.find(({ name }) => name === chosen) ?? found[0];
  return (
    <div className={styles.explorer}>
      <aside className={styles.tables}>
        <SearchInput size="sm" label={text.connector.searchTables} value={search} onChange={setSearch} />
        <ul aria-label={text.connector.tab.schema}>
          {found.map(({ name, columns }) => (
            <li key={name}>
              <button
                type="button"
                aria-current={name === table?.name}
                title={name}
                onClick={() => choose(name)}
              >
                <TableIcon size={15} strokeWidth={1.75} aria-hidden />
                <span>{name}</span>
                <Badge size="sm" variant="light" color="gray">
                  {columns.length}
                </Badge>
              </button>
            </li>
          ))}
        </ul>
        {found.length === 0 && <p className={styles.soft}>{text.connector.noTable}</p>}
        <footer>
          {discovery.isPending ? (
            <span role="status">{text.connector.discovering}</span>
          ) : (
            <span>
              {text.connector.tables(found.length, tables.length)}
              {discovered_at && (
                <>
                  {", "}
                  <Time at={discovered_at} />
                </>
              )}
            </span>
          )}
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<RefreshCw size={13} />}
            loading={discovery.isPending}
            onClick={() => discovery.mutate()}
          >
            {text.connector.refresh}
          </Button>
        </footer>
        <Refusal error={discovery.error} />
      </aside>
      {table ? <TableView key={table.name} id={id} table={table} /> : <Skeleton visible={false} />}
    </div>
  );
}
