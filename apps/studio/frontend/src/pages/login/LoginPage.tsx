import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { CircleAlert, MailCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, Problem } from "~/api/client";
import type { LoginBoot } from "~/app/boot";
import { Mark } from "~/app/Mark";
import { text } from "~/text";
import styles from "./LoginPage.module.css";

interface Refusal {
  title: string;
  hint: string | null;
}

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Problem)) return { title: String(error), hint: null };
  if (error.status === 429) {
    return { title: text.login.locked, hint: text.login.lockedHint(error.retryAfter) };
  }
  if (error.status === 401 || error.status === 400)
    return { title: text.login.wrong, hint: text.login.wrongHint };
  return { title: error.message, hint: error.remedy };
}

export function LoginPage({ boot }: { boot: LoginBoot }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [mailed, setMailed] = useState(false);

  async function forgot() {
    setMailed(false);
    setRefusal(null);
    if (email.trim() === "") {
      setRefusal({ title: text.login.forgotFirst, hint: null });
      return;
    }
    try {
      await api.post("auth/forgot-password", { email: email.trim() });
      setMailed(true);
    } catch (error) {
      setRefusal(
        error instanceof Problem
          ? { title: error.errors[0]?.message ?? error.message, hint: error.remedy }
          : { title: String(error), hint: null },
      );
    }
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setMailed(false);
    setRefusal(null);
    try {
      await api.post("auth/session", { email: email.trim(), password });
      window.location.assign(boot.next);
    } catch (error) {
      setRefusal(refusalOf(error));
      setBusy(false);
    }
  }

  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <Stack gap="xs" align="flex-start" mb="lg">
          <Mark size={40} />
          <Title order={1} mt="sm">
            {text.login.title}
          </Title>
          <Text c="dimmed" size="md">
            {text.login.subtitle(boot.subscription)}
          </Text>
        </Stack>
        <form onSubmit={(event) => void submit(event)}>
          <Stack gap="md">
            <TextInput
              label={text.login.email}
              type="email"
              name="email"
              autoComplete="username"
              required
              withAsterisk={false}
              data-autofocus
              autoFocus
              size="md"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label={text.login.password}
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              size="md"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" size="md" mt="xs" loading={busy} fullWidth>
              {text.login.submit}
            </Button>
            <Anchor component="button" type="button" size="sm" ta="center" onClick={() => void forgot()}>
              {text.login.forgot}
            </Anchor>
            <div className={styles.refusal} aria-live="assertive">
              {refusal && (
                <Alert color="red" variant="light" icon={<CircleAlert size={18} />} title={refusal.title}>
                  {refusal.hint}
                </Alert>
              )}
              {mailed && (
                <Alert variant="light" icon={<MailCheck size={18} />} title={text.login.mailed}>
                  {text.login.mailedHint}
                </Alert>
              )}
            </div>
          </Stack>
        </form>
      </div>
      <p className={styles.tagline}>{text.login.tagline}</p>
    </main>
  );
}
