import {
  Accordion,
  Button,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { KeyRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { NodeTypeDoc, ProblemOfNode } from "~/api/types";
import type { DiagramNode } from "~/graph/diagram";
import { replaceConfig, setConfig, setConnector } from "~/graph/editing/commands";
import { asksForConnector, type ConfigField, concerns, configForm } from "~/graph/editing/configForm";
import { proposeKeys } from "~/graph/editing/joining";
import { isJson } from "~/graph/editing/raw";
import { text } from "~/text";
import { useEditor } from "../editor/useEditor";
import { ColumnInput, ColumnsInput } from "./ColumnInputs";
import { ExpressionEditor } from "./ExpressionEditor";
import { Field } from "./Field";
import styles from "./Form.module.css";
import {
  AggregationsInput,
  ExpressionsInput,
  MappingInput,
  RulesInput,
  SortInput,
  TypesInput,
} from "./ListInputs";
import { ConnectorInput, TableInput } from "./SourceInputs";
import { useColumns, useKnown } from "./useKnown";

const words = text.editor.form;

interface FormProps {
  node: DiagramNode;
  problems: readonly ProblemOfNode[];
}

const isSet = (value: unknown) => value !== undefined && value !== null;
const strings = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.filter((each) => typeof each === "string")
    : typeof value === "string"
      ? [value]
      : [];
const textOf = (value: unknown) =>
  !isSet(value) ? "" : typeof value === "string" ? value : JSON.stringify(value);

/** Fields that few need stay folded away until they are used. */
function isRare(field: ConfigField, node: DiagramNode, all: readonly ConfigField[]): boolean {
  if (field.required || isSet(node.data.config[field.key])) return false;
  return (
    field.widget === "json" || (field.widget === "query" && all.some(({ widget }) => widget === "table"))
  );
}

function JsonField({
  label,
  value,
  wrong,
  onChange,
}: {
  label: string;
  value: unknown;
  wrong: boolean;
  onChange: (value: unknown) => void;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const [broken, setBroken] = useState(false);
  return (
    <Textarea
      size="xs"
      aria-label={label}
      autosize
      minRows={2}
      maxRows={12}
      ff="monospace"
      value={draft ?? (isSet(value) ? JSON.stringify(value, null, 2) : "")}
      error={broken ? words.notJson : wrong}
      onChange={(event) => {
        const written = event.currentTarget.value;
        setDraft(written);
        if (written.trim() === "") {
          setBroken(false);
          onChange(undefined);
          return;
        }
        try {
          onChange(JSON.parse(written));
          setBroken(false);
        } catch {
          setBroken(true);
        }
      }}
      onBlur={() => !broken && setDraft(null)}
    />
  );
}

function Input({ field, node, problems }: FormProps & { field: ConfigField }): ReactNode {
  const editor = useEditor();
  const known = useKnown(node, field.port);
  const { key, label, widget } = field;
  const value = node.data.config[key];
  const wrong = problems.some(({ severity }) => severity === "error");
  const set = (next: unknown) =>
    editor.change({ what: text.editor.did.config, key: `config:${node.id}:${key}` }, (raw) =>
      setConfig(raw, node.id, key, next),
    );
  /** Empty is not set, so that the default holds; what is needed stays, empty, and is a problem. */
  const setText = (next: string) => set(next === "" && !field.required ? undefined : next);
  const usual = isSet(field.usual) && typeof field.usual !== "object" ? String(field.usual) : "";
  const list = { label, value, known, problems, onChange: set };
  switch (widget) {
    case "connector":
      return (
        <ConnectorInput
          value={node.data.connectorId}
          wrong={wrong}
          onChange={(connector) =>
            editor.change({ what: text.editor.did.config }, (raw) => setConnector(raw, node.id, connector))
          }
        />
      );
    case "table":
      return <TableInput node={node} value={textOf(value)} wrong={wrong} onChange={setText} />;
    case "column":
      return (
        <ColumnInput
          label={label}
          value={textOf(value)}
          columns={known.columns}
          wrong={wrong}
          onChange={setText}
        />
      );
    case "columns":
      return (
        <ColumnsInput
          label={label}
          value={strings(value)}
          columns={known.columns}
          wrong={wrong}
          onChange={(next) => set(next.length === 0 && !field.required ? undefined : next)}
        />
      );
    case "expression":
    case "code":
    case "query":
      return (
        <ExpressionEditor
          label={label}
          value={textOf(value)}
          problems={problems}
          known={known}
          hint={widget === "expression" ? words.completion : ""}
          tall={widget !== "expression"}
          onChange={setText}
        />
      );
    case "expressions":
      return <ExpressionsInput {...list} nameLabel={words.newName} />;
    case "cases":
      return <ExpressionsInput {...list} nameLabel={words.case} />;
    case "mapping":
      return key === "paths" ? (
        <MappingInput {...list} first={words.newName} second={words.path} />
      ) : (
        <MappingInput {...list} second={words.newName} />
      );
    case "types":
      return <TypesInput {...list} />;
    case "sort":
      return <SortInput {...list} />;
    case "aggregations":
      return <AggregationsInput {...list} />;
    case "rules":
      return <RulesInput {...list} />;
    case "choice":
      return (
        <Select
          size="xs"
          aria-label={label}
          data={[...field.options]}
          value={isSet(value) ? String(value) : usual || null}
          placeholder={words.choose}
          error={wrong}
          clearable={!field.required && isSet(value) && usual === ""}
          allowDeselect={false}
          onChange={(next) => set(next === null ? undefined : next)}
        />
      );
    case "choices":
      return (
        <MultiSelect
          size="xs"
          aria-label={label}
          data={[...field.options]}
          value={strings(value)}
          error={wrong}
          onChange={set}
        />
      );
    case "names":
      return <TagsInput size="xs" aria-label={label} value={strings(value)} error={wrong} onChange={set} />;
    case "switch":
      return (
        <Switch
          size="sm"
          aria-label={label}
          checked={isSet(value) ? value === true : field.usual === true}
          onChange={(event) =>
            set(
              event.currentTarget.checked === (field.usual === true)
                ? undefined
                : event.currentTarget.checked,
            )
          }
        />
      );
    case "whole":
    case "number":
      return (
        <NumberInput
          size="xs"
          aria-label={label}
          allowDecimal={widget === "number"}
          placeholder={usual && words.usual(usual)}
          {...(field.least !== null && { min: field.least })}
          {...(field.most !== null && { max: field.most })}
          clampBehavior="none"
          thousandSeparator=" "
          value={typeof value === "number" ? value : textOf(value)}
          error={wrong}
          onChange={(next) => set(next === "" ? undefined : next)}
        />
      );
    case "text":
      return (
        <TextInput
          size="xs"
          aria-label={label}
          placeholder={usual && words.usual(usual)}
          value={textOf(value)}
          error={wrong}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      );
    default:
      return <JsonField label={label} value={value} wrong={wrong} onChange={set} />;
  }
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
        <Input field={field} node={node} problems={own} />
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
  const { own } = type ? configForm(type.config_schema) : { own: [] };
  const fields = own.filter(({ widget }) => widget !== "connector" || asksForConnector(node.data.nodeType));
  const rare = fields.filter((field) => isRare(field, node, fields));
  const usual = fields.filter((field) => !rare.includes(field));
  return (
    <div className={styles.form} data-config>
      {type === null && <p className={styles.description}>{words.unknownType}</p>}
      {view === "json" || type === null ? (
        <JsonForm node={node} />
      ) : (
        <>
          {type.operation === "join" && <KeyProposals node={node} />}
          <Fields fields={usual} node={node} problems={problems} />
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
