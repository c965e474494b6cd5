import { Textarea } from "@mantine/core";
import { useState } from "react";
import { text } from "~/text";

const words = text.editor.form;

/** A value as JSON; what is half typed stays until it is JSON again. */
export function JsonField({
  label,
  value,
  wrong,
  onChange,
}: {
  label: string;
  value: unknown;
  wrong: boolean;
  onChange: (value: unknown) => void;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const [broken, setBroken] = useState(false);
  return (
    <Textarea
      size="xs"
      aria-label={label}
      autosize
      minRows={2}
      maxRows={12}
      ff="monospace"
      value={draft ?? (value !== undefined && value !== null ? JSON.stringify(value, null, 2) : "")}
      error={broken ? words.notJson : wrong}
      onChange={(event) => {
        const written = event.currentTarget.value;
        setDraft(written);
        if (written.trim() === "") {
          setBroken(false);
          onChange(undefined);
          return;
        }
        try {
          onChange(JSON.parse(written));
          setBroken(false);
        } catch {
          setBroken(true);
        }
      }}
      onBlur={() => !broken && setDraft(null)}
    />
  );
}
