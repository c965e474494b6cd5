import { Skeleton, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import * as queries from "~/api/queries";
import type { FunctionDoc } from "~/graph/expressions/completion";
import { ErrorNotice } from "~/parts/Notice";
import { text } from "~/text";
import styles from "./Docs.module.css";

const words = text.inspector.docs;

const matches = (each: FunctionDoc, wanted: string) =>
  [each.name, ...each.aliases, ...each.methods, each.documentation].some((name) =>
    name.toLowerCase().includes(wanted),
  );

/** The functions of the expression language, by family, from the table that the server checks against. */
export function FunctionReference() {
  const functions = useQuery(queries.expressionFunctions());
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const families = useMemo(() => {
    const found = new Map<string, FunctionDoc[]>();
    for (const each of functions.data ?? []) {
      if (wanted !== "" && !matches(each, wanted)) continue;
      found.set(each.family, [...(found.get(each.family) ?? []), each]);
    }
    return [...found];
  }, [functions.data, wanted]);
  if (functions.isError)
    return <ErrorNotice error={functions.error} retry={() => void functions.refetch()} />;
  if (functions.isPending) return <Skeleton height={160} />;
  return (
    <section aria-label={words.language}>
      <h3 className={styles.heading}>{words.language}</h3>
      <p className={styles.soft}>{words.languageHint}</p>
      <TextInput
        size="xs"
        mt={8}
        mb={8}
        aria-label={words.search}
        placeholder={words.search}
        leftSection={<Search size={13} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {families.length === 0 && <p className={styles.soft}>{words.none}</p>}
      {families.map(([family, all]) => (
        <details key={`${family}:${wanted !== ""}`} className={styles.family} open={wanted !== ""}>
          <summary>
            {family}
            <span className="numbers">{words.functions(all.length)}</span>
          </summary>
          {all.map((each) => (
            <Entry key={each.name} entry={each} />
          ))}
        </details>
      ))}
    </section>
  );
}

function Entry({ entry }: { entry: FunctionDoc }) {
  const { name, signature, documentation, examples, aliases, methods } = entry;
  return (
    <div className={styles.entry} id={`function-${name}`}>
      <code className={styles.signature}>{signature}</code>
      {aliases.length > 0 && <span className={styles.soft}>{words.also(aliases.join(", "))}</span>}
      <p>{documentation}</p>
      {examples.map((example) => (
        <code key={example} className={styles.example}>
          {example}
        </code>
      ))}
      {methods.length > 0 && (
        <p className={styles.soft}>
          {words.methods} <code>{methods.map((method) => `.${method}()`).join(" ")}</code>
        </p>
      )}
    </div>
  );
}
