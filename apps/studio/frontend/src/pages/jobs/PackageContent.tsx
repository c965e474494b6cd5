import { Menu } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { Layers, Plus, Trash2 } from "lucide-react";
import { useChangeRunnable } from "~/api/jobRuns";
import * as queries from "~/api/queries";
import type { JobPackage } from "~/api/types";
import { PlaceSelect } from "~/pages/explorer/PlaceSelect";
import { Notice, Refusal } from "~/parts/Notice";
import { LoadingRows } from "~/parts/Page";
import { text } from "~/text";
import { Ordered } from "./Ordered";
import { Policy } from "./Policy";

const said = text.jobs;

/** The jobs of a package in the order in which they run, and how they are run; what may be added stands below. */
export function PackageContent({ bundle }: { bundle: JobPackage }) {
  const change = useChangeRunnable({ kind: "job_package", id: bundle.id });
  const ids =
    change.isPending && "job_ids" in change.variables ? (change.variables.job_ids ?? []) : bundle.job_ids;
  const asked = useQueries({ queries: ids.map((id) => queries.job(id)) });
  const items = asked.flatMap(({ data }) =>
    data ? [{ ...data, kind: "job" as const, parent_id: data.folder_id }] : [],
  );
  return (
    <>
      <Policy of={{ kind: "job_package", id: bundle.id }} running={bundle} />
      <Refusal error={change.error} />
      {ids.length === 0 ? (
        <Notice icon={Layers} title={said.noJobs}>
          {said.noJobsHint}
        </Notice>
      ) : asked.some(({ isPending }) => isPending) ? (
        <LoadingRows label={bundle.name} rows={3} />
      ) : (
        <Ordered
          items={items}
          onOrder={(job_ids) => change.mutate({ job_ids })}
          menu={({ id }) => (
            <Menu.Item
              color="red"
              leftSection={<Trash2 size={15} />}
              onClick={() => change.mutate({ job_ids: ids.filter((each) => each !== id) })}
            >
              {said.takeOut}
            </Menu.Item>
          )}
        />
      )}
      <PlaceSelect
        w={320}
        mt={12}
        aria-label={said.add}
        placeholder={said.add}
        leftSection={<Plus size={15} />}
        types={["job"]}
        within={bundle.workspace_id}
        without={ids}
        value={null}
        onChange={(job) => job && change.mutate({ job_ids: [...ids, job.id] })}
      />
    </>
  );
}
