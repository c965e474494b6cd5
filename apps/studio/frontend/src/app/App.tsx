import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { onSignedOut, Problem } from "~/api/client";
import { ConnectorsPage } from "~/pages/connectors/ConnectorsPage";
import { ExecutionPage } from "~/pages/executions/ExecutionPage";
import { ExecutionsPage } from "~/pages/executions/ExecutionsPage";
import { ExplorerPage } from "~/pages/explorer/ExplorerPage";
import { HomePage } from "~/pages/home/HomePage";
import { WorkflowSkeleton } from "~/pages/workflow/WorkflowSkeleton";
import { ErrorBoundary } from "~/parts/ErrorBoundary";
import type { Boot } from "./boot";
import { Commands } from "./Commands";
import { CrumbsProvider } from "./crumbs";
import { NotFoundPage } from "./NotFoundPage";
import { BootProvider } from "./person";
import { Shell } from "./Shell";

const ApprovalsPage = lazy(() =>
  import("~/pages/approvals/ApprovalsPage").then((module) => ({ default: module.ApprovalsPage })),
);
const ComparePage = lazy(() =>
  import("~/pages/executions/ComparePage").then((module) => ({ default: module.ComparePage })),
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
const WorkflowPage = lazy(() => import("~/pages/workflow/WorkflowPage"));

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

function Routes() {
  return (
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
      <Route path="/workflows/:id">
        {({ id }) => (
          <Suspense fallback={<WorkflowSkeleton />}>
            <WorkflowPage key={id} id={id} />
          </Suspense>
        )}
      </Route>
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
      <Route path="/settings">
        <Suspense>
          <SettingsPage />
        </Suspense>
      </Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
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
