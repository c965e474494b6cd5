import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as queries from "~/api/queries";
import type { ProblemOfNode } from "~/api/types";
import { configFields, type Shown } from "~/graph/configFields";
import type { DiagramNode } from "~/graph/diagram";
import { text } from "~/text";
import styles from "./Inspector.module.css";

function Value({ shown }: { shown: Shown }) {
  switch (shown.kind) {
    case "names":
      return (
        <div className={styles.chips}>
          {shown.names.map((name, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat
            <span key={index} className={styles.chip}>
              {name}
            </span>
          ))}
        </div>
      );
    case "pairs":
      return (
        <div className={styles.pairs}>
          {shown.pairs.flatMap(([name, value]) => [
            <span key={name}>{name}</span>,
            <span key={`${name}=`}>{value}</span>,
          ])}
        </div>
      );
    case "json":
      return <pre className={styles.json}>{shown.text}</pre>;
    default:
      return (
        <div className={styles.value} data-kind={shown.kind}>
          {shown.text}
        </div>
      );
  }
}

function ConnectorField({ id }: { id: string }) {
  const connectors = useQuery(queries.connectors());
  const name = connectors.data?.find((connector) => connector.id === id)?.name;
  return (
    <div className={styles.field}>
      <dt>{text.node.connector}</dt>
      <dd>
        <div className={styles.value}>{name ?? id}</div>
      </dd>
    </div>
  );
}

/** The settings of a node to read, as a form or as the JSON that is stored. */
export function ConfigView({ node, problems }: { node: DiagramNode; problems: readonly ProblemOfNode[] }) {
  const [view, setView] = useState("form");
  const fields = configFields(node.data.config);
  const wrong = (key: string) =>
    problems.some(({ field }) => field === `config.${key}` || field?.startsWith(`config.${key}.`));
  return (
    <>
      <SegmentedControl
        size="xs"
        mb="sm"
        value={view}
        onChange={setView}
        data={[
          { value: "form", label: text.node.asForm },
          { value: "json", label: text.node.asJson },
        ]}
      />
      {view === "json" ? (
        <pre className={styles.json}>{JSON.stringify(node.data.config, null, 2)}</pre>
      ) : (
        <>
          <dl className={styles.fields}>
            {node.data.connectorId && <ConnectorField id={node.data.connectorId} />}
            {fields.map(({ key, label, shown }) => (
              <div key={key} className={styles.field} data-wrong={wrong(key)}>
                <dt>{label}</dt>
                <dd>
                  <Value shown={shown} />
                </dd>
              </div>
            ))}
          </dl>
          <p className={styles.muted}>{text.node.defaults}</p>
        </>
      )}
    </>
  );
}
