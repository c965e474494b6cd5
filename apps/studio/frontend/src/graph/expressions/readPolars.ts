/** Conditions in the Polars spelling, as far as rows can say them. */

import type { Joint, Operator, Row, Value } from "./conditions";
import { Beyond, isColumn, isRow, negated, type Operand, type Part, Reader, SIGNS } from "./reading";

export class PolarsReader extends Reader {
  protected acceptJoint(joint: Joint): boolean {
    return this.accept(joint === "and" ? "&" : "|");
  }
  protected isTruth(name: string): boolean {
    return ["True", "False", "true", "false"].includes(name);
  }
  protected sign(sign: string): Operator | undefined {
    return sign === "=" || sign === "<>" ? undefined : SIGNS[sign];
  }

  /** & binds tighter than a comparison: one without parentheses stands alone. */
  override read(): Part {
    const part = this.whole();
    if (this.next !== undefined) throw new Beyond();
    return part;
  }

  private whole(): Part {
    const start = this.at;
    const alone = this.loose();
    if (alone !== null) return alone;
    this.at = start;
    return this.joined("or", () => this.joined("and", () => this.unit()));
  }

  /** A comparison that nothing else joins, up to the end or the parenthesis that closes. */
  private loose(): Row | null {
    try {
      const left = this.operand();
      if (this.next?.kind !== "operator" || this.sign(this.next.value) === undefined) return null;
      const row = this.compared(left);
      return this.next === undefined || this.is(")") ? row : null;
    } catch (error) {
      if (error instanceof Beyond) return null;
      throw error;
    }
  }

  protected override inside(): Part {
    const part = this.whole();
    this.expect(")");
    return isRow(part) ? part : { ...part, closed: true };
  }

  protected unit(): Part {
    if (this.accept("~")) return negated(this.unit());
    if (this.is("(")) {
      this.at += 1;
      return this.inside();
    }
    const left = this.operand();
    if (!isColumn(left)) throw new Beyond();
    return this.accept(".") ? this.method(left.column) : this.truth(left.column);
  }

  private truth(column: string): Row {
    if (this.next?.kind === "operator" && this.sign(this.next.value) !== undefined) throw new Beyond();
    return { column, operator: "equals", values: [{ kind: "boolean", text: "true" }] };
  }

  private method(column: string): Row {
    const first = this.take("name");
    const name = this.accept(".") ? `${first}.${this.take("name")}` : first;
    this.expect("(");
    switch (name) {
      case "is_null":
      case "is_not_null":
        this.expect(")");
        return { column, operator: name, values: [] };
      case "is_in": {
        this.expect("[");
        const values = this.values("]");
        this.expect(")");
        return { column, operator: "one_of", values };
      }
      case "is_between": {
        const values = this.values(")");
        if (values.length !== 2) throw new Beyond();
        return { column, operator: "between", values };
      }
      case "str.starts_with":
      case "str.ends_with": {
        const value = this.value();
        this.expect(")");
        return { column, operator: name === "str.ends_with" ? "ends_with" : "starts_with", values: [value] };
      }
      case "str.contains":
        return this.contains(column);
      default:
        throw new Beyond();
    }
  }

  /** `.str.contains` takes a pattern unless it says `literal=True`; one without signs of patterns is a text too. */
  private contains(column: string): Row {
    const value = this.value();
    if (this.accept(",")) {
      if (this.take("name") !== "literal") throw new Beyond();
      this.expect("=");
      if (this.take("name") !== "True") throw new Beyond();
    } else if (value.kind !== "text" || !/^[\p{L}\p{N} _,;:@-]*$/u.test(value.text)) {
      throw new Beyond();
    }
    this.expect(")");
    return { column, operator: "contains", values: [value] };
  }

  protected operand(): Operand {
    const value = this.constant();
    if (value !== null) return { value };
    const name = this.take("name");
    if (name === "pl" && this.accept(".")) return this.operand();
    this.expect("(");
    if (name === "col") {
      const column = this.take("text");
      this.expect(")");
      return { column };
    }
    if (name !== "lit") throw new Beyond();
    const literal = this.value();
    this.expect(")");
    return { value: literal };
  }

  protected override value(): Value {
    const operand = this.operand();
    if (isColumn(operand)) throw new Beyond();
    return operand.value;
  }
}
