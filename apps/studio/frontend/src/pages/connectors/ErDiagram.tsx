import "@xyflow/react/dist/style.css";
import { Switch, useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  Background,
  BackgroundVariant,
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import ELK from "elkjs/lib/elk-api.js";
import ElkWorker from "elkjs/lib/elk-worker.min.js?worker";
import { KeyRound, Link2, Network } from "lucide-react";
import { useMemo, useState } from "react";
import type { Table } from "~/api/types";
import { type Engine, readElk } from "~/graph/editing/elk";
import { askElkForEntities, ENTITY_WIDTH, type Entity, entities } from "~/graph/entities";
import { ErrorNotice, Notice } from "~/parts/Notice";
import { LoadingRows } from "~/parts/Page";
import { text } from "~/text";
import styles from "./ErDiagram.module.css";

type EntityNode = Node<{ entity: Entity }, "entity">;

let engine: Engine | null = null;

function EntityCard({ data: { entity } }: NodeProps<EntityNode>) {
  return (
    <div className={styles.entity} style={{ width: ENTITY_WIDTH, height: entity.height }}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <header title={entity.name}>{entity.name}</header>
      {entity.columns.map(({ name, type, key, foreign }) => (
        <div key={name} className={styles.column} data-key={key || foreign}>
          {key ? (
            <KeyRound size={12} aria-label={text.connector.primary} />
          ) : foreign ? (
            <Link2 size={12} aria-hidden />
          ) : (
            <span />
          )}
          <span title={name}>{name}</span>
          <span>{type}</span>
        </div>
      ))}
      {entity.hidden > 0 && <div className={styles.more}>{text.connector.more(entity.hidden)}</div>}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

const TYPES = { entity: EntityCard };

/** Tables as boxes, foreign keys as lines between them, laid out by ELK. */
export default function ErDiagram({ id, tables }: { id: string; tables: readonly Table[] }) {
  const scheme = useComputedColorScheme("light");
  const [everything, setEverything] = useState(false);
  const drawn = useMemo(() => entities(tables, everything), [tables, everything]);
  const places = useQuery({
    queryKey: ["connector", id, "places", drawn.entities.map(({ name, height }) => [name, height])],
    queryFn: async () => {
      engine ??= new ELK({ workerFactory: () => new ElkWorker() }) as unknown as Engine;
      return readElk(await engine.layout(askElkForEntities(drawn)));
    },
    enabled: drawn.entities.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const choice = (
    <Switch
      size="xs"
      label={text.connector.everything}
      checked={everything}
      onChange={(event) => setEverything(event.currentTarget.checked)}
    />
  );
  if (drawn.entities.length === 0) {
    return (
      <Notice icon={Network} title={text.connector.noRelations} action={choice}>
        {text.connector.noRelationsHint}
      </Notice>
    );
  }
  if (places.isError) return <ErrorNotice error={places.error} />;
  if (places.isPending) return <LoadingRows label={text.connector.diagram} />;
  const nodes: EntityNode[] = drawn.entities.map((entity) => ({
    id: entity.name,
    type: "entity",
    position: places.data.get(entity.name) ?? { x: 0, y: 0 },
    data: { entity },
    width: ENTITY_WIDTH,
    height: entity.height,
    ariaLabel: entity.name,
  }));
  const edges: Edge[] = drawn.links.map((link) => ({
    id: link.id,
    source: link.from,
    target: link.to,
    label: link.label,
    type: "smoothstep",
    focusable: false,
    className: styles.link ?? "",
  }));
  return (
    <div className={styles.canvas}>
      <ReactFlow
        key={String(everything)}
        defaultNodes={nodes}
        defaultEdges={edges}
        nodeTypes={TYPES}
        colorMode={scheme}
        nodesConnectable={false}
        deleteKeyCode={null}
        minZoom={0.2}
        maxZoom={1.5}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.12 }}
        aria-label={text.connector.diagram}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={16} />
        <Controls showInteractive={false} />
      </ReactFlow>
      <div className={styles.choice}>{choice}</div>
    </div>
  );
}
