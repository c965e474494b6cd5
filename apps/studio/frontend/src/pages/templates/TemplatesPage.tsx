import { Button, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { type Template, templates } from "~/api/templates";
import { useCrumbs } from "~/app/crumbs";
import { connectorIcon } from "~/parts/icons";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { LoadingRows, Page } from "~/parts/Page";
import { SearchInput } from "~/parts/SearchInput";
import { text } from "~/text";
import { SketchView } from "./SketchView";
import styles from "./Templates.module.css";
import { UseTemplate } from "./UseTemplate";

const has = (template: Template, words: readonly string[]) => {
  const said = [template.name, template.description, ...template.categories].join(" ").toLowerCase();
  return words.every((word) => said.includes(word));
};

function TemplateCard({ template, onUse }: { template: Template; onUse: () => void }) {
  return (
    <li className={styles.card}>
      <div className={styles.picture}>
        <SketchView diagram={template.workflow_diagram} label={text.templates.preview(template.name)} />
      </div>
      <div className={styles.about}>
        <h2>{template.name}</h2>
        <p>{template.description}</p>
      </div>
      <footer className={styles.foot}>
        <ul className={styles.tags} aria-label={text.templates.filter}>
          {template.categories.map((category) => (
            <li key={category}>{category}</li>
          ))}
        </ul>
        <span className={styles.needs}>
          {template.slots.map(({ name, label, connector_type }) => {
            const Icon = connectorIcon(connector_type);
            return (
              <span key={name} title={label}>
                <Icon size={15} strokeWidth={1.75} aria-label={label} />
              </span>
            );
          })}
        </span>
        <Button size="xs" variant="light" onClick={onUse}>
          {text.templates.use}
        </Button>
      </footer>
    </li>
  );
}

/** Workflows to begin with: found by words and category, copied with the connectors that one chooses. */
export function TemplatesPage() {
  useCrumbs([{ label: text.nav.workspaces, href: "/workspaces" }, { label: text.templates.title }]);
  const found = useQuery(templates());
  const [params, setParams] = useSearchParams();
  const [search, setSearch] = useState("");
  const category = params.get("category");
  const chosen = params.get("use");
  const categories = useMemo(
    () => [...new Set((found.data ?? []).flatMap((each) => each.categories))].sort(),
    [found.data],
  );
  const set = (key: string, value: string | null) =>
    setParams(
      (known) => {
        const next = new URLSearchParams(known);
        if (value === null) next.delete(key);
        else next.set(key, value);
        return next;
      },
      { replace: key === "category" },
    );
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = (found.data ?? []).filter(
    (each) => (category === null || each.categories.includes(category)) && has(each, words),
  );
  const using = found.data?.find(({ id }) => id === chosen);
  return (
    <Page
      title={text.templates.title}
      hint={text.templates.hint}
      actions={<SearchInput w={260} label={text.templates.search} value={search} onChange={setSearch} />}
    >
      <nav className={styles.categories} aria-label={text.templates.filter}>
        {[null, ...categories].map((each) => (
          <UnstyledButton
            key={each ?? ""}
            className={styles.category}
            aria-pressed={category === each}
            onClick={() => set("category", each)}
          >
            {each ?? text.templates.all}
          </UnstyledButton>
        ))}
        {found.isSuccess && (
          <span className={styles.count} role="status">
            {text.templates.shown(shown.length, found.data.length)}
          </span>
        )}
      </nav>
      {found.isError ? (
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <LoadingRows label={text.templates.title} />
      ) : shown.length === 0 ? (
        <Notice
          icon={Search}
          title={text.templates.none}
          action={
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setSearch("");
                set("category", null);
              }}
            >
              {text.templates.clear}
            </Button>
          }
        >
          {text.templates.noneHint}
        </Notice>
      ) : (
        <ul className={styles.cards}>
          {shown.map((template) => (
            <TemplateCard key={template.id} template={template} onUse={() => set("use", template.id)} />
          ))}
        </ul>
      )}
      {using && (
        <UseTemplate
          key={using.id}
          template={using}
          job={params.get("job")}
          folder={params.get("folder")}
          onClose={() => set("use", null)}
        />
      )}
    </Page>
  );
}
