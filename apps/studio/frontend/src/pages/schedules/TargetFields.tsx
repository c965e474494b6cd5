import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import * as queries from "~/api/queries";
import { useJobs } from "~/api/useJobs";
import { text } from "~/text";
import styles from "./Schedules.module.css";

const said = text.starters;
export type TargetChoice = { kind: "jobs" | "workflows"; id: string | null };

/** A workflow that one may read, by name. */
export function WorkflowSelect(props: {
  label: string;
  value: string | null;
  onChange: (id: string | null) => void;
}) {
  const workflows = useQuery(queries.findWorkflows("", 200));
  return (
    <Select
      label={props.label}
      placeholder={said.chooseWorkflow}
      searchable
      allowDeselect={false}
      data={(workflows.data?.results ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={props.value}
      onChange={props.onChange}
    />
  );
}

/** The job or the workflow that is started. */
export function TargetFields({
  chosen,
  choose,
}: {
  chosen: TargetChoice;
  choose: (chosen: TargetChoice) => void;
}) {
  const { jobs } = useJobs();
  return (
    <div className={styles.two}>
      <Select
        label={said.starts}
        allowDeselect={false}
        data={Object.entries(said.targets).map(([value, label]) => ({ value, label }))}
        value={chosen.kind}
        onChange={(kind) => kind && choose({ kind: kind as TargetChoice["kind"], id: null })}
      />
      {chosen.kind === "jobs" ? (
        <Select
          label={text.schedules.job}
          placeholder={text.schedules.chooseJob}
          searchable
          allowDeselect={false}
          data={jobs.map(({ id, name }) => ({ value: id, label: name }))}
          value={chosen.id}
          onChange={(id) => choose({ ...chosen, id })}
        />
      ) : (
        <WorkflowSelect
          label={text.executions.workflow}
          value={chosen.id}
          onChange={(id) => choose({ ...chosen, id })}
        />
      )}
    </div>
  );
}
