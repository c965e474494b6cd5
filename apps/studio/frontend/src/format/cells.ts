/** Values of a rows answer (CONTRACT "Values in JSON") as cells of a table. */

export type CellKind = "number" | "text" | "time" | "boolean" | "structure" | "null";

export interface Cell {
  kind: CellKind;
  text: string;
}

const wholeDigits = /^-?\d+$/;
const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** Group the digits before the point; never through a double, so that long decimals stay exact. */
function numberText(text: string): string {
  const [before = "", after] = text.split(".");
  if (!wholeDigits.test(before)) return text;
  return after === undefined ? grouped(before) : `${grouped(before)}.${after}`;
}

const isNumeric = (type: string) => /^(u?int|float|decimal)/.test(type);
const isTemporal = (type: string) => /^(date|time|datetime|duration)/.test(type);

/** The kind of a whole column, which decides its alignment. */
export function columnKind(type: string): CellKind {
  if (isNumeric(type)) return "number";
  if (isTemporal(type)) return "time";
  if (type === "boolean") return "boolean";
  return type === "json" || type.startsWith("list") ? "structure" : "text";
}

export function cell(value: unknown, type: string): Cell {
  if (value === null || value === undefined) return { kind: "null", text: "null" };
  if (typeof value === "object") return { kind: "structure", text: JSON.stringify(value) };
  const kind = columnKind(type);
  // Identifiers such as years are integers too: only amounts of five digits and more are grouped.
  if (kind === "number") {
    const text = String(value);
    const whole = /^-?(\d*)/.exec(text)?.[1] ?? "";
    return { kind, text: whole.length > 4 ? numberText(text) : text };
  }
  return { kind, text: String(value) };
}

/** A width in pixels that fits the header and most of the rows looked at. */
export function columnWidth(name: string, type: string, values: readonly unknown[]): number {
  const lengths = values.slice(0, 50).map((value) => cell(value, type).text.length);
  const longest = Math.max(name.length + 1, type.length, ...lengths);
  return Math.min(320, Math.max(72, 24 + Math.ceil(longest * 7.2)));
}
