import { Button, Group } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plug, Plus, Search } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "~/api/client";
import * as queries from "~/api/queries";
import type { Connector, TestResult } from "~/api/types";
import { useCrumbs } from "~/app/crumbs";
import { useAskedFor } from "~/app/useAskedFor";
import { ShareIcon } from "~/pages/sharing/ShareButton";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Card, LoadingRows, Page } from "~/parts/Page";
import { SearchInput } from "~/parts/SearchInput";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { ConnectorLogo } from "./ConnectorLogo";
import styles from "./ConnectorsPage.module.css";
import { CreateConnector } from "./CreateConnector";
import { TestOutcome } from "./TestOutcome";

function Row({ connector, typeLabel }: { connector: Connector; typeLabel: string }) {
  const test = useMutation({ mutationFn: () => api.post<TestResult>(`connectors/${connector.id}/test`) });
  return (
    <tr>
      <td>
        <Link href={`/connectors/${connector.id}`} className={styles.link}>
          <ConnectorLogo type={connector.connector_type} />
          <span title={connector.name}>{connector.name}</span>
        </Link>
      </td>
      <td className={styles.type}>{typeLabel}</td>
      <td className={styles.changed}>
        <Time at={connector.updated_at} />
      </td>
      <td className={styles.tested} aria-live="polite">
        <TestOutcome result={test.data} error={test.error} />
      </td>
      <td className={styles.action}>
        <Group gap={6} justify="flex-end" wrap="nowrap">
          <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            {text.connectors.test}
          </Button>
          <ShareIcon object={{ type: "connector", id: connector.id, name: connector.name }} />
        </Group>
      </td>
    </tr>
  );
}

/** The saved connections one may use, and whether they answer. */
export function ConnectorsPage() {
  useCrumbs([{ label: text.nav.connectors }]);
  const connectors = useQuery(queries.connectors());
  const types = useQuery(queries.connectorTypes());
  const [search, setSearch] = useState("");
  const [adding, setAdding] = useState(useAskedFor("new"));
  const label = (type: string) => types.data?.find((each) => each.type === type)?.label ?? type;
  const wanted = search.trim().toLowerCase();
  const shown = (connectors.data ?? []).filter(
    ({ name, connector_type }) =>
      name.toLowerCase().includes(wanted) || label(connector_type).toLowerCase().includes(wanted),
  );
  return (
    <Page
      title={text.connectors.title}
      actions={
        <>
          <SearchInput w={240} label={text.connectors.search} value={search} onChange={setSearch} />
          <Button leftSection={<Plus size={15} />} onClick={() => setAdding(true)}>
            {text.connectors.add}
          </Button>
        </>
      }
    >
      {adding && <CreateConnector onClose={() => setAdding(false)} />}
      {connectors.isError ? (
        <ErrorNotice error={connectors.error} retry={() => void connectors.refetch()} />
      ) : connectors.isPending ? (
        <LoadingRows label={text.connectors.title} rows={4} />
      ) : connectors.data.length === 0 ? (
        <Notice
          icon={Plug}
          title={text.connectors.none}
          action={
            <Button size="xs" leftSection={<Plus size={14} />} onClick={() => setAdding(true)}>
              {text.connectors.add}
            </Button>
          }
        >
          {text.connectors.noneHint}
        </Notice>
      ) : shown.length === 0 ? (
        <Notice icon={Search} title={text.connectors.noMatch} />
      ) : (
        <Card>
          <table className={styles.table}>
            <thead>
              <tr>
                <th>{text.connectors.columnName}</th>
                <th className={styles.type}>{text.connectors.columnType}</th>
                <th className={styles.changed}>{text.connectors.columnChanged}</th>
                <th className={styles.tested} aria-label={text.runs.status} />
                <th className={styles.action} aria-label={text.connectors.test} />
              </tr>
            </thead>
            <tbody>
              {shown.map((connector) => (
                <Row key={connector.id} connector={connector} typeLabel={label(connector.connector_type)} />
              ))}
            </tbody>
          </table>
        </Card>
      )}
    </Page>
  );
}
