import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { templates } from "~/api/templates";
import { ErrorNotice } from "~/parts/Notice";
import { text } from "~/text";
import { SketchView } from "./SketchView";
import styles from "./Templates.module.css";

/** Asked first by most who see this data, each of another kind. */
const FIRST = ["late-flights-by-airline", "weather-and-delays", "excel-report"];

/** A few templates to begin with. */
export function Featured() {
  const found = useQuery(templates());
  if (found.isError) return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  const rank = (id: string) => (FIRST.includes(id) ? FIRST.indexOf(id) : FIRST.length);
  const shown = [...(found.data ?? [])]
    .sort((one, other) => rank(one.id) - rank(other.id))
    .slice(0, FIRST.length);
  return (
    <ul className={styles.featured}>
      {found.isPending
        ? FIRST.map((id) => (
            <li key={id} aria-busy>
              <Skeleton height={112} radius={8} />
            </li>
          ))
        : shown.map(({ id, name, workflow_diagram }) => (
            <li key={id}>
              <Link href={`/templates?use=${id}`} className={styles.feature}>
                <span className={styles.picture}>
                  <SketchView diagram={workflow_diagram} label={text.templates.preview(name)} />
                </span>
                <span>{name}</span>
              </Link>
            </li>
          ))}
    </ul>
  );
}
