import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Boxes, Plus } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { groups } from "~/api/people";
import { count } from "~/format/numbers";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { Card, LoadingRows, Page, Pager } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { SearchInput } from "~/parts/SearchInput";
import { text } from "~/text";
import { GroupForm } from "./GroupForm";
import styles from "./Members.module.css";

const said = text.people.groups;
const SIZE = 25;

/** The groups that things can be shared with. */
export function GroupsPage() {
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 150);
  const [at, setAt] = useState(1);
  const [adding, add] = useState(false);
  const found = useQuery({ ...groups(search, at, SIZE), placeholderData: keepPreviousData });
  const button = (
    <Button leftSection={<Plus size={15} />} onClick={() => add(true)}>
      {said.add}
    </Button>
  );
  return (
    <Page
      title={text.people.room.groups}
      hint={said.hint}
      actions={
        <>
          <SearchInput
            w={200}
            label={said.search}
            value={typed}
            onChange={(value) => {
              setTyped(value);
              setAt(1);
            }}
          />
          {button}
        </>
      }
    >
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={said.title} rows={3} />
      ) : found.data.results.length === 0 ? (
        <Notice icon={Boxes} title={search === "" ? said.none : said.noMatch}>
          {search === "" && said.noneHint}
        </Notice>
      ) : (
        <>
          <Card>
            <table className={page.table}>
              <thead>
                <tr>
                  <th>{said.name}</th>
                  <th className={styles.wide}>{said.description}</th>
                  <th className={styles.level}>{said.role}</th>
                  <th className={`${styles.count} ${page.number}`}>{said.members}</th>
                </tr>
              </thead>
              <tbody>
                {found.data.results.map((group) => (
                  <tr key={group.id}>
                    <td title={group.name}>
                      <Link href={`/settings/groups/${group.id}`} className={page.link}>
                        {group.name}
                      </Link>
                    </td>
                    <td className={`${page.soft} ${styles.wide}`} title={group.description}>
                      {group.description || text.nothing}
                    </td>
                    <td className={page.soft}>
                      <span className="capital">{group.role ?? said.noRole}</span>
                    </td>
                    <td className={`${page.number} numbers`}>{count(group.member_count)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Card>
          <Pager
            total={said.total(found.data.count)}
            page={at}
            pages={Math.max(1, Math.ceil(found.data.count / SIZE))}
            onPage={setAt}
          />
        </>
      )}
      {adding && (
        <GroupForm
          group={null}
          onClose={() => add(false)}
          onSaved={({ id }) => navigate(`/settings/groups/${id}`)}
        />
      )}
    </Page>
  );
}
