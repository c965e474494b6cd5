import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { UserCheck } from "lucide-react";
import { Link, useSearchParams } from "wouter";
import { type Approval, approvals } from "~/api/approvals";
import { useCrumbs } from "~/app/crumbs";
import { Decide } from "~/parts/Decide";
import { ExecutionLabel } from "~/parts/ExecutionLabel";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { LoadingRows, Page, Pager } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Approvals.module.css";

const said = text.approvals;
const SIZE = 25;

function Item({ approval }: { approval: Approval }) {
  return (
    <li className={styles.item}>
      <h2 className={styles.message}>{approval.message || said.noMessage}</h2>
      <div className={styles.about}>
        <span className={styles.status} data-status={approval.status}>
          {said.status[approval.status]}
        </span>
        <Link href={`/workflows/${approval.workflow_id}`} className={page.link}>
          {approval.workflow_name}
        </Link>
        <ExecutionLabel id={approval.execution_id} />
        <span>
          {said.asked} <Time at={approval.created_at} />
        </span>
        {approval.status === "pending" && approval.expires_at && (
          <span>
            {said.expires} <Time at={approval.expires_at} />
          </span>
        )}
        {approval.decided_at && (
          <span>
            {said.decided(approval.decided_by?.email ?? null)} <Time at={approval.decided_at} />
          </span>
        )}
        {approval.status === "pending" && !approval.may_decide && <span>{said.others}</span>}
      </div>
      {approval.comment && <p className={styles.quote}>{approval.comment}</p>}
      {approval.may_decide && <Decide approval={approval} />}
    </li>
  );
}

/** What executions ask of this person, and what became of earlier questions. */
export function ApprovalsPage() {
  useCrumbs([{ label: text.nav.approvals }]);
  const [search, setSearch] = useSearchParams();
  const all = search.get("show") === "all";
  const at = Math.max(1, Number(search.get("page")) || 1);
  const found = useQuery({
    ...approvals({ ...(all ? {} : { status: "pending" }), page: at, size: SIZE }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title={said.title}
      hint={said.hint}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={said.show}
          value={all ? "all" : "pending"}
          onChange={(value) => setSearch(new URLSearchParams(value === "all" ? { show: "all" } : {}))}
          data={[
            { value: "pending", label: said.pending },
            { value: "all", label: said.all },
          ]}
        />
      }
    >
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={said.title} rows={3} />
      ) : found.data.results.length === 0 ? (
        <Notice icon={UserCheck} title={all ? said.none : said.nonePending}>
          {said.noneHint}
        </Notice>
      ) : (
        <>
          <ul className={styles.list}>
            {found.data.results.map((approval) => (
              <Item key={approval.id} approval={approval} />
            ))}
          </ul>
          <Pager
            total={said.total(found.data.count)}
            page={at}
            pages={Math.max(1, Math.ceil(found.data.count / SIZE))}
            onPage={(next) =>
              setSearch(new URLSearchParams({ ...(all ? { show: "all" } : {}), page: String(next) }))
            }
          />
        </>
      )}
    </Page>
  );
}
