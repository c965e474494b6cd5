import { useMemo } from "react";
import { readDiagram } from "~/graph/diagram";
import { BOX, sketch } from "~/graph/sketch";
import { nodeIcon } from "~/parts/icons";
import styles from "./Templates.module.css";

const ICON = 13;

/** A small picture of a diagram. */
export function SketchView({ diagram, label }: { diagram: unknown; label: string }) {
  const { width, height, boxes, lines } = useMemo(() => sketch(readDiagram(diagram)), [diagram]);
  return (
    <svg
      className={styles.sketch}
      viewBox={`0 0 ${width} ${height}`}
      style={{ maxWidth: width, maxHeight: height }}
      role="img"
      aria-label={label}
    >
      {lines.map(({ id, path, failed }) => (
        <path key={id} d={path} data-failed={failed} />
      ))}
      {boxes.map(({ id, x, y, category, operation, icon }) => {
        const Icon = nodeIcon(category, operation, icon);
        return (
          <g key={id} transform={`translate(${x} ${y})`} data-category={category}>
            <rect width={BOX.width} height={BOX.height} rx={6} />
            <Icon
              x={(BOX.width - ICON) / 2}
              y={(BOX.height - ICON) / 2}
              width={ICON}
              height={ICON}
              strokeWidth={2}
            />
          </g>
        );
      })}
    </svg>
  );
}
