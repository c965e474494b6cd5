import { Button, Group, Modal, Skeleton, Tabs, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileSpreadsheet, Network, Pencil, Plug, Table, Trash2, Workflow } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { api } from "~/api/client";
import { connector, usersOf } from "~/api/connectors";
import * as queries from "~/api/queries";
import type { Connector, ConnectorType, TestResult } from "~/api/types";
import { lastCrumb, useCrumbs } from "~/app/crumbs";
import { ErrorNotice, Refusal } from "~/parts/Notice";
import { LoadingRows, Page } from "~/parts/Page";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Connector.module.css";
import { ConnectorLogo } from "./ConnectorLogo";
import { EditConnector } from "./EditConnector";
import { Files } from "./Files";
import { SchemaExplorer } from "./SchemaExplorer";
import { TestOutcome } from "./TestOutcome";
import { UsedBy } from "./UsedBy";

const ErDiagram = lazy(() => import("./ErDiagram"));

/** The config as people read it: sealed is said, nothing is shown of it. */
function Facts({
  connector: { config, max_concurrent_executions, updated_at, version },
  type,
}: {
  connector: Connector;
  type: ConnectorType;
}) {
  const fields = Object.entries(type.config_schema.properties ?? {}).filter(([name]) => config[name] != null);
  const said = (name: string): ReactNode => {
    const value = config[name];
    if (type.secret_fields.includes(name)) return text.connector.secretSet;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
  return (
    <dl className={styles.facts} aria-label={text.connector.facts}>
      {fields.map(([name, { title }]) => (
        <div key={name}>
          <dt>{title ?? name}</dt>
          <dd title={String(said(name))}>{said(name)}</dd>
        </div>
      ))}
      {max_concurrent_executions !== null && (
        <div>
          <dt>{text.limits.atOnce}</dt>
          <dd className="numbers">{max_concurrent_executions}</dd>
        </div>
      )}
      <div>
        <dt>{text.connector.changed}</dt>
        <dd>
          <Time at={updated_at} />
        </dd>
      </div>
      <div>
        <dt>{text.connector.version}</dt>
        <dd className="numbers">{version}</dd>
      </div>
    </dl>
  );
}

function Remove({ connector: { id, name }, onClose }: { connector: Connector; onClose: () => void }) {
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const users = useQuery(usersOf(id));
  const remove = useMutation({
    mutationFn: () => api.delete(`connectors/${id}`),
    onSuccess: async () => {
      navigate("/connectors");
      client.removeQueries({ queryKey: ["connector", id] });
      await client.invalidateQueries({ queryKey: ["connectors"] });
    },
  });
  return (
    <Modal opened onClose={onClose} title={text.connector.removeTitle(name)}>
      {users.isPending ? (
        <Skeleton height={20} mb="md" />
      ) : (users.data?.count ?? 0) === 0 ? (
        <Text size="sm" mb="md">
          {text.connector.breaksNone}
        </Text>
      ) : (
        <>
          <Text size="sm">{text.connector.breaks(users.data?.count ?? 0)}</Text>
          <ul className={styles.breaks}>
            {users.data?.results.slice(0, 8).map((workflow) => (
              <li key={workflow.id}>{workflow.name}</li>
            ))}
            {(users.data?.count ?? 0) > 8 && <li>{text.connector.more((users.data?.count ?? 0) - 8)}</li>}
          </ul>
        </>
      )}
      <Refusal error={remove.error ?? users.error} />
      <div className={styles.buttons}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {text.cancel}
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
          {text.connector.remove}
        </Button>
      </div>
    </Modal>
  );
}

function Diagram({ id }: { id: string }) {
  const schema = useQuery(queries.connectorSchema(id));
  if (schema.isError) return <ErrorNotice error={schema.error} retry={() => void schema.refetch()} />;
  if (schema.isPending) return <LoadingRows label={text.connector.diagram} />;
  return (
    <Suspense fallback={<LoadingRows label={text.connector.diagram} />}>
      <ErDiagram id={id} tables={schema.data.tables} />
    </Suspense>
  );
}

/** One connector: what it is, what is in it, who uses it. */
export function ConnectorPage({ id }: { id: string }) {
  const found = useQuery(connector(id));
  const types = useQuery(queries.connectorTypes());
  const may = {
    write: useQuery(queries.permission("connector", id, "write")).data?.allowed ?? false,
    execute: useQuery(queries.permission("connector", id, "execute")).data?.allowed ?? false,
  };
  const test = useMutation({ mutationFn: () => api.post<TestResult>(`connectors/${id}/test`) });
  const [params, setParams] = useSearchParams();
  const [doing, does] = useState<"edit" | "remove" | null>(null);
  const type = types.data?.find((each) => each.type === found.data?.connector_type);
  useCrumbs([
    { label: text.nav.connectors, href: "/connectors" },
    ...lastCrumb(found.data?.name, found.isError),
  ]);
  if (found.isError) return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  if (types.isError) return <ErrorNotice error={types.error} retry={() => void types.refetch()} />;
  if (found.isPending || type === undefined) return <LoadingRows label={text.connectors.title} />;
  const files = type.capabilities.stores_files === true;
  const tab = params.get("tab") ?? (type.type === "files" ? "files" : "schema");
  const icon = { size: 15, strokeWidth: 1.75 };
  return (
    <Page
      title={
        <span className={styles.title}>
          <ConnectorLogo type={type.type} size={36} />
          <span>
            {found.data.name}
            <small>{found.data.description || type.label}</small>
          </span>
        </span>
      }
      actions={
        <Group gap="xs">
          <span aria-live="polite">
            <TestOutcome result={test.data} error={test.error} />
          </span>
          {may.execute && (
            <Button
              variant="default"
              leftSection={<Plug size={15} />}
              loading={test.isPending}
              onClick={() => test.mutate()}
            >
              {text.connector.test}
            </Button>
          )}
          {may.write && (
            <>
              <Button variant="default" leftSection={<Pencil size={15} />} onClick={() => does("edit")}>
                {text.connector.edit}
              </Button>
              <Button
                variant="default"
                c="var(--status-failed)"
                leftSection={<Trash2 size={15} />}
                onClick={() => does("remove")}
              >
                {text.connector.remove}
              </Button>
            </>
          )}
        </Group>
      }
    >
      <Facts connector={found.data} type={type} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => setParams({ tab: value ?? "" }, { replace: true })}
      >
        <Tabs.List mb="md">
          {files && (
            <Tabs.Tab value="files" leftSection={<FileSpreadsheet {...icon} />}>
              {text.connector.tab.files}
            </Tabs.Tab>
          )}
          <Tabs.Tab value="schema" leftSection={<Table {...icon} />}>
            {text.connector.tab.schema}
          </Tabs.Tab>
          {type.type !== "files" && (
            <Tabs.Tab value="diagram" leftSection={<Network {...icon} />}>
              {text.connector.tab.diagram}
            </Tabs.Tab>
          )}
          <Tabs.Tab value="used" leftSection={<Workflow {...icon} />}>
            {text.connector.tab.used}
          </Tabs.Tab>
        </Tabs.List>
        {files && (
          <Tabs.Panel value="files">
            <Files id={id} mayWrite={may.write} mayRead={may.execute} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="schema">
          <SchemaExplorer id={id} mayDiscover={may.execute} />
        </Tabs.Panel>
        <Tabs.Panel value="diagram">
          <Diagram id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="used">
          <UsedBy id={id} />
        </Tabs.Panel>
      </Tabs>
      {doing === "edit" && <EditConnector connector={found.data} type={type} onClose={() => does(null)} />}
      {doing === "remove" && <Remove connector={found.data} onClose={() => does(null)} />}
    </Page>
  );
}
