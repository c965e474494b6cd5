/** What reading both spellings of a condition shares: a cursor over lexemes, joints, constants, comparisons. */

import { type Joint, OPPOSITE, type Operator, type Row, type Value } from "./conditions";
import type { Lexeme } from "./lexer";

export const SIGNS: Record<string, Operator> = {
  "=": "equals",
  "==": "equals",
  "<>": "not_equals",
  "!=": "not_equals",
  "<": "less",
  "<=": "at_most",
  ">": "greater",
  ">=": "at_least",
};
const TURNED: Partial<Record<Operator, Operator>> = {
  equals: "equals",
  not_equals: "not_equals",
  less: "greater",
  at_most: "at_least",
  greater: "less",
  at_least: "at_most",
};

/** What was read; a joint that stood in parentheses stays one of its own. */
export type Part = Row | { joint: Joint; parts: Part[]; closed: boolean };
export type Operand = { column: string } | { value: Value };

/** What rows cannot say. */
export class Beyond extends Error {}

export const isRow = (part: Part): part is Row => "operator" in part;
export const isColumn = (operand: Operand): operand is { column: string } => "column" in operand;

export abstract class Reader {
  protected at = 0;
  constructor(protected readonly all: readonly Lexeme[]) {}

  protected get next(): Lexeme | undefined {
    return this.all[this.at];
  }
  protected is(sign: string, ahead = 0): boolean {
    const token = this.all[this.at + ahead];
    return token?.kind === "operator" && token.value === sign;
  }
  protected accept(sign: string): boolean {
    const found = this.is(sign);
    if (found) this.at += 1;
    return found;
  }
  protected expect(sign: string): void {
    if (!this.accept(sign)) throw new Beyond();
  }
  protected take(kind: Lexeme["kind"]): string {
    if (this.next?.kind !== kind) throw new Beyond();
    const { value } = this.next;
    this.at += 1;
    return value;
  }

  read(): Part {
    const part = this.joined("or", () => this.joined("and", () => this.unit()));
    if (this.next !== undefined) throw new Beyond();
    return part;
  }

  protected joined(joint: Joint, unit: () => Part): Part {
    const parts = [unit()];
    while (this.acceptJoint(joint)) parts.push(unit());
    const [only] = parts;
    return parts.length === 1 && only ? only : { joint, parts, closed: false };
  }

  protected inside(): Part {
    const part = this.joined("or", () => this.joined("and", () => this.unit()));
    this.expect(")");
    return isRow(part) ? part : { ...part, closed: true };
  }

  /** A number, text, truth or parameter; null where something else stands here. */
  protected constant(): Value | null {
    const token = this.next;
    if (token === undefined) return null;
    const sign = this.is("-") || this.is("+") ? token.value : "";
    if (sign !== "") {
      if (this.all[this.at + 1]?.kind !== "number") return null;
      this.at += 1;
      return { kind: "number", text: (sign === "-" ? "-" : "") + this.take("number") };
    }
    switch (token.kind) {
      case "number":
      case "text":
      case "parameter":
        this.at += 1;
        return { kind: token.kind, text: token.value };
      case "name": {
        if (this.is("(", 1) || !this.isTruth(token.value)) return null;
        this.at += 1;
        return { kind: "boolean", text: token.value.toLowerCase() };
      }
      default:
        return null;
    }
  }

  protected value(): Value {
    const found = this.constant();
    if (found === null) throw new Beyond();
    return found;
  }

  protected values(closing: string): Value[] {
    const values = [this.value()];
    while (this.accept(",")) values.push(this.value());
    this.expect(closing);
    return values;
  }

  /** `column sign constant`, or the other way round; a column alone is true. */
  protected compared(left: Operand): Row {
    const operator = this.next?.kind === "operator" ? this.sign(this.next.value) : undefined;
    if (operator === undefined) {
      if (!isColumn(left)) throw new Beyond();
      return { column: left.column, operator: "equals", values: [{ kind: "boolean", text: "true" }] };
    }
    this.at += 1;
    const right = this.operand();
    if (isColumn(left) && !isColumn(right)) return { column: left.column, operator, values: [right.value] };
    const turned = TURNED[operator];
    if (isColumn(left) || !isColumn(right) || turned === undefined) throw new Beyond();
    return { column: right.column, operator: turned, values: [left.value] };
  }

  protected abstract acceptJoint(joint: Joint): boolean;
  protected abstract unit(): Part;
  protected abstract operand(): Operand;
  protected abstract isTruth(name: string): boolean;
  protected abstract sign(sign: string): Operator | undefined;
}

export function negated(part: Part): Row {
  const operator = isRow(part) ? OPPOSITE[part.operator] : undefined;
  if (!isRow(part) || operator === undefined) throw new Beyond();
  // NOT flag is flag = false, as people say it.
  const [value] = part.values;
  if (value?.kind === "boolean" && (part.operator === "equals" || part.operator === "not_equals")) {
    return { ...part, values: [{ kind: "boolean", text: value.text === "true" ? "false" : "true" }] };
  }
  return { ...part, operator };
}
