/** Conditions in the SQL spelling, as far as rows can say them. */

import type { Joint, Operator, Row, Value } from "./conditions";
import { Beyond, isColumn, negated, type Operand, type Part, Reader, SIGNS } from "./reading";

const TEXT_CALLS: Record<string, Operator> = {
  contains: "contains",
  starts_with: "starts_with",
  startswith: "starts_with",
  ends_with: "ends_with",
  endswith: "ends_with",
};
/** Words that begin something else than a column where a value could stand. */
const WORDS = new Set(
  "and or not is in like ilike between case when then else end as cast try_cast extract distinct".split(" "),
);

export class SqlReader extends Reader {
  private word(...words: string[]): boolean {
    const token = this.next;
    if (token?.kind !== "name" || !words.includes(token.value.toLowerCase())) return false;
    this.at += 1;
    return true;
  }

  protected acceptJoint(joint: Joint): boolean {
    return this.word(joint);
  }
  protected isTruth(name: string): boolean {
    return /^(true|false)$/i.test(name);
  }
  protected sign(sign: string): Operator | undefined {
    return sign === "==" ? undefined : SIGNS[sign];
  }

  protected unit(): Part {
    if (this.word("not")) return negated(this.unit());
    if (this.accept("(")) return this.inside();
    const call = this.call();
    if (call !== null) return call;
    const left = this.operand();
    if (!isColumn(left)) return this.compared(left);
    const { column } = left;
    if (this.word("is")) {
      const not = this.word("not");
      if (this.word("null")) return { column, operator: not ? "is_not_null" : "is_null", values: [] };
      throw new Beyond();
    }
    const not = this.word("not");
    if (this.word("in")) {
      this.expect("(");
      return { column, operator: not ? "none_of" : "one_of", values: this.values(")") };
    }
    if (this.word("between")) {
      const low = this.value();
      if (!this.word("and")) throw new Beyond();
      return { column, operator: not ? "not_between" : "between", values: [low, this.value()] };
    }
    if (this.word("like")) {
      const row = like(column, this.value());
      return not ? negated(row) : row;
    }
    if (not) throw new Beyond();
    return this.compared(left);
  }

  private call(): Row | null {
    const token = this.next;
    if (token?.kind !== "name" || !this.is("(", 1)) return null;
    const operator = TEXT_CALLS[token.value.toLowerCase()];
    if (operator === undefined) throw new Beyond();
    this.at += 2;
    const subject = this.operand();
    this.expect(",");
    const value = this.value();
    this.expect(")");
    if (!isColumn(subject)) throw new Beyond();
    return { column: subject.column, operator, values: [value] };
  }

  protected operand(): Operand {
    const value = this.constant();
    if (value !== null) return { value };
    const token = this.next;
    if (token?.kind === "quoted") return { column: this.take("quoted") };
    const name = this.take("name");
    if (WORDS.has(name.toLowerCase()) || /^null$/i.test(name)) throw new Beyond();
    const follows = this.next;
    // DATE '2024-03-01' beside a date is the text alone.
    if (/^(date|time|timestamp|datetime)$/i.test(name) && follows?.kind === "text") {
      return { value: { kind: "text", text: this.take("text") } };
    }
    if (follows !== undefined && follows.kind !== "operator" && follows.kind !== "name") throw new Beyond();
    return { column: name };
  }

  protected override value(): Value {
    const operand = this.operand();
    if (isColumn(operand)) throw new Beyond();
    return operand.value;
  }
}

/** The patterns that rows can say. */
function like(column: string, { kind, text }: Value): Row {
  const found = kind === "text" ? /^(%?)([^%_\\]+)(%?)$/s.exec(text) : null;
  const [, before, part = "", after] = found ?? [];
  if (found === null || text.includes("{{")) throw new Beyond();
  const operator = before ? (after ? "contains" : "ends_with") : after ? "starts_with" : "equals";
  return { column, operator, values: [{ kind: "text", text: part }] };
}
