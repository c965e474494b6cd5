/** The order in which a job runs its workflows. */

/** The ids with one of them moved to another place. */
export function moved(ids: readonly string[], id: string, to: number): string[] {
  const rest = ids.filter((each) => each !== id);
  rest.splice(Math.max(0, Math.min(rest.length, to)), 0, id);
  return rest;
}

/** Those that the order names first, the others as they were. */
export function inOrder<T extends { id: string }>(rows: readonly T[], order: readonly string[]): T[] {
  const places = new Map(order.map((id, place) => [id, place]));
  const place = ({ id }: T) => places.get(id) ?? order.length;
  return [...rows].sort((one, other) => place(one) - place(other));
}

/** An order of what was read, with what was named behind it and not read yet. */
export const withUnread = (ids: readonly string[], named: readonly string[]): string[] => {
  const read = new Set(ids);
  return [...ids, ...named.filter((id) => !read.has(id))];
};
