import { useMemo } from "react";
import type { PreviewRows } from "~/api/types";
import { type MockInputs, usePreview } from "~/api/usePreview";
import type { Sampled } from "~/api/useSampling";
import { withUpstream } from "~/graph/editing/connecting";
import { text } from "~/text";
import { useWorkflowView } from "../context";

/** What stands in the way of a node's rows; `passing` where it goes by itself in a moment. */
export type Obstacle = { passing: true } | { passing: false; why: string };

const PASSING: Obstacle = { passing: true };

/**
 * Errors of the node or of what is before it, not those elsewhere; a change that is not looked at and saved yet, since
 * samples are read of what is saved; the right to run.
 */
export function useObstacle(node: string | null, mocked: boolean): Obstacle | null {
  const { diagram, problems, settled, mayRun, labelOf } = useWorkflowView();
  return useMemo(() => {
    if (!mayRun) return { passing: false, why: text.drawer.mayNotRun };
    if (node === null) return PASSING;
    const concerned = mocked ? new Set([node]) : withUpstream(diagram.edges, node);
    const wrong = problems.find(
      ({ severity, node_id }) => severity === "error" && (node_id === null || concerned.has(node_id)),
    );
    if (wrong) {
      const { node_id, message } = wrong;
      const there = node_id === null || node_id === node ? "" : `${labelOf(node_id)}: `;
      return { passing: false, why: `${there}${message}` };
    }
    if (settled === "soon") return PASSING;
    return settled === "yes" ? null : { passing: false, why: text.editor.leave };
  }, [diagram.edges, node, problems, mocked, settled, mayRun, labelOf]);
}

export interface NodeSample extends Sampled<PreviewRows> {
  obstacle: Obstacle | null;
}

/** A sample of a node as it is saved, read by itself once nothing stands in the way; null asks for none. */
export function useNodeSample(node: string | null, mocks: MockInputs | null): NodeSample {
  const { workflow, meaning, isStored } = useWorkflowView();
  const obstacle = useObstacle(node, mocks !== null);
  const asked = node !== null && isStored(node) ? node : null;
  const sample = usePreview(workflow.id, asked, asked !== null && obstacle === null, meaning, mocks);
  return { ...sample, obstacle };
}
