/** Which columns of two tables look as if they meant the same. */

import type { Column } from "../schema";

export interface KeyPair {
  left: string;
  right: string;
}

const family = (type: string): string =>
  /^(u?int|decimal|float)/.test(type) ? "number" : /^datetime/.test(type) ? "datetime" : type;

/** `customer_id`, `customerId` and `Customer ID` are one name. */
const plain = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");

/** `customer_id` is the `id` of customers, whose code may be called `code`. */
const tails = (name: string) => plain(name).split("_");
const KEYS = new Set(["id", "key", "code", "number", "no", "uuid", "num"]);

function score(left: Column, right: Column): number {
  if (family(left.type) !== family(right.type)) return 0;
  const [one, other] = [plain(left.name), plain(right.name)];
  const [mine, theirs] = [tails(left.name), tails(right.name)];
  const key = KEYS.has(mine.at(-1) ?? "") || KEYS.has(theirs.at(-1) ?? "") || /num$/.test(one);
  if (one === other) return family(left.type).startsWith("float") ? 1 : key ? 10 : 6;
  if (key && (one.endsWith(`_${other}`) || other.endsWith(`_${one}`))) return 4;
  return 0;
}

/** The likeliest pairs, at most so many, the best first; each column once. */
export function proposeKeys(left: readonly Column[], right: readonly Column[], most = 4): KeyPair[] {
  const pairs = left
    .flatMap((one) => right.map((other) => ({ left: one.name, right: other.name, score: score(one, other) })))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score);
  const found: KeyPair[] = [];
  for (const { left, right } of pairs) {
    if (found.some((pair) => pair.left === left || pair.right === right)) continue;
    found.push({ left, right });
  }
  return found.slice(0, most);
}
