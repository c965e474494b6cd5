import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleDashed } from "lucide-react";
import { Link } from "wouter";
import * as queries from "~/api/queries";
import { found } from "~/api/tree";
import { useBoot } from "~/app/person";
import { text } from "~/text";
import { Card } from "./HomeCard";
import styles from "./HomePage.module.css";
import { firstSteps } from "./steps";

/** What somebody new does first; gone once all of it is done. */
export function FirstSteps() {
  const { user } = useBoot();
  const workspaces = useInfiniteQuery(found({ search: "", types: ["workspace"] }));
  const places = useInfiniteQuery(found({ search: "", types: ["job", "folder"], permission: "write" }));
  const connectors = useQuery(queries.connectors());
  const workflows = useQuery(queries.findWorkflows("", 8));
  const runs = useQuery(queries.executions({ size: 1 }));
  if (!workspaces.data || !places.data || !connectors.data || !workflows.data || !runs.data) return null;
  const steps = firstSteps({
    workspaces: workspaces.data.pages[0]?.count ?? 0,
    connectors: connectors.data.length,
    workflow: workflows.data.results[0]?.id ?? null,
    runs: runs.data.count,
    capabilities: user.capabilities,
    writes: (places.data.pages[0]?.count ?? 0) > 0,
  });
  if (steps.length === 0) return null;
  return (
    <Card title={text.home.steps}>
      <ol className={styles.steps}>
        {steps.map(({ key, href, done, next }) => {
          const [title, hint] = text.home.step[key];
          return (
            <li key={key} data-done={done} data-next={next} aria-current={next ? "step" : undefined}>
              <Link href={href} className={styles.step}>
                {done ? (
                  <CircleCheck size={18} aria-label={text.home.stepDone} />
                ) : (
                  <CircleDashed size={18} aria-hidden />
                )}
                <span>
                  <strong>{title}</strong>
                  <span>{hint}</span>
                </span>
              </Link>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
