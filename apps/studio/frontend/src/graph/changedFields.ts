/** The fields whose values differ from what they were: what a change sends, so that nobody else's is undone. */
export function changedFields<T extends object>(before: T, after: T): Partial<T> {
  const names = (Object.keys(after) as (keyof T)[]).filter((name) => after[name] !== before[name]);
  return Object.fromEntries(names.map((name) => [name, after[name]])) as Partial<T>;
}
