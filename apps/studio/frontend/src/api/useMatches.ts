import { api } from "./client";
import { type Matches, matches, ofNode } from "./samples";
import type { MockInputs } from "./usePreview";
import { type Sampled, useSampling } from "./useSampling";

/** How the sides of a join fit, counted on samples of what is upstream, or on rows given in its place; null asks for
 * none. */
export function useMatches(
  workflow: string,
  node: string | null,
  automatic: boolean,
  meaning: number,
  mocks: MockInputs | null,
): Sampled<Matches> {
  return useSampling({
    query: { ...matches(workflow, node ?? ""), enabled: node !== null },
    start: () =>
      api.post<{ execution_id: string }>(
        ofNode(workflow, node ?? "", "matches"),
        mocks === null ? {} : { mock_inputs: mocks },
      ),
    automatic,
    meaning: mocks === null ? String(meaning) : `${meaning}:${JSON.stringify(mocks)}`,
  });
}
