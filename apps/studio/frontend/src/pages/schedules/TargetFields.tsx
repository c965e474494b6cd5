import { Select } from "@mantine/core";
import { PlaceSelect } from "~/pages/explorer/PlaceSelect";
import { text } from "~/text";
import styles from "./Schedules.module.css";

const said = text.starters;
export type TargetChoice = { kind: "jobs" | "workflows"; id: string | null };

/** The job or the workflow that is started. */
export function TargetFields({
  chosen,
  choose,
}: {
  chosen: TargetChoice;
  choose: (chosen: TargetChoice) => void;
}) {
  const ofJobs = chosen.kind === "jobs";
  return (
    <div className={styles.two}>
      <Select
        label={said.starts}
        allowDeselect={false}
        data={Object.entries(said.targets).map(([value, label]) => ({ value, label }))}
        value={chosen.kind}
        onChange={(kind) => kind && choose({ kind: kind as TargetChoice["kind"], id: null })}
      />
      <PlaceSelect
        key={chosen.kind}
        label={ofJobs ? text.schedules.job : text.executions.workflow}
        placeholder={ofJobs ? text.schedules.chooseJob : said.chooseWorkflow}
        types={ofJobs ? ["job"] : ["workflow"]}
        permission="write"
        value={chosen.id}
        onChange={(place) => choose({ ...chosen, id: place?.id ?? null })}
      />
    </div>
  );
}
