import { Button, Combobox, Select, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { api } from "~/api/client";
import { peopleChanged, type Shareable, type Subject, subjects } from "~/api/people";
import { Refusal } from "~/parts/Notice";
import { text } from "~/text";
import { CHOICES, type Choice, levelsOf } from "./levels";
import styles from "./Sharing.module.css";
import { SubjectFace } from "./SubjectFace";

const said = text.people.sharing;
const CONTAINERS = ["workspace", "folder", "job"];
const nameOf = ({ name, email }: Subject) => name || email;

interface PickerProps {
  object: Shareable;
  chosen: Subject | null;
  choose: (subject: Subject | null) => void;
}

/** Finds a person or a group by name or address. */
function SubjectPicker({ object, chosen, choose }: PickerProps) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 150);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const input = useRef<HTMLInputElement>(null);
  // The form comes once it is known that one may share, which is after the dialog took the focus.
  useEffect(() => input.current?.focus(), []);
  const found = useQuery({
    ...subjects(object, search),
    enabled: combobox.dropdownOpened,
    placeholderData: keepPreviousData,
  });
  // While the next answer is on its way the last one stays: whoever it names besides must not be chosen by Enter.
  const wanted = typed.trim().toLowerCase();
  const options = (found.data?.results ?? []).filter((each) =>
    `${each.name} ${each.email ?? ""}`.toLowerCase().includes(wanted),
  );
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(id) => {
        const subject = options.find((each) => each.id === id) ?? null;
        choose(subject);
        setTyped(subject === null ? "" : nameOf(subject));
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <TextInput
          className={styles.picker ?? ""}
          label={said.with}
          placeholder={said.withHint}
          ref={input}
          autoComplete="off"
          value={chosen === null ? typed : nameOf(chosen)}
          onChange={(event) => {
            choose(null);
            setTyped(event.currentTarget.value);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex();
          }}
          onClick={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={264} style={{ overflowY: "auto" }} aria-label={said.with}>
          {options.map((subject) => (
            <Combobox.Option key={subject.id} value={subject.id}>
              <span className={styles.option}>
                <SubjectFace kind={subject.kind} name={nameOf(subject)} size={24} />
                <span className={styles.optionName}>{nameOf(subject)}</span>
                <span className={styles.optionMail}>{subject.name === "" ? "" : subject.email}</span>
              </span>
            </Combobox.Option>
          ))}
          {options.length === 0 && (
            <Combobox.Empty>{found.isPending ? text.loading : said.noneFound}</Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** Shares something with one more person or group. */
export function ShareForm({ object, tell }: { object: Shareable; tell: (what: string) => void }) {
  const client = useQueryClient();
  const [chosen, choose] = useState<Subject | null>(null);
  const [level, setLevel] = useState<Choice>("read");
  const [round, setRound] = useState(0);
  const share = useMutation({
    mutationFn: async (subject: Subject) => {
      for (const permission of levelsOf(level)) {
        await api.post("permissions", {
          object_type: object.type,
          object_id: object.id,
          [`${subject.kind}_id`]: subject.id,
          permission,
        });
      }
    },
    onSuccess: (_, subject) => {
      tell(said.shared(nameOf(subject)));
      choose(null);
      setRound((known) => known + 1);
    },
    onSettled: () => peopleChanged(client),
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (chosen !== null) share.mutate(chosen);
      }}
    >
      <div className={styles.fields}>
        <SubjectPicker key={round} object={object} chosen={chosen} choose={choose} />
        <Select
          w={140}
          label={said.level}
          allowDeselect={false}
          data={CHOICES.map((value) => ({ value, label: said.levels[value] ?? value }))}
          value={level}
          onChange={(value) => setLevel((value as Choice | null) ?? level)}
        />
        <Button type="submit" disabled={chosen === null} loading={share.isPending}>
          {said.share}
        </Button>
      </div>
      <p className={styles.hint}>
        {said.levelHints[level]}
        {CONTAINERS.includes(object.type) && `. ${said.flowsDown}`}
      </p>
      <Refusal error={share.error} />
    </form>
  );
}
