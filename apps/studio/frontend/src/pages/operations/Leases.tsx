import { Tooltip } from "@mantine/core";
import type { Lease } from "~/api/operations";
import { count, duration } from "~/format/numbers";
import { ExecutionLabel } from "~/parts/ExecutionLabel";
import { Card } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { text } from "~/text";
import styles from "./Operations.module.css";

const said = text.operations;

function Left({ ms }: { ms: number | null }) {
  if (ms === null) return <>{text.nothing}</>;
  if (ms <= 0) return <span className={styles.ended}>{said.ended}</span>;
  return <>{duration(ms)}</>;
}

/** Who holds which execution, and until when. */
export function Leases({ leases }: { leases: readonly Lease[] }) {
  return (
    <Card title={said.leases} hint={said.leasesHint}>
      {leases.length === 0 ? (
        <p className={page.none}>{said.noLeases}</p>
      ) : (
        <table className={page.table}>
          <thead>
            <tr>
              <th>{said.execution}</th>
              <th>{said.workflow}</th>
              <th>{said.holder}</th>
              <th className={page.number}>{said.left}</th>
              <th className={`${page.number} ${styles.wide}`}>
                <Tooltip label={said.fenceHint} multiline maw={280}>
                  <span>{said.fence}</span>
                </Tooltip>
              </th>
              <th className={page.number}>{said.recoveries}</th>
            </tr>
          </thead>
          <tbody>
            {leases.map((lease) => (
              <tr key={lease.execution_id}>
                <td>
                  <ExecutionLabel id={lease.execution_id} />
                </td>
                <td>{lease.workflow_name ?? text.nothing}</td>
                <td className={styles.mono} title={lease.owner ?? undefined}>
                  {lease.owner ?? text.nothing}
                </td>
                <td className={`${page.number} numbers`}>
                  <Left ms={lease.left_ms} />
                </td>
                <td className={`${page.number} ${styles.wide} numbers`}>{count(lease.fence)}</td>
                <td className={`${page.number} numbers`}>{count(lease.recoveries)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
