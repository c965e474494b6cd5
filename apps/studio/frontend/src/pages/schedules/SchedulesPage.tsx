import { Button, Tabs } from "@mantine/core";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { useCrumbs } from "~/app/crumbs";
import { Page } from "~/parts/Page";
import { text } from "~/text";
import { HooksTab } from "./HooksTab";
import { ScheduleList } from "./ScheduleList";
import { TriggersTab } from "./TriggersTab";

const TABS = ["schedules", "triggers", "webhooks"] as const;
type Tab = (typeof TABS)[number];
const ADD: Record<Tab, string> = {
  schedules: text.schedules.add,
  triggers: text.starters.addTrigger,
  webhooks: text.starters.addHook,
};

/** What runs by itself: by the clock, after something else, or when somebody outside says so. */
export function SchedulesPage() {
  useCrumbs([{ label: text.nav.schedules }]);
  const [search, setSearch] = useSearchParams();
  const tab = TABS.find((each) => each === search.get("tab")) ?? "schedules";
  const [adding, setAdding] = useState(false);
  const added = () => setAdding(false);
  return (
    <Page
      title={text.schedules.title}
      hint={text.starters.hint[tab]}
      actions={
        <Button leftSection={<Plus size={15} />} onClick={() => setAdding(true)}>
          {ADD[tab]}
        </Button>
      }
    >
      <Tabs
        value={tab}
        onChange={(next) => {
          setAdding(false);
          setSearch(new URLSearchParams(next === null || next === "schedules" ? {} : { tab: next }));
        }}
        keepMounted={false}
      >
        <Tabs.List mb={16}>
          {TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {text.starters.tab[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="schedules">
          <ScheduleList of={null} adding={adding} onAdded={added} />
        </Tabs.Panel>
        <Tabs.Panel value="triggers">
          <TriggersTab adding={adding} onAdded={added} />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <HooksTab adding={adding} onAdded={added} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
