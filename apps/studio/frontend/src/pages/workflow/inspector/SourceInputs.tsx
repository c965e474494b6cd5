import { Autocomplete, Button, Loader, Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { api } from "~/api/client";
import * as queries from "~/api/queries";
import type { ConnectorSchema } from "~/api/types";
import type { DiagramNode } from "~/graph/diagram";
import { text } from "~/text";
import styles from "./Form.module.css";

const words = text.editor.form;

interface ConnectorInputProps {
  value: string | null;
  wrong: boolean;
  onChange: (connector: { id: string; type: string } | null) => void;
}

/** The connectors one may see. */
export function ConnectorInput({ value, wrong, onChange }: ConnectorInputProps) {
  const connectors = useQuery(queries.connectors());
  const known = connectors.data ?? [];
  const data = known.map(({ id, name, connector_type }) => ({
    value: id,
    label: name,
    type: connector_type,
  }));
  // One that may not be seen stays chosen, by its id.
  const hidden = value !== null && connectors.isSuccess && !known.some(({ id }) => id === value);
  return (
    <Select
      size="xs"
      aria-label={words.connector}
      placeholder={words.chooseConnector}
      nothingFoundMessage={words.noConnectors}
      data={hidden ? [...data, { value, label: value, type: "" }] : data}
      renderOption={({ option }) => (
        <div className={styles.option}>
          <span>{option.label}</span>
          <code>{(option as { type?: string }).type}</code>
        </div>
      )}
      value={value}
      error={wrong}
      searchable
      selectFirstOptionOnChange
      onChange={(id) => {
        const chosen = known.find((each) => each.id === id);
        onChange(chosen ? { id: chosen.id, type: chosen.connector_type } : null);
      }}
    />
  );
}

interface TableInputProps {
  node: DiagramNode;
  value: string;
  wrong: boolean;
  onChange: (table: string) => void;
}

/** Tables that were discovered; others may be typed, new ones looked for. */
export function TableInput({ node, value, wrong, onChange }: TableInputProps) {
  const { connectorId } = node.data;
  const client = useQueryClient();
  const schema = useQuery({ ...queries.connectorSchema(connectorId ?? ""), enabled: connectorId !== null });
  const discover = useMutation({
    mutationFn: () => api.post<ConnectorSchema>(`connectors/${connectorId}/schema`),
    onSuccess: (found) => client.setQueryData(queries.connectorSchema(connectorId ?? "").queryKey, found),
  });
  const tables = schema.data?.tables ?? [];
  const rows = new Map(tables.map((table) => [table.name, table.rows]));
  return (
    <>
      <Autocomplete
        size="xs"
        aria-label={words.table}
        placeholder={words.table}
        data={tables.map(({ name }) => name)}
        renderOption={({ option }) => (
          <div className={styles.option}>
            <span>{option.value}</span>
            <code className="numbers">
              {rows.get(option.value) == null ? "" : text.node.rows(rows.get(option.value) ?? 0)}
            </code>
          </div>
        )}
        value={value}
        error={wrong}
        selectFirstOptionOnChange
        rightSection={schema.isFetching ? <Loader size={12} /> : null}
        onChange={onChange}
      />
      {connectorId !== null && (
        <div className={styles.line}>
          <span className={`${styles.description} numbers`}>
            {discover.error ? discover.error.message : words.tableHint(tables.length)}
          </span>
          <Button
            size="compact-xs"
            variant="subtle"
            ml="auto"
            leftSection={<RefreshCw size={12} />}
            loading={discover.isPending}
            onClick={() => discover.mutate()}
          >
            {words.discover}
          </Button>
        </div>
      )}
    </>
  );
}
