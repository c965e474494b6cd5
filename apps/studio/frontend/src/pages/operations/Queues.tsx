import { Tooltip } from "@mantine/core";
import { Link } from "wouter";
import type { QueueState } from "~/api/operations";
import { count } from "~/format/numbers";
import { Card } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Operations.module.css";

const said = text.operations;

function Lane({ queue }: { queue: QueueState }) {
  return (
    <tr>
      <td>{said.lane[queue.lane] ?? queue.lane}</td>
      <td className={`${page.number} numbers`}>
        {queue.hints === null ? <span className={styles.ended}>{said.redisAway}</span> : count(queue.hints)}
      </td>
      <td className={`${page.number} numbers`}>{count(queue.queued)}</td>
      <td className={`${page.number} numbers`}>{count(queue.running)}</td>
      <td className={`${page.number} numbers`}>{count(queue.paused)}</td>
      <td className={`${page.soft} ${styles.reasons}`}>
        {queue.waiting_for
          .map(({ reason, executions }) => `${said.reasons[reason] ?? reason} (${count(executions)})`)
          .join(", ") || text.nothing}
      </td>
    </tr>
  );
}

/** The lanes of the warm pool, and which workflows fill them. */
export function Queues({ queues }: { queues: readonly QueueState[] }) {
  const queued = queues.flatMap((queue) => queue.workflows);
  return (
    <div className={styles.pair}>
      <Card title={said.lanes}>
        <table className={page.table}>
          <thead>
            <tr>
              <th>{said.laneName}</th>
              <th className={page.number}>
                <Tooltip label={said.hintsHint} multiline maw={280}>
                  <span>{said.hints}</span>
                </Tooltip>
              </th>
              <th className={page.number}>{said.queued}</th>
              <th className={page.number}>{said.running}</th>
              <th className={page.number}>{said.paused}</th>
              <th>{said.waitingFor}</th>
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <Lane key={queue.lane} queue={queue} />
            ))}
          </tbody>
        </table>
      </Card>
      <Card title={said.queuedBy}>
        {queued.length === 0 ? (
          <p className={page.none}>{said.queueEmpty}</p>
        ) : (
          <table className={page.table}>
            <thead>
              <tr>
                <th>{said.workflow}</th>
                <th className={page.number}>{said.queued}</th>
                <th>{said.since}</th>
              </tr>
            </thead>
            <tbody>
              {queued.map(({ workflow_id, workflow_name, queued, oldest_queued_at }) => (
                <tr key={workflow_id}>
                  <td>
                    <Link href={`/executions?workflow=${workflow_id}&status=queued`} className={page.link}>
                      {workflow_name ?? workflow_id.slice(-6)}
                    </Link>
                  </td>
                  <td className={`${page.number} numbers`}>{count(queued)}</td>
                  <td className={page.soft}>
                    <Time at={oldest_queued_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
    </div>
  );
}
