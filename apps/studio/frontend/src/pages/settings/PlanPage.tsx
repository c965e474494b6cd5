import { Button, Skeleton, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Minus } from "lucide-react";
import { useState } from "react";
import { api } from "~/api/client";
import { type Offer, type Plan, planUsage } from "~/api/settings";
import { useBoot } from "~/app/person";
import { count, size } from "~/format/numbers";
import { Confirm } from "~/parts/Confirm";
import { ErrorNotice } from "~/parts/Notice";
import { Card, Page } from "~/parts/Page";
import { text } from "~/text";
import styles from "./Settings.module.css";

const said = text.people.plan;

function Limit({ offer, namesOf }: { offer: Offer; namesOf: (keys: string[]) => string[] }) {
  const { used, limit, plans } = offer;
  const label = text.settings.usage[offer.key] ?? offer.name;
  const shown = offer.key.includes("bytes") ? size : count;
  const full = limit !== null && used !== null && used >= limit;
  return (
    <li className={styles.limit}>
      <div className={styles.line}>
        {label}
        <span className="numbers">
          {limit === null
            ? `${used === null ? "" : `${shown(used)} · `}${said.unlimited}`
            : said.of(shown(used ?? 0), shown(limit))}
        </span>
      </div>
      {limit !== null && (
        // biome-ignore lint/a11y/useSemanticElements: browsers draw a meter of their own that takes no colours
        <div
          className={styles.meter}
          data-full={full}
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={limit}
          aria-valuenow={Math.min(used ?? 0, limit)}
        >
          <span style={{ width: `${limit === 0 ? 100 : Math.min(100, (100 * (used ?? 0)) / limit)}%` }} />
        </div>
      )}
      {said.about[offer.key] && <p className={styles.lift}>{said.about[offer.key]}</p>}
      {plans.length > 0 && <p className={styles.lift}>{said.lifted(namesOf(plans))}</p>}
    </li>
  );
}

function Switched({ offer, namesOf }: { offer: Offer; namesOf: (keys: string[]) => string[] }) {
  const note = offer.enabled
    ? offer.source === "override"
      ? said.override
      : ""
    : offer.plans.length > 0
      ? said.with(namesOf(offer.plans))
      : said.ask;
  return (
    <li className={styles.feature} data-on={offer.enabled}>
      {offer.enabled ? <Check size={16} aria-label={said.on} /> : <Minus size={16} aria-label={said.off} />}
      {offer.name}
      <span>{note}</span>
    </li>
  );
}

function Upgrade({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const client = useQueryClient();
  const upgrade = useMutation({
    mutationFn: () => api.post("subscriptions/upgrade", { plan: plan.key }),
    onSuccess: async () => {
      await client.invalidateQueries();
      onClose();
    },
  });
  return (
    <Confirm
      title={said.upgradeTitle(plan.name)}
      action={said.upgrade(plan.name)}
      does={upgrade}
      onClose={onClose}
    >
      {said.upgradeHint(said.price(plan.price))}
    </Confirm>
  );
}

/** What the subscription's plan gives, how much of it is used, and what would give more. */
export function PlanPage() {
  const { user } = useBoot();
  const found = useQuery(planUsage());
  const [wanted, want] = useState<Plan | null>(null);
  if (found.isError) {
    return (
      <Page title={said.title}>
        <ErrorNotice error={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  const plans = found.data?.plans ?? [];
  const above = plans.filter(({ rank }) => rank > (found.data?.plan.rank ?? Number.POSITIVE_INFINITY));
  const namesOf = (keys: string[]) => plans.filter(({ key }) => keys.includes(key)).map(({ name }) => name);
  const mayUpgrade = user.capabilities.includes("subscription.manage");
  const offers = found.data?.features ?? [];
  return (
    <Page title={said.title} hint={said.hint}>
      <div className={styles.stack}>
        <Card title={said.edition}>
          <div className={styles.body}>
            <div className={styles.edition}>
              {found.data ? (
                <div>
                  <strong>{found.data.plan.name}</strong>
                  <span>{said.price(found.data.plan.price)}</span>
                </div>
              ) : (
                <Skeleton height={28} width={220} />
              )}
              {mayUpgrade &&
                above.map((plan) => (
                  <Button key={plan.key} variant="default" onClick={() => want(plan)}>
                    {said.upgrade(plan.name)}
                  </Button>
                ))}
            </div>
            {found.data && above.length === 0 && <Text className={styles.lift ?? ""}>{said.highest}</Text>}
            {found.data && above.length > 0 && !mayUpgrade && (
              <Text className={styles.lift ?? ""}>{said.askOwner}</Text>
            )}
          </div>
        </Card>
        <Card title={said.limits}>
          <ul className={styles.limits} aria-busy={found.isPending}>
            {found.isPending
              ? [1, 2, 3, 4].map((row) => (
                  <li key={row} className={styles.limit}>
                    <Skeleton height={12} my={12} width="60%" />
                  </li>
                ))
              : offers
                  .filter(({ kind }) => kind === "limit")
                  .map((offer) => <Limit key={offer.key} offer={offer} namesOf={namesOf} />)}
          </ul>
        </Card>
        <Card title={said.features}>
          <ul className={styles.limits} aria-busy={found.isPending}>
            {found.isPending
              ? [1, 2, 3, 4, 5, 6].map((row) => (
                  <li key={row} className={styles.feature}>
                    <Skeleton height={12} width="40%" />
                  </li>
                ))
              : offers
                  .filter(({ kind }) => kind === "switch")
                  .map((offer) => <Switched key={offer.key} offer={offer} namesOf={namesOf} />)}
          </ul>
        </Card>
      </div>
      {wanted && <Upgrade plan={wanted} onClose={() => want(null)} />}
    </Page>
  );
}
