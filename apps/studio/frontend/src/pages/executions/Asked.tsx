import { useQuery } from "@tanstack/react-query";
import { approvals } from "~/api/approvals";
import { Decide } from "~/parts/Decide";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Executions.module.css";

/** What a run asks people before it goes on, and the buttons for those who may answer. */
export function Asked({ execution, labelOf }: { execution: string; labelOf: (node: string) => string }) {
  const found = useQuery(approvals({ execution, status: "pending" }));
  return found.data?.results.map((approval) => (
    <section key={approval.id} className={styles.asked} aria-label={text.waiting.approval}>
      <p>
        <strong>{text.waiting.approvalOf(labelOf(approval.node_id))}</strong>{" "}
        {approval.expires_at && (
          <span>
            {text.approvals.expires} <Time at={approval.expires_at} />
          </span>
        )}
      </p>
      {approval.message && <p>{approval.message}</p>}
      {approval.may_decide ? <Decide approval={approval} /> : <p>{text.approvals.others}</p>}
    </section>
  ));
}
