import { Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type FoundItem, found, place, type Wanted } from "~/api/tree";
import { text } from "~/text";
import { pathText } from "./Found";
import { ICON } from "./kinds";
import styles from "./PlaceSelect.module.css";

interface PlaceSelectProps
  extends Omit<SelectProps, "data" | "value" | "onChange" | "searchable" | "renderOption" | "filter">,
    Omit<Wanted, "search"> {
  value: string | null;
  /** Null where it was cleared, which only `clearable` allows. */
  onChange: (chosen: FoundItem | null) => void;
  /** Ids that may not be chosen. */
  without?: readonly string[];
}

/** Chooses one of all folders, jobs or workflows by its name; each says where it lies. */
export function PlaceSelect(props: PlaceSelectProps) {
  const { types, permission, within, value, onChange, without = [], ...others } = props;
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 150);
  const chosen = useQuery({ ...place(value ?? ""), enabled: value !== null });
  // What is written in the field once something is chosen is its name, and not a search.
  const wanted: Wanted = { search: search === chosen.data?.name ? "" : search };
  if (types !== undefined) wanted.types = types;
  if (permission !== undefined) wanted.permission = permission;
  if (within !== undefined) wanted.within = within;
  const asked = useInfiniteQuery({ ...found(wanted), placeholderData: keepPreviousData });
  const hits = (asked.data?.pages ?? []).flatMap(({ results }) => results);
  const options = hits.filter(({ id }) => !without.includes(id));
  const shown = chosen.data && !options.some(({ id }) => id === value) ? [chosen.data, ...options] : options;
  const byId = new Map(shown.map((each) => [each.id, each]));
  const rest = (asked.data?.pages[0]?.count ?? 0) - hits.length;
  const nothing = asked.isPending
    ? text.loading
    : wanted.search === ""
      ? text.explorer.noChoice
      : text.explorer.noMatch;
  return (
    <Select
      {...others}
      searchable
      allowDeselect={false}
      data={[
        ...shown.map(({ id, name }) => ({ value: id, label: name })),
        ...(rest > 0 ? [{ value: "", label: text.explorer.narrow(rest), disabled: true }] : []),
      ]}
      filter={({ options: given }) => given}
      nothingFoundMessage={asked.error?.message ?? nothing}
      onSearchChange={setTyped}
      value={value}
      onChange={(id) => {
        if (id === null) onChange(null);
        else onChange(byId.get(id) ?? null);
      }}
      renderOption={({ option }) => {
        const hit = byId.get(option.value);
        if (!hit) return <span className={styles.rest}>{option.label}</span>;
        const Icon = ICON[hit.type];
        return (
          <span className={styles.option}>
            <Icon size={15} strokeWidth={1.75} aria-hidden />
            <span>
              <span>{hit.name}</span>
              {hit.path.length > 0 && <small>{pathText(hit.path)}</small>}
            </span>
          </span>
        );
      }}
    />
  );
}
