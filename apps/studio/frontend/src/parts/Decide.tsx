import { Button, Textarea } from "@mantine/core";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { type Approval, useDecide } from "~/api/approvals";
import { text } from "~/text";
import styles from "./Decide.module.css";
import { Refusal } from "./Notice";

const said = text.approvals;

/** Lets a person answer what an execution asks. */
export function Decide({ approval }: { approval: Approval }) {
  const [comment, setComment] = useState("");
  const decide = useDecide(approval.id);
  const asking = (decision: string) => decide.isPending && decide.variables?.decision === decision;
  return (
    <div className={styles.decide}>
      <Textarea
        className={styles.comment ?? ""}
        size="xs"
        autosize
        minRows={1}
        maxRows={6}
        maxLength={2000}
        aria-label={said.commentOn(approval.message || approval.workflow_name)}
        placeholder={said.comment}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <Button
        size="xs"
        leftSection={<Check size={14} />}
        loading={asking("approve")}
        onClick={() => decide.mutate({ decision: "approve", comment })}
      >
        {said.approve}
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<X size={14} />}
        loading={asking("reject")}
        onClick={() => decide.mutate({ decision: "reject", comment })}
      >
        {said.reject}
      </Button>
      <div className={styles.refusal}>
        <Refusal error={decide.error} />
      </div>
    </div>
  );
}
