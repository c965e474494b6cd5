import ELK from "elkjs/lib/elk-api.js";
import ElkWorker from "elkjs/lib/elk-worker.min.js?worker";
import type { DiagramEdge, DiagramNode, Position } from "~/graph/diagram";
import { askElk, type Engine, readElk } from "~/graph/editing/elk";
import type { Ports } from "~/graph/ports";

let engine: Engine | null = null;

/** Places by ELK, in a worker that starts with the first layout: the page never waits for it. */
export async function layOut(
  nodes: readonly DiagramNode[],
  edges: readonly DiagramEdge[],
  ports: ReadonlyMap<string, Ports>,
  corner: Position,
): Promise<Map<string, Position>> {
  engine ??= new ELK({ workerFactory: () => new ElkWorker() }) as unknown as Engine;
  return readElk(await engine.layout(askElk(nodes, edges, ports)), corner);
}
