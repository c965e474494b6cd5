import type { Problem } from "~/api/client";
import { text } from "~/text";

export interface ResetRefusal {
  /** What is wrong with the password, to stand at its field. */
  weak: string | null;
  /** What else is wrong. */
  title: string | null;
  hint: string | null;
}

/** What a refused reset means to the person: a weak password stands at its field, a dead link is said aloud. */
export function resetRefusalOf(problem: Problem): ResetRefusal {
  const weak = problem.errors.filter((error) => error.field === "password").map((error) => error.message);
  if (weak.length > 0) return { weak: weak.join(" "), title: null, hint: null };
  if (problem.errors.some((error) => error.field === "token"))
    return { weak: null, title: text.reset.badLink, hint: text.reset.badLinkHint };
  return { weak: null, title: problem.message, hint: problem.remedy };
}
