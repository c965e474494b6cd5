import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Lock, LockOpen } from "lucide-react";
import { vaultStatus } from "~/api/settings";
import { count } from "~/format/numbers";
import { ErrorNotice } from "~/parts/Notice";
import { Card, Page } from "~/parts/Page";
import page from "~/parts/Page.module.css";
import { Time } from "~/parts/Time";
import { text } from "~/text";
import styles from "./Settings.module.css";

const said = text.people.vault;

/** Whether the vault is open, what it keeps for this subscription, what waits for it, and who can open it. */
export function VaultPage() {
  const found = useQuery({ ...vaultStatus(), refetchInterval: 5000 });
  const vault = found.data;
  if (found.isError) {
    return (
      <Page title={said.title} hint={said.hint}>
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  const waiting = Object.entries(vault?.waiting ?? {}).filter(([, waits]) => waits > 0);
  return (
    <Page title={said.title} hint={said.hint}>
      <div className={styles.stack}>
        <Card title={said.state}>
          <div className={styles.body}>
            <div className={styles.vault} data-sealed={vault?.sealed ?? false} role="status">
              {vault === undefined ? (
                <Skeleton height={44} />
              ) : (
                <>
                  {vault.sealed ? <Lock size={22} aria-hidden /> : <LockOpen size={22} aria-hidden />}
                  <div>
                    <strong>{vault.sealed ? said.sealed : said.open}</strong>
                    <p>{vault.sealed ? (said.reasons[vault.reason] ?? vault.reason) : said.openHint}</p>
                    {vault.sealed_at && (
                      <p>
                        {said.since} <Time at={vault.sealed_at} />
                      </p>
                    )}
                  </div>
                </>
              )}
            </div>
          </div>
        </Card>
        <div className={styles.grid}>
          <Card title={said.secrets}>
            <ul className={styles.counts}>
              {vault === undefined ? (
                <Skeleton height={20} width="60%" />
              ) : (
                Object.entries(vault.secrets).map(([kind, kept]) => (
                  <li key={kind}>
                    <strong className="numbers">{count(kept)}</strong> {said.kinds[kind] ?? kind}
                  </li>
                ))
              )}
            </ul>
          </Card>
          <Card title={said.waiting}>
            <ul className={styles.counts}>
              {vault === undefined ? (
                <Skeleton height={20} width="60%" />
              ) : waiting.length === 0 ? (
                <li>{said.nothingWaits}</li>
              ) : (
                waiting.map(([kind, waits]) => (
                  <li key={kind}>
                    <strong className="numbers">{count(waits)}</strong> {said.waitingKinds[kind] ?? kind}
                  </li>
                ))
              )}
            </ul>
          </Card>
        </div>
        <Card title={said.who}>
          <div className={styles.body}>
            <p className={styles.words}>{said.whoHint}</p>
            {vault?.auto_unseal && <p className={styles.words}>{said.auto}</p>}
          </div>
        </Card>
        <Card title={said.keys} hint={said.keysHint}>
          {vault === undefined ? (
            <div className={styles.body}>
              <Skeleton height={60} />
            </div>
          ) : vault.keys.length === 0 ? (
            <p className={page.none}>{said.noKeys}</p>
          ) : (
            <table className={page.table}>
              <thead>
                <tr>
                  <th className={styles.narrow}>{said.version}</th>
                  <th>{said.made}</th>
                  <th>{said.retired}</th>
                </tr>
              </thead>
              <tbody>
                {vault.keys.map((key) => (
                  <tr key={key.id}>
                    <td className="numbers">{key.version}</td>
                    <td className={page.soft}>
                      <Time at={key.created_at} />
                    </td>
                    <td className={page.soft}>
                      {key.retired_at ? <Time at={key.retired_at} /> : said.active}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Card>
      </div>
    </Page>
  );
}
