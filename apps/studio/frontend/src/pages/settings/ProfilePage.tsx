import {
  Badge,
  Button,
  PasswordInput,
  SegmentedControl,
  Skeleton,
  TextInput,
  useMantineColorScheme,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "~/api/client";
import { type Me, me } from "~/api/people";
import { useBoot } from "~/app/person";
import { ErrorNotice, Refusal } from "~/parts/Notice";
import { Card, Page } from "~/parts/Page";
import { text } from "~/text";
import styles from "./Settings.module.css";

const said = text.people.profile;
const THEMES = ["light", "dark", "auto"] as const;

function NameForm({ known }: { known: Me }) {
  const client = useQueryClient();
  const [name, setName] = useState(known.name);
  const save = useMutation({
    mutationFn: () => api.patch<Me>("auth/me", { name: name.trim() }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["me"] }),
  });
  return (
    <form
      className={styles.formLine}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <TextInput
        className={styles.grow ?? ""}
        label={said.name}
        description={said.nameHint}
        maxLength={200}
        autoComplete="name"
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          save.reset();
        }}
      />
      <Button type="submit" variant="default" loading={save.isPending} disabled={name.trim() === known.name}>
        {text.save}
      </Button>
      <p className={styles.saved} role="status">
        {save.isSuccess ? said.saved : ""}
      </p>
      <Refusal error={save.error} />
    </form>
  );
}

function Account() {
  const { user } = useBoot();
  const found = useQuery(me());
  if (found.isError) return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  return (
    <Card title={said.account}>
      <div className={styles.body}>
        {found.data ? <NameForm known={found.data} /> : <Skeleton height={82} />}
        <dl className={styles.facts}>
          <dt>{said.email}</dt>
          <dd>{user.email}</dd>
          <dt>{said.role}</dt>
          <dd>
            {found.data ? (
              <span className="capital">{found.data.role ?? said.noRole}</span>
            ) : (
              <Skeleton height={12} width={64} />
            )}
            {user.is_owner && (
              <Badge variant="light" tt="none" fw={500}>
                {text.settings.owner}
              </Badge>
            )}
          </dd>
          <dt>{said.groups}</dt>
          <dd>
            {found.data ? found.data.groups.join(", ") || said.noGroups : <Skeleton height={12} width={96} />}
          </dd>
        </dl>
      </div>
    </Card>
  );
}

function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Card title={said.look}>
      <div className={styles.body}>
        <div className={styles.line}>
          <div>
            {text.settings.theme}
            <br />
            <span>{text.settings.themeHint}</span>
          </div>
          <SegmentedControl
            size="xs"
            aria-label={text.settings.theme}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as (typeof THEMES)[number])}
            data={THEMES.map((value) => ({ value, label: text.settings.themes[value] }))}
          />
        </div>
      </div>
    </Card>
  );
}

function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => api.post("auth/change-password", { current_password: current, password: next }),
  });
  if (change.isSuccess) {
    return (
      <Card title={said.password}>
        <div className={styles.body} role="status">
          <p>{said.changed}</p>
          <Button component="a" href="/login?next=/settings/profile">
            {said.goSignIn}
          </Button>
        </div>
      </Card>
    );
  }
  return (
    <Card title={said.password} hint={said.passwordHint}>
      <form
        className={styles.body}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <div className={styles.two}>
          <PasswordInput
            label={said.current}
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordInput
            label={said.next}
            autoComplete="new-password"
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
        </div>
        <Refusal error={change.error} />
        <div className={styles.end}>
          <Button
            type="submit"
            variant="default"
            loading={change.isPending}
            disabled={current === "" || next === ""}
          >
            {said.change}
          </Button>
        </div>
      </form>
    </Card>
  );
}

/** One's own name, appearance and password. */
export function ProfilePage() {
  return (
    <Page title={said.title}>
      <div className={styles.stack}>
        <Account />
        <Appearance />
        <Password />
      </div>
    </Page>
  );
}
