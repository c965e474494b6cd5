import { MultiSelect, NumberInput, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { ProblemOfNode } from "~/api/types";
import { type DiagramNode, operationOf } from "~/graph/diagram";
import { setConfig, setConnector } from "~/graph/editing/commands";
import type { ConfigField } from "~/graph/editing/configForm";
import type { Known } from "~/graph/expressions/completion";
import { text } from "~/text";
import { useEditor } from "../editor/useEditor";
import { ColumnInput, ColumnsInput } from "./ColumnInputs";
import { ConditionInput } from "./ConditionInput";
import { ConnectorTest } from "./ConnectorTest";
import { ExpressionEditor } from "./ExpressionEditor";
import styles from "./Form.module.css";
import { JsonField } from "./JsonField";
import {
  AggregationsInput,
  ExpressionsInput,
  MappingInput,
  RulesInput,
  SortInput,
  TypesInput,
} from "./ListInputs";
import { QueryPreview } from "./QueryPreview";
import { ConnectorInput, TableInput } from "./SourceInputs";
import { useKnown } from "./useKnown";
import { useSeen } from "./useSeen";

const words = text.editor.form;

export interface FormProps {
  node: DiagramNode;
  problems: readonly ProblemOfNode[];
}

export const isSet = (value: unknown) => value !== undefined && value !== null;
export const strings = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.filter((each) => typeof each === "string")
    : typeof value === "string"
      ? [value]
      : [];
const textOf = (value: unknown) =>
  !isSet(value) ? "" : typeof value === "string" ? value : JSON.stringify(value);

const READS = new Set(["read", "select"]);
/** An expression that is a condition may be built; others, such as the value of a variable, are written. */
const CONDITIONS = new Set(["filter", "read", "select", "if"]);

interface ConditionFieldProps extends FormProps {
  label: string;
  port: string | null;
  value: string;
  known: Known;
  onChange: (value: string) => void;
}

function ConditionField({ node, port, ...field }: ConditionFieldProps) {
  const seen = useSeen(node, port);
  return CONDITIONS.has(operationOf(node.data) ?? "") ? (
    <ConditionInput {...field} hint={words.completion} seen={seen} />
  ) : (
    <ExpressionEditor {...field} hint={words.completion} />
  );
}

/** The input for one field of a config, by what its schema asks for. */
export function ConfigInput({ field, node, problems }: FormProps & { field: ConfigField }): ReactNode {
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
        // The test comes first for the keyboard, so that Tab leads from the connector to its table.
        <div className={styles.upwards}>
          {node.data.connectorId !== null && <ConnectorTest id={node.data.connectorId} />}
          <ConnectorInput
            value={node.data.connectorId}
            wrong={wrong}
            onChange={(connector) =>
              editor.change({ what: text.editor.did.config }, (raw) => setConnector(raw, node.id, connector))
            }
          />
        </div>
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
      return (
        <ConditionField
          node={node}
          label={label}
          port={field.port}
          value={textOf(value)}
          known={known}
          problems={problems}
          onChange={setText}
        />
      );
    case "code":
    case "query":
      return (
        <>
          <ExpressionEditor
            label={label}
            value={textOf(value)}
            problems={problems}
            known={known}
            tall
            onChange={setText}
          />
          {READS.has(operationOf(node.data) ?? "") && widget === "query" && (
            <QueryPreview node={node} query={textOf(value)} />
          )}
        </>
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
