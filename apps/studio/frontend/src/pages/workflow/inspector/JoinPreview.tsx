import { ActionIcon, Button, Loader, Tooltip } from "@mantine/core";
import { RefreshCw } from "lucide-react";
import type { Matches } from "~/api/samples";
import { useMatches } from "~/api/useMatches";
import { count } from "~/format/numbers";
import type { DiagramNode } from "~/graph/diagram";
import { text } from "~/text";
import { useWorkflowView } from "../context";
import styles from "./Join.module.css";
import { useMocks } from "./mockStore";
import { useObstacle } from "./useNodeSample";

const words = text.inspector.join;

/** How many rows of each side find a partner, and how many rows come of it: counted by the engine on samples. */
export function JoinPreview({ node }: { node: DiagramNode }) {
  const { workflow, meaning, isStored } = useWorkflowView();
  const [mocks] = useMocks(workflow.id, node.id);
  const obstacle = useObstacle(node.id, mocks !== null);
  const blocked = obstacle !== null && !obstacle.passing;
  const asked = isStored(node.id) ? node.id : null;
  const { data, busy, error, read } = useMatches(workflow.id, asked, obstacle === null, meaning, mocks);
  return (
    <section className={styles.join} aria-label={words.title} aria-busy={busy}>
      <header>
        <h4>{words.title}</h4>
        <span>{mocks === null ? words.inSample : words.inMocks}</span>
        {busy && <Loader size={12} />}
        {!blocked && (
          <Tooltip label={words.again}>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              ml="auto"
              aria-label={words.again}
              disabled={busy}
              onClick={read}
            >
              <RefreshCw size={13} />
            </ActionIcon>
          </Tooltip>
        )}
      </header>
      {blocked ? (
        <p className={styles.soft}>{words.notYet}</p>
      ) : error ? (
        <p className={styles.wrong} role="alert">
          {error.message}
        </p>
      ) : data !== null ? (
        <Counts matches={data} />
      ) : busy ? (
        <div className={styles.waiting} />
      ) : (
        <Button size="compact-xs" variant="light" onClick={read}>
          {words.count}
        </Button>
      )}
    </section>
  );
}

function Counts({ matches }: { matches: Matches }) {
  const { left, right, rows, matched_left, matched_right } = matches;
  const most = Math.max(left, right, rows, 1);
  return (
    <>
      <Side name={words.left} rows={left} matched={matched_left} only={words.leftOnly} most={most} />
      <Side name={words.right} rows={right} matched={matched_right} only={words.rightOnly} most={most} />
      <Side name={words.result} rows={rows} matched={null} only={words.leftOnly} most={most} result />
      {matched_left === 0 && left > 0 && right > 0 && <p className={styles.warn}>{words.none}</p>}
      {left > 0 && rows > 1.5 * left && matched_left !== null && rows > left + right && (
        <p className={styles.warn}>{words.more((rows / left).toFixed(1))}</p>
      )}
    </>
  );
}

interface SideProps {
  name: string;
  rows: number;
  matched: number | null;
  only: (rows: number) => string;
  most: number;
  result?: boolean;
}

function Side({ name, rows, matched, only, most, result = false }: SideProps) {
  const share = (part: number) => `${(part / most) * 100}%`;
  return (
    <div className={`${styles.side} numbers`} data-result={result}>
      <span className={styles.name}>{name}</span>
      <b>{words.rows(rows)}</b>
      <div className={styles.bar} aria-hidden>
        <i data-part={result ? "result" : "matched"} style={{ width: share(matched ?? rows) }} />
        {matched !== null && rows > matched && (
          <i data-part="only" style={{ width: share(rows - matched) }} />
        )}
      </div>
      {matched !== null && (
        <span className={styles.parts}>
          <span title={count(matched)}>{words.matched(matched)}</span>
          <span>{only(rows - matched)}</span>
        </span>
      )}
    </div>
  );
}
