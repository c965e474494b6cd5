import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import * as queries from "~/api/queries";
import type { JsonSchema } from "~/graph/schemaForm";
import { ErrorNotice } from "~/parts/Notice";
import { text } from "~/text";
import styles from "./Inspector.module.css";

function typeText(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (schema.anyOf)
    return schema.anyOf
      .map(typeText)
      .filter((each) => each !== "null")
      .join(" | ");
  if (schema.$ref) return schema.$ref.split("/").at(-1) ?? "";
  if (schema.type === "array") return `[${schema.items ? typeText(schema.items) : ""}]`;
  return Array.isArray(schema.type) ? schema.type.join(" | ") : (schema.type ?? "");
}

/** What a node type does and which settings it knows, from the type itself. */
export function DocsView({ category, operation }: { category: string; operation: string | null }) {
  const types = useQuery(queries.nodeTypes());
  if (types.isError) return <ErrorNotice error={types.error} retry={() => void types.refetch()} />;
  if (types.isPending) return <Skeleton height={80} />;
  const found = types.data.find(
    (each) =>
      each.category === category &&
      (each.operation === operation || (operation !== null && each.aliases.includes(operation))),
  );
  if (!found) return <p className={styles.muted}>{text.node.noDocs}</p>;
  const settings = Object.entries(found.config_schema.properties ?? {}).filter(
    ([, { widget }]) => widget !== "hidden",
  );
  return (
    <div className={styles.docs}>
      <p>{found.description}</p>
      {found.documentation !== found.description && <p className={styles.prose}>{found.documentation}</p>}
      <h3 className={styles.heading}>{text.node.settings}</h3>
      {settings.map(([key, schema]) => (
        <div key={key} className={styles.setting}>
          <code>{key}</code>
          <span>{typeText(schema)}</span>
          {schema.default !== undefined && schema.default !== null && (
            <span>{text.node.defaultValue(JSON.stringify(schema.default))}</span>
          )}
          {schema.description && <p>{schema.description}</p>}
        </div>
      ))}
    </div>
  );
}
