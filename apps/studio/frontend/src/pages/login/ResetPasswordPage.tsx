import { Alert, Button, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { CircleAlert, CircleCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, Problem } from "~/api/client";
import type { ResetBoot } from "~/app/boot";
import { Mark } from "~/app/Mark";
import { text } from "~/text";
import styles from "./LoginPage.module.css";
import { type ResetRefusal, resetRefusalOf } from "./resetRefusal";

/** Where the mailed link leads: choose a new password, then sign in with it. */
export function ResetPasswordPage({ boot }: { boot: ResetBoot }) {
  const [token] = useState(() => new URLSearchParams(window.location.search).get("token") ?? "");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [refusal, setRefusal] = useState<ResetRefusal | null>(
    token === "" ? { weak: null, title: text.reset.badLink, hint: text.reset.badLinkHint } : null,
  );

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setRefusal(null);
    try {
      await api.post("auth/reset-password", { token, password });
      setDone(true);
    } catch (error) {
      setRefusal(
        error instanceof Problem ? resetRefusalOf(error) : { weak: null, title: String(error), hint: null },
      );
    }
    setBusy(false);
  }

  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <Stack gap="xs" align="flex-start" mb="lg">
          <Mark size={40} />
          <Title order={1} mt="sm">
            {text.reset.title}
          </Title>
          <Text c="dimmed" size="md">
            {text.reset.subtitle(boot.subscription)}
          </Text>
        </Stack>
        {done ? (
          <Stack gap="md" role="status">
            <Alert color="green" variant="light" icon={<CircleCheck size={18} />} title={text.reset.done}>
              {text.reset.doneHint}
            </Alert>
            <Button component="a" href="/login" size="md" fullWidth autoFocus>
              {text.login.submit}
            </Button>
          </Stack>
        ) : (
          <form onSubmit={(event) => void submit(event)}>
            <Stack gap="md">
              <PasswordInput
                label={text.reset.password}
                name="password"
                autoComplete="new-password"
                required
                withAsterisk={false}
                autoFocus
                size="md"
                value={password}
                error={refusal?.weak}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
              <Button type="submit" size="md" mt="xs" loading={busy} disabled={token === ""} fullWidth>
                {text.reset.submit}
              </Button>
              <div className={styles.refusal} aria-live="assertive">
                {refusal?.title && (
                  <Alert color="red" variant="light" icon={<CircleAlert size={18} />} title={refusal.title}>
                    {refusal.hint}
                  </Alert>
                )}
              </div>
            </Stack>
          </form>
        )}
      </div>
      <p className={styles.tagline}>{text.login.tagline}</p>
    </main>
  );
}
