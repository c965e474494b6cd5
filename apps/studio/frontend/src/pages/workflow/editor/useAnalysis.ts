import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, Problem } from "~/api/client";
import * as queries from "~/api/queries";
import type { ProblemOfNode, Workflow } from "~/api/types";
import { type RawDiagram, sameMeaning } from "~/graph/editing/raw";
import type { Stage } from "~/graph/plan";
import { readSchema, reuse, type Schema } from "~/graph/schema";

export interface Analysis {
  problems: readonly ProblemOfNode[];
  schema: Schema;
  /** How it will be run; empty while errors stand in the way. */
  plan: readonly Stage[];
  /** True while the newest change has not been looked at yet. */
  pending: boolean;
}

interface Validation {
  problems: ProblemOfNode[];
  /** Null while errors stand in the way. */
  plan: Stage[] | null;
  schema: { nodes: unknown };
}

const NOTHING: Analysis = { problems: [], schema: {}, plan: [], pending: true };
const QUIET_MS = 180;

/** What is wrong with the diagram on the canvas, and the columns on its edges, soon after each change; `saved`
 * where it is just what the server has. */
export function useAnalysis(workflow: Workflow, diagram: RawDiagram, saved: boolean): Analysis {
  const looked = useLooking(workflow, saved);
  const edited = useValidation(workflow, diagram, !saved);
  return saved ? looked : edited;
}

/** Of a saved diagram to look at: columns by the author's right, problems by one's own. */
function useLooking(workflow: Workflow, enabled: boolean): Analysis {
  const schema = useQuery({ ...queries.schema(workflow.id), enabled });
  const problems = useQuery({ ...queries.problems(workflow), enabled });
  return {
    problems: problems.data?.problems ?? NOTHING.problems,
    plan: problems.data?.plan ?? NOTHING.plan,
    schema: schema.data ?? NOTHING.schema,
    pending: problems.isPending,
  };
}

function useValidation({ parameters }: Workflow, diagram: RawDiagram, enabled: boolean): Analysis {
  const [analysis, setAnalysis] = useState(NOTHING);
  const looked = useRef<RawDiagram | null>(null);
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new try looks at the same diagram again
  useEffect(() => {
    if (!enabled || (looked.current !== null && sameMeaning(looked.current, diagram))) return;
    setAnalysis((known) => (known.pending ? known : { ...known, pending: true }));
    const abort = new AbortController();
    let again: number | undefined;
    const ask = async () => {
      try {
        const body = { workflow_diagram: diagram, parameters: parameters ?? {} };
        const answer = await api.post<Validation>("workflows/validate", body, abort.signal);
        looked.current = diagram;
        setAnalysis((known) => ({
          problems: answer.problems,
          schema: reuse(known.schema, readSchema(answer.schema.nodes)),
          plan: answer.plan ?? NOTHING.plan,
          pending: false,
        }));
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        // Out of reach for a moment: what was known stays shown, and the question is put again.
        again = window.setTimeout(() => setTries((tries) => tries + 1), 3000);
      }
    };
    const timer = window.setTimeout(() => void ask(), looked.current === null ? 0 : QUIET_MS);
    return () => {
      window.clearTimeout(timer);
      window.clearTimeout(again);
      abort.abort();
    };
  }, [enabled, diagram, parameters, tries]);

  return analysis;
}
