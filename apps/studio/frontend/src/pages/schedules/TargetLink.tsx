import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import * as queries from "~/api/queries";
import page from "~/parts/Page.module.css";
import { text } from "~/text";

/** What a schedule, a trigger or a webhook starts; exactly one of the ids is set. */
export interface Target {
  job_id: string | null;
  job_package_id: string | null;
  workflow_id: string | null;
}

/** A link to what is started, by its name. */
export function TargetLink({ of }: { of: Target }) {
  const job = useQuery({ ...queries.job(of.job_id ?? ""), enabled: of.job_id !== null });
  const bundle = useQuery({
    ...queries.jobPackage(of.job_package_id ?? ""),
    enabled: of.job_package_id !== null,
  });
  const workflow = useQuery({ ...queries.workflow(of.workflow_id ?? ""), enabled: of.workflow_id !== null });
  const [href, name] = of.job_id
    ? [`/jobs/${of.job_id}`, job.data?.name]
    : of.job_package_id
      ? [`/job-packages/${of.job_package_id}`, bundle.data?.name]
      : [`/workflows/${of.workflow_id}`, workflow.data?.name];
  return (
    <Link href={href} className={page.link} title={name}>
      {name ?? text.loading}
    </Link>
  );
}
