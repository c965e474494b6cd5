/** Ids and names for new parts: readable, since they show up in logs, in `inputVariable` and in JSON. */

/** `Read flights` → `read_flights`; never empty. */
export function slug(name: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return words.slice(0, 60) || "node";
}

/** The name itself where it is free, else with the first number that is: `filter`, `filter_2`, … */
export function freeId(name: string, used: ReadonlySet<string>): string {
  const base = slug(name);
  if (!used.has(base)) return base;
  const root = base.replace(/_\d+$/, "");
  for (let number = 2; ; number += 1) {
    const candidate = `${root}_${number}`;
    if (!used.has(candidate)) return candidate;
  }
}

/** `Filter` → `Filter 2` where a node is called so already. */
export function freeLabel(label: string, used: ReadonlySet<string>): string {
  if (!used.has(label)) return label;
  const root = label.replace(/ \d+$/, "");
  for (let number = 2; ; number += 1) {
    const candidate = `${root} ${number}`;
    if (!used.has(candidate)) return candidate;
  }
}

export interface Ends {
  source: string;
  target: string;
  sourceHandle: string;
  targetHandle: string;
}

/** An id that says where the edge runs. */
export function edgeId(
  { source, sourceHandle, target, targetHandle }: Ends,
  used: ReadonlySet<string>,
): string {
  const plain = sourceHandle === "output" && targetHandle === "input";
  const base = plain ? `${source}-${target}` : `${source}:${sourceHandle}-${target}:${targetHandle}`;
  if (!used.has(base)) return base;
  for (let number = 2; ; number += 1) {
    if (!used.has(`${base}#${number}`)) return `${base}#${number}`;
  }
}
