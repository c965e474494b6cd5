import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { TableProperties } from "lucide-react";
import { Problem } from "~/api/client";
import { previewQuery } from "~/api/samples";
import type { DiagramNode } from "~/graph/diagram";
import { RowsGrid } from "~/parts/RowsGrid";
import { text } from "~/text";
import { useWorkflowView } from "../context";
import styles from "./Query.module.css";

const words = text.inspector.query;

/** Values for `{{ name }}` in a query: what the workflow has by default, then what the node says. */
function parametersOf(node: DiagramNode, declared: Record<string, { default?: unknown }> | null) {
  const given = node.data.config.queryParameters;
  if (Array.isArray(given)) return given;
  const usual = Object.entries(declared ?? {}).flatMap(([name, parameter]) =>
    parameter.default === undefined ? [] : [[name, parameter.default] as const],
  );
  return { ...Object.fromEntries(usual), ...(typeof given === "object" ? given : {}) };
}

/** The first rows that the query of a read gives, without running anything else. */
export function QueryPreview({ node, query }: { node: DiagramNode; query: string }) {
  const { workflow } = useWorkflowView();
  const { connectorId } = node.data;
  const parameters = parametersOf(node, workflow.parameters);
  const ask = useMutation({ mutationFn: previewQuery });
  const { data, error, variables } = ask;
  const current = variables?.query === query && variables.connector === connectorId;
  if (connectorId === null || query.trim() === "") return null;
  return (
    <div className={styles.preview}>
      <div className={styles.line}>
        <Button
          size="compact-xs"
          variant="light"
          title={words.hint}
          leftSection={<TableProperties size={13} />}
          loading={ask.isPending}
          onClick={() => ask.mutate({ connector: connectorId, query, parameters })}
        >
          {words.preview}
        </Button>
        {data && current && <span className={`${styles.soft} numbers`}>{words.rows(data.rows.length)}</span>}
      </div>
      {error && current && (
        <p className={styles.wrong} role="alert">
          {error.message}
          {error instanceof Problem && error.remedy && <span> {error.remedy}</span>}
        </p>
      )}
      {data &&
        current &&
        (data.columns.length > 0 && data.rows.length > 0 ? (
          <div className={styles.grid}>
            <RowsGrid label={words.label} columns={data.columns} rows={data.rows} />
          </div>
        ) : (
          <p className={styles.soft}>{words.none}</p>
        ))}
    </div>
  );
}
