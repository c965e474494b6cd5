import { Skeleton, Title } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { CalendarClock, UserCheck, Workflow } from "lucide-react";
import { Link } from "wouter";
import { approvals } from "~/api/approvals";
import * as queries from "~/api/queries";
import { type Schedule, schedules } from "~/api/schedules";
import { USAGES, usage } from "~/api/settings";
import { useWorkflowNames } from "~/api/useWorkflowNames";
import { useCrumbs } from "~/app/crumbs";
import { useBoot } from "~/app/person";
import { useRecent } from "~/app/recent";
import { count } from "~/format/numbers";
import { Featured } from "~/pages/templates/Featured";
import { ErrorNotice } from "~/parts/Notice";
import { StatusIcon } from "~/parts/Status";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import { FirstSteps } from "./FirstSteps";
import { Card } from "./HomeCard";
import styles from "./HomePage.module.css";

const REFRESH_MS = 5000;

function Lines({ count }: { count: number }) {
  return (
    <div className={styles.lines} aria-busy>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <Skeleton key={index} height={14} width={`${88 - index * 9}%`} />
      ))}
    </div>
  );
}

function Recent() {
  const [opened] = useRecent(useBoot().user.id);
  const changed = useQuery(queries.findWorkflows("", 8));
  if (changed.isError) return <ErrorNotice error={changed.error} retry={() => void changed.refetch()} />;
  if (changed.isPending) return <Lines count={5} />;
  const byId = new Map(changed.data.results.map((each) => [each.id, each]));
  const rows = [
    ...opened.map((each) => byId.get(each.id) ?? { ...each, updated_at: null }),
    ...changed.data.results.filter((each) => !opened.some(({ id }) => id === each.id)),
  ].slice(0, 8);
  if (rows.length === 0) return <p className={styles.none}>{text.home.noRecent}</p>;
  return (
    <ul className={styles.list}>
      {rows.map((row) => (
        <li key={row.id}>
          <Link href={`/workflows/${row.id}`} className={styles.row}>
            <Workflow size={16} strokeWidth={1.75} className={styles.icon} aria-hidden />
            <span className={styles.name}>{row.name}</span>
            <span className={styles.when}>{row.updated_at && <Time at={row.updated_at} />}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Executions({ status, none }: { status: string; none: string }) {
  const found = useQuery({ ...queries.executions({ status, size: 6 }), refetchInterval: REFRESH_MS });
  const nameOf = useWorkflowNames((found.data?.results ?? []).map((run) => run.workflow_id));
  if (found.isError) return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  if (found.isPending) return <Lines count={3} />;
  if (found.data.results.length === 0) return <p className={styles.none}>{none}</p>;
  return (
    <ul className={styles.list}>
      {found.data.results.map((run) => (
        <li key={run.id}>
          <Link href={`/executions/${run.id}`} className={styles.row}>
            <StatusIcon status={run.status} size={16} />
            <span className={styles.name}>
              {nameOf(run.workflow_id) ?? text.execution.title(run.id)}
              {run.error && <span className={styles.error}>{run.error.message}</span>}
            </span>
            <span className={styles.when}>
              <Time at={run.finished_at ?? run.started_at} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Questions that wait for this person; no card where there are none. */
function Asked() {
  const found = useQuery(approvals({ status: "pending", size: 5 }));
  const mine = (found.data?.results ?? []).filter(({ may_decide }) => may_decide);
  if (mine.length === 0) return null;
  return (
    <Card title={text.home.asked} more={<More href="/approvals" />}>
      <ul className={styles.list}>
        {mine.map(({ id, message, workflow_name, created_at }) => (
          <li key={id}>
            <Link href="/approvals" className={styles.row}>
              <UserCheck size={16} strokeWidth={1.75} className={styles.icon} aria-hidden />
              <span className={styles.name}>{message || workflow_name}</span>
              <span className={styles.when}>
                <Time at={created_at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const hrefOfSchedule = ({ job_id, job_package_id }: Schedule) =>
  `/${job_id ? `jobs/${job_id}` : `job-packages/${job_package_id}`}?tab=schedules`;

/** What starts by itself next. */
function Upcoming() {
  const found = useQuery(schedules({ size: 5 }));
  const next = (found.data?.results ?? []).filter(({ next_fire_at }) => next_fire_at !== null);
  return (
    <Card title={text.home.upcoming} more={<More href="/schedules" />}>
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <Lines count={2} />
      ) : next.length === 0 ? (
        <p className={styles.none}>{text.home.noUpcoming}</p>
      ) : (
        <ul className={styles.list}>
          {next.map((schedule) => (
            <li key={schedule.id}>
              <Link href={hrefOfSchedule(schedule)} className={styles.row}>
                <CalendarClock size={16} strokeWidth={1.75} className={styles.icon} aria-hidden />
                <span className={styles.name}>{schedule.name || schedule.words}</span>
                <span className={styles.when}>
                  <Time at={schedule.next_fire_at} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** What this month's runs and the plan's other limits are used for. */
function Usages() {
  const { subscription } = useBoot();
  const told = useQueries({ queries: USAGES.map((type) => usage(type)) });
  return (
    <section aria-label={text.home.usageOf(subscription)}>
      <p className={styles.caption}>{text.home.usageOf(subscription)}</p>
      <dl className={styles.usages}>
        {USAGES.map((type, index) => {
          const answer = told[index]?.data;
          return (
            <div key={type} className={styles.usage}>
              <dt>{text.settings.usage[type] ?? type}</dt>
              <dd className="numbers">
                {answer === undefined ? <Skeleton height={22} width={56} my={5} /> : count(answer.used)}
                {answer?.limit != null && <span>{text.home.of(answer.limit)}</span>}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

function More({ href }: { href: string }) {
  return (
    <Link href={href} className={styles.more}>
      {text.home.all}
    </Link>
  );
}

export function HomePage() {
  const { user } = useBoot();
  useCrumbs([{ label: text.nav.home }]);
  return (
    <div className={styles.page}>
      <Title order={1}>{text.home.greeting(user.name.split(" ")[0] ?? "")}</Title>
      <FirstSteps />
      <Usages />
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Asked />
          <Card title={text.home.recent} more={<More href="/workspaces" />}>
            <Recent />
          </Card>
        </div>
        <div className={styles.stack}>
          <Card title={text.home.running} more={<More href="/executions?status=running" />}>
            <Executions status="running" none={text.home.noRunning} />
          </Card>
          <Upcoming />
          <Card title={text.home.failed} more={<More href="/executions?status=failed" />}>
            <Executions status="failed" none={text.home.noFailed} />
          </Card>
          <Card title={text.templates.from} more={<More href="/templates" />}>
            <Featured />
          </Card>
        </div>
      </div>
    </div>
  );
}
