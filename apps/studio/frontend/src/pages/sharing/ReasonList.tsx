import type { Reason } from "~/api/people";
import { text } from "~/text";
import styles from "./Sharing.module.css";

const said = text.people.sharing;

function whyOf(reason: Reason, ofGroup: boolean): string {
  if (reason.source === "owner") return said.owner;
  if (reason.source === "role") return said.byRole;
  const kind = (text.people.kinds[reason.object_type ?? ""] ?? "").toLowerCase();
  const where = reason.inherited ? said.inherited(kind, reason.object_name) : said.direct;
  return reason.group_name !== null && !ofGroup ? `${where}, ${said.byGroup(reason.group_name)}` : where;
}

interface Why {
  text: string;
  levels: string[];
}

/** Reasons that differ in the level only are one line. */
function together(reasons: readonly Reason[], ofGroup: boolean): Why[] {
  const found: Why[] = [];
  for (const reason of reasons) {
    const why = whyOf(reason, ofGroup);
    const known = found.find((each) => each.text === why);
    const levels = reason.level === null ? [] : [reason.level];
    if (known) known.levels.push(...levels);
    else found.push({ text: why, levels });
  }
  return found;
}

/** Why somebody may do something: each way that leads to it, with what it gives where there are several. */
export function ReasonList({ reasons, ofGroup = false }: { reasons: readonly Reason[]; ofGroup?: boolean }) {
  const ways = together(reasons, ofGroup);
  return (
    <ul className={styles.reasons}>
      {ways.map((why) => (
        <li key={why.text}>
          {why.text}
          {ways.length > 1 && why.levels.length > 0 && (
            <span>
              {": "}
              {text.people.may(why.levels).toLowerCase()}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
