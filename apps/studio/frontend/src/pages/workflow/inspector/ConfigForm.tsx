import { Accordion, Button, SegmentedControl } from "@mantine/core";
import { KeyRound } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { NodeTypeDoc } from "~/api/types";
import { type DiagramNode, operationOf } from "~/graph/diagram";
import { replaceConfig, setConfig } from "~/graph/editing/commands";
import { asksForConnector, type ConfigField, concerns, configForm } from "~/graph/editing/configForm";
import { proposeKeys } from "~/graph/editing/joining";
import { isJson } from "~/graph/editing/raw";
import { text } from "~/text";
import { useEditor } from "../editor/useEditor";
import { ConfigInput, type FormProps, isSet, strings } from "./ConfigInput";
import { Field } from "./Field";
import styles from "./Form.module.css";
import { takeFocus } from "./FormSkeleton";
import { JoinPreview } from "./JoinPreview";
import { JsonField } from "./JsonField";
import { useColumns } from "./useKnown";

const words = text.editor.form;

/** What only one kind of join looks at. */
const NEAREST = new Set(["strategy", "by", "tolerance"]);

/** Fields that few need stay folded away until they are used. */
function isRare(field: ConfigField, node: DiagramNode, all: readonly ConfigField[]): boolean {
  if (field.required || isSet(node.data.config[field.key])) return false;
  if (NEAREST.has(field.key) && operationOf(node.data) === "join")
    return node.data.config.joinType !== "asof";
  return (
    field.widget === "json" || (field.widget === "query" && all.some(({ widget }) => widget === "table"))
  );
}

function Fields({ fields, node, problems }: FormProps & { fields: readonly ConfigField[] }) {
  return fields.map((field) => {
    const own = problems.filter((problem) => concerns(problem.field, field.key));
    return (
      <Field
        key={field.key}
        label={field.widget === "connector" ? words.connector : field.label}
        description={field.description}
        required={field.required}
        problems={own}
      >
        <ConfigInput field={field} node={node} problems={own} />
      </Field>
    );
  });
}

/** Pairs of columns that look as if they meant the same, one click each. */
function KeyProposals({ node }: { node: DiagramNode }) {
  const editor = useEditor();
  const left = useColumns(node, "left");
  const right = useColumns(node, "right");
  const { leftOn, rightOn, joinType } = node.data.config;
  if (strings(leftOn).length > 0 || strings(rightOn).length > 0 || joinType === "cross") return null;
  const found = proposeKeys(left, right);
  if (found.length === 0) return null;
  return (
    <Field label={words.proposals} problems={[]}>
      <div className={styles.proposals}>
        {found.map((pair) => (
          <Button
            key={`${pair.left}=${pair.right}`}
            size="compact-xs"
            variant="light"
            leftSection={<KeyRound size={12} />}
            onClick={() =>
              editor.change({ what: text.editor.did.config }, (raw) =>
                setConfig(setConfig(raw, node.id, "leftOn", [pair.left]), node.id, "rightOn", [pair.right]),
              )
            }
          >
            {words.propose(pair.left, pair.right)}
          </Button>
        ))}
      </div>
    </Field>
  );
}

/** The whole config as it is stored. */
function JsonForm({ node }: { node: DiagramNode }) {
  const editor = useEditor();
  return (
    <JsonField
      label={text.node.asJson}
      value={node.data.config}
      wrong={false}
      onChange={(config) => {
        if (!isJson(config)) return;
        editor.change({ what: text.editor.did.config, key: `config:${node.id}` }, (raw) =>
          replaceConfig(raw, node.id, config),
        );
      }}
    />
  );
}

/** The settings of a node, with the inputs its type's schema asks for. */
export function ConfigForm({ node, problems, type }: FormProps & { type: NodeTypeDoc | null }) {
  const [view, setView] = useState("form");
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => takeFocus(form.current), []);
  const { own } = type ? configForm(type.config_schema) : { own: [] };
  const fields = own.filter(({ widget }) => widget !== "connector" || asksForConnector(node.data.nodeType));
  const rare = fields.filter((field) => isRare(field, node, fields));
  const usual = fields.filter((field) => !rare.includes(field));
  return (
    <div ref={form} className={styles.form} data-config>
      {type === null && <p className={styles.description}>{words.unknownType}</p>}
      {view === "json" || type === null ? (
        <JsonForm node={node} />
      ) : (
        <>
          {type.operation === "join" && <KeyProposals node={node} />}
          <Fields fields={usual} node={node} problems={problems} />
          {type.operation === "join" && <JoinPreview node={node} />}
          {rare.length > 0 && (
            <Accordion variant="separated" chevronSize={14}>
              <Accordion.Item value="more">
                <Accordion.Control className={styles.more ?? ""}>{words.optional}</Accordion.Control>
                <Accordion.Panel>
                  <div className={styles.form}>
                    <Fields fields={rare} node={node} problems={problems} />
                  </div>
                </Accordion.Panel>
              </Accordion.Item>
            </Accordion>
          )}
        </>
      )}
      {type !== null && (
        <SegmentedControl
          size="xs"
          value={view}
          onChange={setView}
          style={{ alignSelf: "flex-start" }}
          data={[
            { value: "form", label: text.node.asForm },
            { value: "json", label: text.node.asJson },
          ]}
        />
      )}
    </div>
  );
}

/** What every node knows: retries, timeouts, names of its output. */
export function SettingsForm({ node, problems, type }: FormProps & { type: NodeTypeDoc | null }) {
  if (type === null) return null;
  return (
    <div className={styles.form}>
      <Fields fields={configForm(type.config_schema).common} node={node} problems={problems} />
    </div>
  );
}
