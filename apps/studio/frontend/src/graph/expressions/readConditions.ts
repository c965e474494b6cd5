/** An expression back into rows of conditions, as far as rows can say it. */

import { type Conditions, type Group, isGroup, normal, type Row } from "./conditions";
import { lexemes, spellingOf } from "./lexer";
import { Beyond, isRow, type Part } from "./reading";
import { PolarsReader } from "./readPolars";
import { SqlReader } from "./readSql";

/** Parts of the same joint that stood in no parentheses are one run; deeper than one level is beyond. */
function shaped(part: Part): Conditions {
  if (isRow(part)) return { joint: "and", items: [part] };
  return {
    joint: part.joint,
    items: part.parts.map((item): Row | Group => {
      if (isRow(item)) return item;
      const rows = item.parts.map((inner) => {
        if (!isRow(inner)) throw new Beyond();
        return inner;
      });
      return { joint: item.joint, rows };
    }),
  };
}

/** The rows that say what the expression says; null where it is beyond rows, or no expression. */
export function readConditions(text: string): Conditions | null {
  if (text.trim() === "") return { joint: "and", items: [] };
  const spelling = spellingOf(text);
  const found = lexemes(text, spelling);
  if (found === null) return null;
  try {
    const reader = spelling === "sql" ? new SqlReader(found) : new PolarsReader(found);
    const conditions = shaped(reader.read());
    const empty = (rows: readonly Row[]) => rows.some(({ column }) => column === "");
    const hasEmpty = conditions.items.some((item) => empty(isGroup(item) ? item.rows : [item]));
    return hasEmpty ? null : normal(conditions);
  } catch (error) {
    if (error instanceof Beyond) return null;
    throw error;
  }
}
