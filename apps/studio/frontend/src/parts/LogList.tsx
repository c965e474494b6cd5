import { ActionIcon, Loader, SegmentedControl, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ScrollText, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { executionLogs } from "~/api/queries";
import { clock } from "~/format/time";
import { text } from "~/text";
import styles from "./LogList.module.css";
import { ErrorNotice, Notice } from "./Notice";

type Level = keyof typeof text.logs.levels;

const WEIGHT: Record<string, number> = { debug: 0, info: 1, warning: 2, error: 3, critical: 4 };
const LEAST: Record<Level, number> = { all: 0, warning: 2, error: 3 };
const weight = (level: string) => WEIGHT[level.toLowerCase()] ?? 1;

interface LogListProps {
  execution: string;
  /** Show lines of this node only; null shows all. */
  node: string | null;
  onAllNodes?: () => void;
  labelOf: (node: string) => string;
}

/** Log lines of an execution, growing while it runs; stays at the end unless one scrolls up. */
export function LogList({ execution, node, onAllNodes, labelOf }: LogListProps) {
  const logs = useQuery(executionLogs(execution));
  const [level, setLevel] = useState<Level>("all");
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lines = useMemo(
    () =>
      (logs.data ?? []).filter(
        (line) => (node === null || line.node_id === node) && weight(line.level) >= LEAST[level],
      ),
    [logs.data, node, level],
  );
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 24,
    overscan: 20,
    measureElement: (element) => element.getBoundingClientRect().height,
  });
  useEffect(() => {
    if (atEnd.current && lines.length > 0) virtual.scrollToIndex(lines.length - 1);
  }, [lines.length, virtual]);

  if (logs.isError) return <ErrorNotice error={logs.error} retry={() => void logs.refetch()} />;
  return (
    <div className={styles.logs}>
      <div className={styles.bar}>
        <SegmentedControl
          size="xs"
          aria-label={text.logs.filter}
          value={level}
          onChange={(value) => setLevel(value as Level)}
          data={Object.entries(text.logs.levels).map(([value, label]) => ({ value, label }))}
        />
        {node !== null && (
          <span className={styles.only}>
            <span className={styles.whose} title={labelOf(node)}>
              {text.logs.only(labelOf(node))}
            </span>
            {onAllNodes && (
              <Tooltip label={text.logs.allNodes}>
                <ActionIcon
                  size="xs"
                  variant="subtle"
                  color="gray"
                  aria-label={text.logs.allNodes}
                  onClick={onAllNodes}
                >
                  <X size={12} />
                </ActionIcon>
              </Tooltip>
            )}
          </span>
        )}
        {logs.isPending && <Loader size="xs" />}
      </div>
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: box }) => {
          atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 32;
        }}
      >
        {logs.isSuccess && lines.length === 0 && <Notice icon={ScrollText} title={text.logs.none} />}
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const line = lines[item.index];
            if (!line) return null;
            return (
              <div
                key={item.index}
                ref={virtual.measureElement}
                data-index={item.index}
                className={styles.line}
                data-level={line.level.toLowerCase()}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <time className={`${styles.at} numbers`} dateTime={line.at}>
                  {clock(line.at)}
                </time>
                <span className={styles.level}>{line.level.toLowerCase()}</span>
                {line.node_id && node === null && (
                  <span className={styles.node}>{labelOf(line.node_id)}</span>
                )}
                <span className={styles.message}>{line.message}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
