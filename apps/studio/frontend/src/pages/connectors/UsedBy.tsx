import { useQuery } from "@tanstack/react-query";
import { Workflow } from "lucide-react";
import { Link } from "wouter";
import { usersOf } from "~/api/connectors";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Card, LoadingRows } from "~/parts/Page";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Connector.module.css";

/** The workflows whose nodes name the connector. */
export function UsedBy({ id }: { id: string }) {
  const users = useQuery(usersOf(id));
  if (users.isError) return <ErrorNotice error={users.error} retry={() => void users.refetch()} />;
  if (users.isPending) return <LoadingRows label={text.connector.tab.used} rows={3} />;
  if (users.data.results.length === 0) {
    return (
      <Notice icon={Workflow} title={text.connector.unused}>
        {text.connector.unusedHint}
      </Notice>
    );
  }
  return (
    <Card>
      <table className={styles.table}>
        <tbody>
          {users.data.results.map(({ id: workflow, name, updated_at }) => (
            <tr key={workflow}>
              <td>
                <Link href={`/workflows/${workflow}`} className={styles.user}>
                  <Workflow size={15} strokeWidth={1.75} aria-hidden />
                  <span>{name}</span>
                </Link>
              </td>
              <td className={`${styles.soft} ${styles.narrow}`}>
                <Time at={updated_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
