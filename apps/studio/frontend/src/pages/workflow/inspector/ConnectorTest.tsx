import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import { api } from "~/api/client";
import type { TestResult } from "~/api/types";
import { TestOutcome } from "~/pages/connectors/TestOutcome";
import { text } from "~/text";
import styles from "./Query.module.css";

/** Ask the chosen connector whether it answers. */
export function ConnectorTest({ id }: { id: string }) {
  const test = useMutation({
    mutationFn: (connector: string) => api.post<TestResult>(`connectors/${connector}/test`),
  });
  const current = test.variables === id;
  return (
    <div className={styles.test}>
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<PlugZap size={13} />}
        loading={test.isPending}
        onClick={() => test.mutate(id)}
      >
        {text.inspector.connector.test}
      </Button>
      {current && <TestOutcome result={test.data} error={test.error} />}
    </div>
  );
}
