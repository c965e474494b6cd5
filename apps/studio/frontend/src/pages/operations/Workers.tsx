import type { WorkerHost } from "~/api/operations";
import { duration, size } from "~/format/numbers";
import { ExecutionLabel } from "~/parts/ExecutionLabel";
import { Card } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Operations.module.css";

const said = text.operations;
const JUST_NOW_MS = 3000;
type Child = WorkerHost["children"][number];

function stateOf(child: Child): string {
  if (child.busy) return child.execution_id === null ? said.busyElsewhere : said.busy;
  return child.ready ? said.idle : said.starting;
}

function Seen({ host, now }: { host: WorkerHost; now: number }) {
  const ms = Math.max(0, now - Date.parse(host.seen_at));
  const age = duration(ms);
  if (host.silent) return <span data-silent="true">{said.silent(age)}</span>;
  return <span>{ms < JUST_NOW_MS ? said.justSeen : said.seen(age)}</span>;
}

function Host({ host, now }: { host: WorkerHost; now: number }) {
  return (
    <div className={styles.host}>
      <div className={styles.hostHead}>
        <strong>{host.host}</strong>
        <span>
          {text.execution.started} <Time at={host.started_at} />
        </span>
        <Seen host={host} now={now} />
      </div>
      <table className={page.table}>
        <thead>
          <tr>
            <th>{said.child}</th>
            <th>{said.state}</th>
            <th>{said.runs}</th>
            <th className={page.number}>{said.memory}</th>
            <th className={`${page.number} ${styles.wide}`}>PID</th>
          </tr>
        </thead>
        <tbody>
          {host.children.map((child) => (
            <tr key={child.name}>
              <td className={styles.mono}>{child.name}</td>
              <td>
                <span className={styles.state} data-busy={child.busy}>
                  {stateOf(child)}
                </span>
              </td>
              <td>
                {child.execution_id === null ? (
                  <span className={page.soft}>{text.nothing}</span>
                ) : (
                  <ExecutionLabel id={child.execution_id} />
                )}
              </td>
              <td className={`${page.number} numbers`}>{size(child.memory_bytes)}</td>
              <td className={`${page.number} ${styles.wide} numbers`}>{child.pid ?? text.nothing}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The hosts of the warm pool and what each of their processes does. */
export function Workers({ hosts, now }: { hosts: readonly WorkerHost[] | null; now: number }) {
  return (
    <Card title={said.workers}>
      {hosts === null ? (
        <p className={page.none}>{said.workersUnknown}</p>
      ) : hosts.length === 0 ? (
        <p className={page.none}>
          <strong>{said.noWorkers}.</strong> {said.noWorkersHint}
        </p>
      ) : (
        hosts.map((host) => <Host key={host.host} host={host} now={now} />)
      )}
    </Card>
  );
}
