import { useState } from "react";
import type { FoundItem } from "~/api/tree";
import { FormDialog } from "~/parts/FormDialog";
import { text } from "~/text";
import { holdersOf, type Item } from "./kinds";
import type { Holder } from "./moving";
import { PlaceSelect } from "./PlaceSelect";

interface MoveDialogProps {
  item: Item;
  onClose: () => void;
  onMove: (item: Item, to: Holder) => void;
}

/** Asks where something goes, among the places that one may write to. */
export function MoveDialog({ item, onClose, onMove }: MoveDialogProps) {
  const [to, setTo] = useState<FoundItem | null>(null);
  return (
    <FormDialog
      title={text.explorer.moveTitle(item.name)}
      submit={text.explorer.move}
      sending={{ isPending: false, error: null }}
      complete={to !== null}
      onClose={onClose}
      onSubmit={() => {
        if (to === null) return;
        onClose();
        onMove(item, { id: to.id, name: to.name, kind: to.type });
      }}
    >
      <PlaceSelect
        label={text.explorer.moveInto}
        description={text.explorer.moveHint[item.kind]}
        placeholder={text.explorer.search}
        types={holdersOf(item.kind)}
        permission="write"
        without={[item.id, ...(item.parent_id === null ? [] : [item.parent_id])]}
        value={to?.id ?? null}
        onChange={setTo}
        data-autofocus
      />
    </FormDialog>
  );
}
