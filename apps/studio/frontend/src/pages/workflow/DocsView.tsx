import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import * as queries from "~/api/queries";
import type { NodeTypeDoc } from "~/api/types";
import { asksForConnector, configForm } from "~/graph/editing/configForm";
import examples from "~/graph/examples.json";
import type { JsonSchema } from "~/graph/schemaForm";
import { ErrorNotice } from "~/parts/Notice";
import { text } from "~/text";
import styles from "./inspector/Docs.module.css";
import { FunctionReference } from "./inspector/FunctionReference";

const words = text.inspector.docs;
const EXAMPLES: Readonly<Record<string, { config: unknown }>> = examples;
/** Fields that take expressions: beside them the language is worth a look. */
const EXPRESSIONS = new Set(["expression", "expressions", "rules", "cases", "code"]);

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
  if (!found) return <p className={styles.soft}>{text.node.noDocs}</p>;
  return <Documentation type={found} />;
}

function Documentation({ type }: { type: NodeTypeDoc }) {
  const { category, operation, aliases, description, documentation, config_schema } = type;
  const example = category === "transform" ? EXAMPLES[operation] : undefined;
  const { own } = configForm(config_schema);
  const shown = own.filter(({ widget }) => widget !== "connector" || asksForConnector(category));
  return (
    <div className={styles.docs}>
      <p className={styles.lead}>{description}.</p>
      {documentation !== description && <p className={styles.prose}>{documentation}</p>}
      {aliases.length > 0 && <p className={styles.soft}>{words.also(aliases.join(", "))}</p>}
      <Ports type={type} />
      {example && (
        <>
          <h3 className={styles.heading}>{words.example}</h3>
          <pre className={styles.code}>{JSON.stringify(example.config, null, 2)}</pre>
        </>
      )}
      <Settings schema={config_schema} keys={shown.map(({ key }) => key)} />
      {own.some(({ widget }) => EXPRESSIONS.has(widget)) && <FunctionReference />}
    </div>
  );
}

function Ports({ type: { inputs, outputs } }: { type: NodeTypeDoc }) {
  const sides: [string, readonly { name: string }[] | null][] = [
    [words.inputs, inputs],
    [words.outputs, outputs],
  ];
  return (
    <div className={styles.ports}>
      {sides.map(([side, ports]) =>
        ports === null || ports.length === 0 ? null : (
          <span key={side}>
            {side}
            {ports.map(({ name }) => (
              <code key={name}>{name}</code>
            ))}
          </span>
        ),
      )}
    </div>
  );
}

function Settings({ schema, keys }: { schema: JsonSchema; keys: readonly string[] }) {
  const needed = new Set(schema.required ?? []);
  if (keys.length === 0) return null;
  return (
    <>
      <h3 className={styles.heading}>{words.settings}</h3>
      {keys.map((key) => {
        const setting = schema.properties?.[key] ?? {};
        return (
          <div key={key} className={styles.setting}>
            <code>{key}</code>
            {needed.has(key) && <span className={styles.needed}>*</span>}
            <span className={styles.kind}>{typeText(setting)}</span>
            {setting.default !== undefined && setting.default !== null && (
              <span className={styles.usual}>{text.node.defaultValue(JSON.stringify(setting.default))}</span>
            )}
            {setting.description && <p>{setting.description}</p>}
          </div>
        );
      })}
    </>
  );
}
