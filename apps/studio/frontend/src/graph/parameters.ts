/** Parameters of a workflow as a form knows them: text in, typed values out. */

export interface Declared {
  type?: string;
  default?: unknown;
}

export type Widget = "boolean" | "whole" | "number" | "json" | "text";

export function widgetOf(type: string | undefined): Widget {
  if (type === undefined) return "text";
  if (type === "boolean") return "boolean";
  if (/^u?int/.test(type) || type === "integer") return "whole";
  if (/^float/.test(type) || type === "number") return "number";
  return type === "json" || type.startsWith("list") ? "json" : "text";
}

/** What the field shows at first. */
export function initialText(declared: Declared): string {
  const given = declared.default;
  if (given === undefined || given === null) return "";
  return typeof given === "object" ? JSON.stringify(given) : String(given);
}

export type Reading =
  | { ok: true; value: unknown }
  | { ok: false; why: "not_a_number" | "not_whole" | "not_json" };

/** The value that the text of a field stands for; integers beyond a double stay text, as the API has them. */
export function readParameter(declared: Declared, text: string): Reading {
  switch (widgetOf(declared.type)) {
    case "boolean":
      return { ok: true, value: text === "true" };
    case "whole": {
      if (!/^\s*[+-]?\d+\s*$/.test(text)) return { ok: false, why: "not_whole" };
      const value = Number(text);
      return { ok: true, value: Number.isSafeInteger(value) ? value : text.trim() };
    }
    case "number": {
      const value = Number(text);
      return text.trim() === "" || !Number.isFinite(value)
        ? { ok: false, why: "not_a_number" }
        : { ok: true, value };
    }
    case "json":
      try {
        return { ok: true, value: JSON.parse(text) as unknown };
      } catch {
        return { ok: false, why: "not_json" };
      }
    case "text":
      return { ok: true, value: text };
  }
}

/**
 * The body of a run: a field left empty takes the declared default, so it is not sent.
 * Answers the values, or why fields cannot be read, by name.
 */
export function readParameters(
  declared: Readonly<Record<string, Declared>>,
  texts: Readonly<Record<string, string>>,
): { values: Record<string, unknown>; errors: Record<string, "not_a_number" | "not_whole" | "not_json"> } {
  const values: Record<string, unknown> = {};
  const errors: Record<string, "not_a_number" | "not_whole" | "not_json"> = {};
  for (const [name, each] of Object.entries(declared)) {
    const text = texts[name] ?? initialText(each);
    if (text === "" && widgetOf(each.type) !== "boolean") continue;
    const reading = readParameter(each, text);
    if (reading.ok) values[name] = reading.value;
    else errors[name] = reading.why;
  }
  return { values, errors };
}
