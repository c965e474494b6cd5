import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import { type Member, peopleChanged } from "~/api/people";
import { Confirm } from "~/parts/Confirm";
import { text } from "~/text";

const said = text.people.members;

/** Changes a person: name, role, ownership, state. */
export function useChangeMember(member: Pick<Member, "id">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (changes: {
      role_id?: string | null;
      is_owner?: boolean;
      is_active?: boolean;
      name?: string;
    }) => api.patch<Member>(`users/${member.id}`, changes),
    onSettled: () => peopleChanged(client),
  });
}

export function useEnable(member: Member) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.patch<Member>(`users/${member.id}`, { is_active: true }),
    onSuccess: () => peopleChanged(client),
  });
}

export function useInviteAgain(member: Member) {
  return useMutation({ mutationFn: () => api.post<Member>(`users/${member.id}/invitation`) });
}

export function DisableDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const client = useQueryClient();
  const disable = useMutation({
    mutationFn: () => api.patch<Member>(`users/${member.id}`, { is_active: false }),
    onSuccess: async () => {
      await peopleChanged(client);
      onClose();
    },
  });
  return (
    <Confirm
      title={said.disableTitle(member.name || member.email)}
      action={said.disable}
      does={disable}
      danger
      onClose={onClose}
    >
      {said.disableHint}
    </Confirm>
  );
}

interface RemoveProps {
  member: Member;
  onClose: () => void;
  onRemoved: () => void;
}

export function RemoveDialog({ member, onClose, onRemoved }: RemoveProps) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.delete(`users/${member.id}`),
    onSuccess: async () => {
      onRemoved();
      await peopleChanged(client);
    },
  });
  return (
    <Confirm
      title={said.removeTitle(member.name || member.email)}
      action={said.remove}
      does={remove}
      danger
      onClose={onClose}
    >
      {said.removeHint}
    </Confirm>
  );
}
