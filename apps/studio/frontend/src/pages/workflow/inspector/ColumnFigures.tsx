import type { ColumnStatistics, Histogram, Statistics } from "~/api/samples";
import { cell, columnKind } from "~/format/cells";
import { count as grouped } from "~/format/numbers";
import { text } from "~/text";
import styles from "./Figures.module.css";

const words = text.inspector.statistics;
/** Fewer values than these are shown by name, more as a histogram. */
const FEW = 6;
const NAMED = 4;

/** What a sample says of each column: nulls, distinct values, range, how values spread. */
export function ColumnFigures({ statistics }: { statistics: Statistics }) {
  return (
    <ul className={styles.list}>
      {statistics.columns.map((column) => (
        <li key={column.name} className={styles.column}>
          <Figures column={column} rows={statistics.rows} />
        </li>
      ))}
    </ul>
  );
}

/** A mean has no more digits than help. */
const rounded = (mean: number | string) => {
  const value = Number(mean);
  return cell(Number.isFinite(value) ? Number(value.toPrecision(5)) : mean, "float64").text;
};

function Figures({ column, rows }: { column: ColumnStatistics; rows: number }) {
  const { name, type, nulls, distinct, min, max, mean, top, histogram } = column;
  const share = rows === 0 ? 0 : nulls / rows;
  const there = rows - nulls;
  const unique = distinct !== null && distinct > 1 && distinct === there;
  const shown = (value: unknown) => cell(value, type).text;
  const spread = histogram !== null && (distinct === null || distinct > FEW || columnKind(type) === "time");
  return (
    <>
      <div className={styles.head}>
        <span className={styles.name} title={name}>
          {name}
        </span>
        <code className={styles.type}>{type}</code>
      </div>
      <div className={`${styles.facts} numbers`}>
        <span className={styles.nulls} data-some={nulls > 0} title={words.nullsExact(nulls)}>
          <i aria-hidden style={{ width: `${Math.round(share * 100)}%` }} />
          {words.nulls(share, nulls)}
        </span>
        {distinct !== null && <span>{unique ? words.unique : words.distinct(distinct)}</span>}
      </div>
      {there === 0 && rows > 0 ? (
        <p className={styles.none}>{words.none}</p>
      ) : spread ? (
        <Bars histogram={histogram} low={shown(histogram.low)} high={shown(histogram.high)} />
      ) : (
        !unique && <Top column={column} there={there} shown={shown} />
      )}
      {min !== null && (
        <dl className={`${styles.range} numbers`}>
          <Figure label={words.min} value={shown(min)} />
          {mean !== null && <Figure label={words.mean} value={rounded(mean)} />}
          <Figure label={words.max} value={shown(max)} />
        </dl>
      )}
      {unique && min === null && top.length > 0 && (
        <p className={styles.none}>
          {top
            .slice(0, NAMED)
            .map(({ value }) => shown(value))
            .join(", ")}
          …
        </p>
      )}
    </>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd title={value}>{value}</dd>
    </div>
  );
}

function Bars({ histogram, low, high }: { histogram: Histogram; low: string; high: string }) {
  const most = Math.max(...histogram.counts);
  return (
    <div className={styles.bars} role="img" aria-label={words.bars(low, high)}>
      {histogram.counts.map((rows, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a bar is where it stands
        <span key={index} title={words.bar(rows)}>
          <i data-none={rows === 0} style={{ height: `${Math.max(2, Math.round((rows / most) * 100))}%` }} />
        </span>
      ))}
    </div>
  );
}

interface TopProps {
  column: ColumnStatistics;
  there: number;
  shown: (value: unknown) => string;
}

function Top({ column, there, shown }: TopProps) {
  const { top, distinct } = column;
  const few = distinct !== null && distinct <= NAMED + 1;
  const named = top.slice(0, few ? NAMED + 1 : NAMED);
  const others = (distinct ?? 0) - named.length;
  return (
    <ul className={styles.top} aria-label={words.top}>
      {named.map(({ value, count }) => (
        <li key={JSON.stringify(value)} title={words.bar(count)}>
          <i aria-hidden style={{ width: `${(count / there) * 100}%` }} />
          <span>{shown(value) === "" ? '""' : shown(value)}</span>
          <b className="numbers">{grouped(count)}</b>
        </li>
      ))}
      {others > 0 && <li className={styles.others}>{words.others(others)}</li>}
    </ul>
  );
}
