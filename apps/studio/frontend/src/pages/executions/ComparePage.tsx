import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, GitCompareArrows } from "lucide-react";
import { useMemo } from "react";
import { Link, useSearchParams } from "wouter";
import * as queries from "~/api/queries";
import { useExecution } from "~/api/useExecution";
import { useWorkflowNames } from "~/api/useWorkflowNames";
import { useCrumbs } from "~/app/crumbs";
import { count, duration } from "~/format/numbers";
import { type ComparedNode, changeOf, compare, ratio } from "~/graph/comparison";
import { readDiagram } from "~/graph/diagram";
import type { ExecutionState } from "~/graph/execution";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Card, LoadingRows, Page } from "~/parts/Page";
import { Status, StatusIcon } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Compare.module.css";

const said = text.compare;

function Side({ run, name, which }: { run: ExecutionState; name: string | undefined; which: string }) {
  return (
    <div className={styles.side}>
      <span className={styles.which}>{which}</span>
      <Link href={`/executions/${run.id}`} className={styles.name}>
        {name ?? text.execution.title(run.id)}
      </Link>
      <span className={styles.facts}>
        <Status status={run.status} />
        <Time at={run.started_at ?? run.created_at} />
        <span className="numbers">{text.execution.title(run.id)}</span>
      </span>
    </div>
  );
}

function Took({ ms, longest, which }: { ms: number | null; longest: number; which: "first" | "second" }) {
  return (
    <div className={styles.took}>
      <span className="numbers">{ms === null ? text.nothing : duration(ms)}</span>
      <div className={styles.lane}>
        {ms !== null && <span data-which={which} style={{ width: `${(ms / longest) * 100}%` }} />}
      </div>
    </div>
  );
}

function Change({ value }: { value: number | null }) {
  const change = changeOf(value);
  if (change === null)
    return <span className={styles.soft}>{value === null ? text.nothing : said.same}</span>;
  return (
    <span className={styles.change} data-slower={value !== null && value > 1}>
      {change}
    </span>
  );
}

function Row({ node, label, longest }: { node: ComparedNode; label: string; longest: number }) {
  const { first, second } = node;
  const missing = first === null ? said.second : second === null ? said.first : null;
  return (
    <tr>
      <td>
        <div className={styles.node} title={label}>
          {first && <StatusIcon status={first.status} />}
          {second && second.status !== first?.status && <StatusIcon status={second.status} />}
          <span>{label}</span>
        </div>
        {missing && <div className={styles.soft}>{said.onlyIn(missing)}</div>}
      </td>
      <td>
        <Took ms={first?.duration_ms ?? null} longest={longest} which="first" />
        <Took ms={second?.duration_ms ?? null} longest={longest} which="second" />
      </td>
      <td className={`${styles.number} numbers`}>
        <Change value={node.durationRatio} />
      </td>
      {[first, second].map((each, index) => (
        <td key={index === 0 ? "first" : "second"} className={`${styles.number} numbers`}>
          {each?.rows_out == null ? text.nothing : count(each.rows_out)}
        </td>
      ))}
      <td className={`${styles.number} numbers`}>
        {node.rowsDifference === null || node.rowsDifference === 0 ? (
          <span className={styles.soft}>{node.rowsDifference === 0 ? said.same : text.nothing}</span>
        ) : (
          `${node.rowsDifference > 0 ? "+" : "−"}${count(Math.abs(node.rowsDifference))}`
        )}
      </td>
    </tr>
  );
}

function Compared({
  first,
  second,
  swap,
}: {
  first: ExecutionState;
  second: ExecutionState;
  swap: () => void;
}) {
  const nameOf = useWorkflowNames([first.workflow_id, second.workflow_id]);
  const workflow = useQuery(queries.workflow(first.workflow_id));
  const labels = useMemo(
    () =>
      new Map(readDiagram(workflow.data?.workflow_diagram).nodes.map((each) => [each.id, each.data.label])),
    [workflow.data],
  );
  const { nodes, longest, sameWorkflow, firstMs, secondMs } = compare(first, second);
  return (
    <Page
      title={said.title}
      hint={sameWorkflow ? undefined : said.otherWorkflows}
      actions={
        <Button variant="default" leftSection={<ArrowLeftRight size={15} />} onClick={swap}>
          {said.swap}
        </Button>
      }
    >
      <div className={styles.sides}>
        <Side run={first} name={nameOf(first.workflow_id)} which={said.first} />
        <Side run={second} name={nameOf(second.workflow_id)} which={said.second} />
      </div>
      <Card>
        <table className={styles.table}>
          <thead>
            <tr>
              <th>{said.node}</th>
              <th>
                <span className={styles.key} data-which="first">
                  {said.first}
                </span>
                <span className={styles.key} data-which="second">
                  {said.second}
                </span>
              </th>
              <th className={styles.number}>{said.change}</th>
              {[said.first, said.second].map((which, index) => (
                <th key={which} className={styles.number} aria-label={`${said.rowsOut}, ${which}`}>
                  <span className={styles.key} data-which={index === 0 ? "first" : "second"}>
                    {said.rowsOut}
                  </span>
                </th>
              ))}
              <th className={styles.number}>{said.change}</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <Row key={node.id} node={node} label={labels.get(node.id) ?? node.id} longest={longest} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td>{said.total}</td>
              <td className="numbers">
                {firstMs === null ? text.nothing : duration(firstMs)} →{" "}
                {secondMs === null ? text.nothing : duration(secondMs)}
              </td>
              <td className={`${styles.number} numbers`}>
                <Change value={ratio(firstMs, secondMs)} />
              </td>
              <td colSpan={3} />
            </tr>
          </tfoot>
        </table>
      </Card>
    </Page>
  );
}

/** Durations and rows of two runs, node by node; which two is in the address. */
export function ComparePage() {
  useCrumbs([{ label: text.nav.executions, href: "/executions" }, { label: said.title }]);
  const [search, setSearch] = useSearchParams();
  const ids = [search.get("first"), search.get("second")] as const;
  const first = useExecution(ids[0]);
  const second = useExecution(ids[1]);
  if (ids[0] === null || ids[1] === null) {
    return (
      <Notice
        icon={GitCompareArrows}
        title={said.pickTwo}
        action={
          <Button component={Link} href="/executions" size="xs" variant="default">
            {said.toList}
          </Button>
        }
      >
        {said.pickTwoHint}
      </Notice>
    );
  }
  const error = first.error ?? second.error;
  if (error) return <ErrorNotice error={error} />;
  if (!first.data || !second.data) {
    return (
      <Page title={said.title}>
        <LoadingRows label={said.title} rows={8} />
      </Page>
    );
  }
  return (
    <Compared
      first={first.data}
      second={second.data}
      swap={() => setSearch(new URLSearchParams({ first: ids[1] ?? "", second: ids[0] ?? "" }))}
    />
  );
}
