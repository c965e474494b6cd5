import "@mantine/spotlight/styles.css";
import { useDebouncedValue } from "@mantine/hooks";
import {
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
  spotlight,
} from "@mantine/spotlight";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import {
  Activity,
  CalendarClock,
  FolderTree,
  Gauge,
  House,
  LayoutTemplate,
  Plug,
  Search,
  Settings,
  UserCheck,
  Workflow,
} from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { useLocation } from "wouter";
import { findWorkflows } from "~/api/queries";
import { text } from "~/text";
import { useBoot } from "./person";
import { useRecent } from "./recent";

/** Ctrl-K: every page, the workflows opened lately, and any workflow by its name. */
export function Commands() {
  const [, navigate] = useLocation();
  const [query, setQuery] = useState("");
  const [search] = useDebouncedValue(query.trim(), 150);
  const { user } = useBoot();
  const [recent] = useRecent(user.id);
  const found = useQuery({
    ...findWorkflows(search),
    enabled: search !== "",
    placeholderData: keepPreviousData,
  });

  const page = (label: string, href: string, Icon: typeof House): SpotlightActionData => ({
    id: href,
    label,
    leftSection: <Icon size={18} strokeWidth={1.75} />,
    onClick: () => navigate(href),
  });
  const workflow = ({ id, name }: { id: string; name: string }): SpotlightActionData => ({
    id: `/workflows/${id}`,
    label: name,
    leftSection: <Workflow size={18} strokeWidth={1.75} />,
    onClick: () => navigate(`/workflows/${id}`),
  });
  const matches = (label: string | undefined) =>
    label?.toLowerCase().includes(query.trim().toLowerCase()) ?? false;
  const pages = [
    page(text.nav.home, "/", House),
    page(text.nav.workspaces, "/workspaces", FolderTree),
    page(text.templates.title, "/templates", LayoutTemplate),
    page(text.nav.executions, "/executions", Activity),
    page(text.nav.connectors, "/connectors", Plug),
    page(text.nav.schedules, "/schedules", CalendarClock),
    page(text.nav.approvals, "/approvals", UserCheck),
    ...(user.may_operate ? [page(text.nav.operations, "/operations", Gauge)] : []),
    page(text.nav.settings, "/settings", Settings),
  ].filter((action) => matches(action.label));
  const workflows = search === "" ? recent : (found.data?.results ?? []);
  const groups: SpotlightActionGroupData[] = [
    {
      group: search === "" ? text.commands.recent : text.commands.workflows,
      actions: workflows.map(workflow),
    },
    { group: text.commands.goTo, actions: pages },
  ].filter((group) => group.actions.length > 0);

  /** Results that came after the last key have nothing chosen among them: Enter then means the first. */
  function press(event: KeyboardEvent) {
    if (event.key !== "Enter" || document.querySelector("[data-action][data-selected]")) return;
    const [first] = groups.flatMap((group) => group.actions);
    if (first?.id === undefined) return;
    event.preventDefault();
    spotlight.close();
    navigate(first.id);
  }

  return (
    <Spotlight
      attributes={{ content: { "aria-label": text.commands.open } }}
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      filter={(_, given) => given}
      shortcut={["mod + K"]}
      nothingFound={text.commands.none(query)}
      scrollable
      maxHeight={400}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      transitionProps={{ duration: 100, transition: "fade" }}
      searchProps={{
        leftSection: <Search size={18} />,
        placeholder: text.commands.placeholder,
        onKeyDown: press,
      }}
    />
  );
}
