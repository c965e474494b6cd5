import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, lazy, Suspense, useEffect, useState } from "react";
import { Route, Switch } from "wouter";
import { onSignedOut, Problem } from "~/api/client";
import * as queries from "~/api/queries";
import { HomePage } from "~/pages/home/HomePage";
import { SettingsSkeleton } from "~/pages/settings/SettingsSkeleton";
import { WorkflowSkeleton } from "~/pages/workflow/WorkflowSkeleton";
import { ErrorBoundary } from "~/parts/ErrorBoundary";
import type { Boot } from "./boot";
import { Commands } from "./Commands";
import { CrumbsProvider } from "./crumbs";
import { NotFoundPage } from "./NotFoundPage";
import { BootProvider } from "./person";
import { Shell } from "./Shell";

// The rooms of the rail: not needed for the first page, but soon after.
const rooms = {
  connectors: () => import("~/pages/connectors/ConnectorsPage"),
  execution: () => import("~/pages/executions/ExecutionPage"),
  executions: () => import("~/pages/executions/ExecutionsPage"),
  explorer: () => import("~/pages/explorer/ExplorerPage"),
};
const ConnectorsPage = lazy(() => rooms.connectors().then((module) => ({ default: module.ConnectorsPage })));
const ExecutionPage = lazy(() => rooms.execution().then((module) => ({ default: module.ExecutionPage })));
const ExecutionsPage = lazy(() => rooms.executions().then((module) => ({ default: module.ExecutionsPage })));
const ExplorerPage = lazy(() => rooms.explorer().then((module) => ({ default: module.ExplorerPage })));
const ApprovalsPage = lazy(() =>
  import("~/pages/approvals/ApprovalsPage").then((module) => ({ default: module.ApprovalsPage })),
);
const ConnectorPage = lazy(() =>
  import("~/pages/connectors/ConnectorPage").then((module) => ({ default: module.ConnectorPage })),
);
const ComparePage = lazy(() =>
  import("~/pages/executions/ComparePage").then((module) => ({ default: module.ComparePage })),
);
const JobRunPage = lazy(() =>
  import("~/pages/jobs/JobRunPage").then((module) => ({ default: module.JobRunPage })),
);
const OperationsPage = lazy(() =>
  import("~/pages/operations/OperationsPage").then((module) => ({ default: module.OperationsPage })),
);
const SchedulesPage = lazy(() =>
  import("~/pages/schedules/SchedulesPage").then((module) => ({ default: module.SchedulesPage })),
);
const SettingsPage = lazy(() =>
  import("~/pages/settings/SettingsPage").then((module) => ({ default: module.SettingsPage })),
);
const TemplatesPage = lazy(() =>
  import("~/pages/templates/TemplatesPage").then((module) => ({ default: module.TemplatesPage })),
);

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      // What the server refused stays refused; only a server in trouble is asked again.
      retry: (failures, error) =>
        failures < 2 && error instanceof Problem && (error.status === 0 || error.status >= 500),
    },
  },
});

onSignedOut(() => {
  const here = window.location.pathname + window.location.search;
  window.location.assign(`/login?next=${encodeURIComponent(here)}`);
});

/** The page of a workflow once it has been loaded: the next one is there at once. */
let loadedPage: ComponentType<{ id: string }> | null = null;

/**
 * Asks for what the page shows while the page itself is still on its way. The page comes as state: what comes soon
 * after a fallback is shown `Suspense` holds back for a third of a second.
 */
function OpenWorkflow({ id }: { id: string }) {
  const [Page, setPage] = useState<ComponentType<{ id: string }> | null>(() => {
    void client.prefetchQuery(queries.workflow(id));
    void client.prefetchQuery(queries.nodeTypes());
    void client.prefetchQuery(queries.connectors());
    return loadedPage;
  });
  useEffect(() => {
    import("~/pages/workflow/WorkflowPage").then(
      (module) => {
        loadedPage = module.default;
        setPage(() => module.default);
      },
      (error: unknown) =>
        setPage(() => {
          throw error;
        }),
    );
  }, []);
  return Page === null ? <WorkflowSkeleton /> : <Page id={id} />;
}

const SOON = 1500;

function Routes() {
  useEffect(() => {
    // Where it fails, off the line perhaps, the page asks again when it is opened.
    const ahead = () => Object.values(rooms).forEach((load) => void load().catch(() => undefined));
    const soon = window.setTimeout(ahead, SOON);
    return () => window.clearTimeout(soon);
  }, []);
  return (
    <Suspense>
      <Switch>
        <Route path="/">
          <HomePage />
        </Route>
        <Route path="/workspaces">
          <ExplorerPage kind={null} id={null} />
        </Route>
        <Route path="/workspaces/:id">{({ id }) => <ExplorerPage kind="workspace" id={id} />}</Route>
        <Route path="/folders/:id">{({ id }) => <ExplorerPage kind="folder" id={id} />}</Route>
        <Route path="/jobs/:id">{({ id }) => <ExplorerPage kind="job" id={id} />}</Route>
        <Route path="/job-packages/:id">{({ id }) => <ExplorerPage kind="job_package" id={id} />}</Route>
        <Route path="/job-runs/:id">
          {({ id }) => (
            <Suspense>
              <JobRunPage key={id} id={id} />
            </Suspense>
          )}
        </Route>
        <Route path="/workflows/:id">{({ id }) => <OpenWorkflow key={id} id={id} />}</Route>
        <Route path="/executions">
          <ExecutionsPage />
        </Route>
        <Route path="/executions/compare">
          <Suspense>
            <ComparePage />
          </Suspense>
        </Route>
        <Route path="/executions/:id">{({ id }) => <ExecutionPage key={id} id={id} />}</Route>
        <Route path="/connectors">
          <ConnectorsPage />
        </Route>
        <Route path="/connectors/:id">
          {({ id }) => (
            <Suspense>
              <ConnectorPage key={id} id={id} />
            </Suspense>
          )}
        </Route>
        <Route path="/templates">
          <Suspense>
            <TemplatesPage />
          </Suspense>
        </Route>
        <Route path="/approvals">
          <Suspense>
            <ApprovalsPage />
          </Suspense>
        </Route>
        <Route path="/schedules">
          <Suspense>
            <SchedulesPage />
          </Suspense>
        </Route>
        <Route path="/operations">
          <Suspense>
            <OperationsPage />
          </Suspense>
        </Route>
        <Route path="/settings/*?">
          {({ "*": rest }) => (
            <Suspense fallback={<SettingsSkeleton />}>
              <SettingsPage at={rest ?? ""} />
            </Suspense>
          )}
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </Suspense>
  );
}

export function App({ boot }: { boot: Boot }) {
  return (
    <QueryClientProvider client={client}>
      <BootProvider value={boot}>
        <CrumbsProvider>
          <Shell boot={boot}>
            <ErrorBoundary>
              <Routes />
            </ErrorBoundary>
          </Shell>
          <Commands />
        </CrumbsProvider>
      </BootProvider>
    </QueryClientProvider>
  );
}
