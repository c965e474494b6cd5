import { useQuery } from "@tanstack/react-query";
import { approvals } from "~/api/approvals";
import { words } from "~/operateText";
import { Decide } from "~/parts/Decide";
import { Time } from "~/parts/Time";
import styles from "./Executions.module.css";

/** What a run asks people before it goes on, and the buttons for those who may answer. */
export function Asked({ execution, labelOf }: { execution: string; labelOf: (node: string) => string }) {
  const found = useQuery(approvals({ execution, status: "pending" }));
  return found.data?.results.map((approval) => (
    <section key={approval.id} className={styles.asked} aria-label={words.waiting.approval}>
      <p>
        <strong>{words.waiting.approvalOf(labelOf(approval.node_id))}</strong>{" "}
        {approval.expires_at && (
          <span>
            {words.approvals.expires} <Time at={approval.expires_at} />
          </span>
        )}
      </p>
      {approval.message && <p>{approval.message}</p>}
      {approval.may_decide ? <Decide approval={approval} /> : <p>{words.approvals.others}</p>}
    </section>
  ));
}
