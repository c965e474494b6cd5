import { Badge, SegmentedControl, Skeleton, useMantineColorScheme } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { enabledFeatures, USAGES, type Usage, usage } from "~/api/settings";
import { useCrumbs } from "~/app/crumbs";
import { useBoot } from "~/app/person";
import { count, percent } from "~/format/numbers";
import { words } from "~/operateText";
import { Card, Page } from "~/parts/Page";
import { ApiKeys } from "./ApiKeys";
import styles from "./Settings.module.css";

const said = words.settings;
const THEMES = ["light", "dark", "auto"] as const;

function You() {
  const { user, subscription } = useBoot();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Card title={said.you}>
      <div className={styles.body}>
        <div className={styles.line}>
          <strong>{user.name || user.email}</strong>
          <span>{user.email}</span>
        </div>
        <div className={styles.line}>
          {subscription}
          {user.is_owner && <span>{said.owner}</span>}
        </div>
        <div className={styles.line}>
          <div>
            {said.theme}
            <br />
            <span>{said.themeHint}</span>
          </div>
          <SegmentedControl
            size="xs"
            aria-label={said.theme}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as (typeof THEMES)[number])}
            data={THEMES.map((value) => ({ value, label: said.themes[value] }))}
          />
        </div>
      </div>
    </Card>
  );
}

function UsageLine({ type, told }: { type: string; told: Usage | undefined }) {
  return (
    <div className={styles.usage}>
      <div className={styles.line}>
        {said.usage[type] ?? type}
        {told === undefined ? (
          <Skeleton height={12} width={72} />
        ) : (
          <span className="numbers">
            {told.limit === null ? `${count(told.used)}, ${said.unlimited}` : said.of(told.used, told.limit)}
          </span>
        )}
      </div>
      {told?.limit != null && (
        <div className={styles.meter} data-full={told.used >= told.limit}>
          <span style={{ width: percent(told.limit === 0 ? 1 : told.used / told.limit) }} />
        </div>
      )}
    </div>
  );
}

function Plan() {
  const usages = useQueries({ queries: USAGES.map((type) => usage(type)) });
  const features = useQuery(enabledFeatures());
  const switches = (features.data?.results ?? []).filter(({ kind }) => kind === "switch");
  return (
    <Card title={said.plan}>
      <div className={styles.body}>
        {USAGES.map((type, index) => (
          <UsageLine key={type} type={type} told={usages[index]?.data} />
        ))}
        {said.features}
        <div className={styles.features}>
          {switches.map(({ key, name }) => (
            <Badge key={key} variant="default" tt="none" fw={500}>
              {name}
            </Badge>
          ))}
        </div>
      </div>
    </Card>
  );
}

/** One's own settings, and what the plan allows. */
export function SettingsPage() {
  useCrumbs([{ label: words.nav.settings }]);
  return (
    <Page title={said.title}>
      <div className={styles.grid}>
        <You />
        <Plan />
        <div className={styles.all}>
          <ApiKeys />
        </div>
      </div>
    </Page>
  );
}
