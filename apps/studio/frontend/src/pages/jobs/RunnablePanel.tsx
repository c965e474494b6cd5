import { ActionIcon, Button, Skeleton, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Play, Plus, X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { type Runnable, useJobRunsLive, useRunNow } from "~/api/jobRuns";
import * as queries from "~/api/queries";
import explorer from "~/pages/explorer/ExplorerPage.module.css";
import { ShareButton } from "~/pages/sharing/ShareButton";
import { Refusal } from "~/parts/Notice";
import { text } from "~/text";
import { JobContent } from "./JobContent";
import styles from "./Jobs.module.css";
import { PackageContent } from "./PackageContent";
import { RunList } from "./RunList";

const CalendarView = lazy(() =>
  import("./CalendarView").then((module) => ({ default: module.CalendarView })),
);
const ScheduleList = lazy(() =>
  import("~/pages/schedules/ScheduleList").then((module) => ({ default: module.ScheduleList })),
);

const said = text.jobs;
const TABS = ["content", "runs", "calendar", "schedules"] as const;
type Tab = (typeof TABS)[number];

interface RunnablePanelProps {
  of: Runnable;
  workspace: string | null;
}

/** A job or a package: what it holds in order, its runs as they happen, a calendar of them, its schedules. */
export function RunnablePanel({ of, workspace }: RunnablePanelProps) {
  const [search, setSearch] = useSearchParams();
  const tab = TABS.find((each) => each === search.get("tab")) ?? "content";
  const job = useQuery({ ...queries.job(of.id), enabled: of.kind === "job" });
  const bundle = useQuery({ ...queries.jobPackage(of.id), enabled: of.kind === "job_package" });
  const known = of.kind === "job" ? job.data : bundle.data;
  const refetch = useJobRunsLive(workspace);
  const [adding, setAdding] = useState(false);
  const run = useRunNow(of);
  const show = (next: Tab) => setSearch(new URLSearchParams(next === "content" ? {} : { tab: next }));
  const title = known?.name ?? "";
  return (
    <section className={explorer.listing} aria-label={title}>
      <header className={explorer.header}>
        <div className={explorer.heading}>
          {title === "" ? <Skeleton height={20} width={180} my={4} /> : <h1>{title}</h1>}
          {known?.description && <p>{known.description}</p>}
        </div>
        <div className={explorer.buttons}>
          {title !== "" && <ShareButton object={{ type: of.kind, id: of.id, name: title }} />}
          {tab === "content" && of.kind === "job" && (
            <Button
              size="sm"
              variant="default"
              leftSection={<Plus size={15} />}
              onClick={() => setAdding(true)}
            >
              {text.explorer.add.workflow}
            </Button>
          )}
          {tab === "schedules" && (
            <Button
              size="sm"
              variant="default"
              leftSection={<Plus size={15} />}
              onClick={() => setAdding(true)}
            >
              {text.schedules.add}
            </Button>
          )}
          <Button
            size="sm"
            leftSection={<Play size={14} />}
            loading={run.isPending}
            onClick={() => run.mutate()}
          >
            {said.runNow}
          </Button>
        </div>
      </header>
      <Refusal error={run.error} />
      {run.data && tab !== "runs" && (
        <div className={styles.started} role="status">
          {said.started}
          <Link href={`/job-runs/${run.data.id}`} className={styles.link}>
            {said.watch}
          </Link>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            ml="auto"
            aria-label={text.close}
            onClick={() => run.reset()}
          >
            <X size={14} />
          </ActionIcon>
        </div>
      )}
      <Tabs
        value={tab}
        onChange={(next) => {
          setAdding(false);
          show((next ?? "content") as Tab);
        }}
        keepMounted={false}
      >
        <Tabs.List className={styles.tabs ?? ""}>
          {TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {each === "content" && of.kind === "job_package" ? said.tab.jobs : said.tab[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="content">
          {job.data && (
            <JobContent
              job={job.data}
              adding={adding}
              onAdd={() => setAdding(true)}
              onAdded={() => setAdding(false)}
            />
          )}
          {bundle.data && <PackageContent bundle={bundle.data} />}
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <RunList of={of} refetch={refetch} none={{ title: said.noRuns, hint: said.noRunsHint }} />
        </Tabs.Panel>
        <Tabs.Panel value="calendar">
          <Suspense>
            <CalendarView of={of} refetch={refetch} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="schedules">
          <Suspense>
            <ScheduleList of={of} adding={adding} onAdded={() => setAdding(false)} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}
