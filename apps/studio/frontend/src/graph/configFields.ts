/** The config of a node as fields to read: what kind of value each holds decides how it is shown. */

export type Shown =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "names"; names: string[] }
  | { kind: "pairs"; pairs: [string, string][] }
  | { kind: "json"; text: string };

export interface Field {
  key: string;
  label: string;
  shown: Shown;
}

const CODE = /^(expression|filters|query|code|text|prompt)$/;
/** Keys said elsewhere: in the header, or by the connector's own field. */
const ELSEWHERE = new Set(["operation", "connectorId"]);

/** `keepOutput` → `Keep output` */
export function labelOfKey(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}

const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

function shownOf(key: string, value: unknown): Shown {
  if (isPlain(value)) {
    const kind = CODE.test(key) && typeof value === "string" ? "code" : "text";
    return {
      kind,
      text: value === null ? "null" : typeof value === "boolean" ? (value ? "Yes" : "No") : String(value),
    };
  }
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isPlain)) return { kind: "names", names: value.map(String) };
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    const flat = entries.every(([, each]) => isPlain(each) || (Array.isArray(each) && each.every(isPlain)));
    if (entries.length > 0 && flat) {
      return {
        kind: "pairs",
        pairs: entries.map(([name, each]) => [name, Array.isArray(each) ? each.join(", ") : String(each)]),
      };
    }
  }
  return { kind: "json", text: JSON.stringify(value, null, 2) };
}

export function configFields(config: Readonly<Record<string, unknown>>): Field[] {
  return Object.entries(config)
    .filter(([key]) => !ELSEWHERE.has(key))
    .map(([key, value]) => ({ key, label: labelOfKey(key), shown: shownOf(key, value) }));
}
