/** What is asked about people, groups, roles and permissions. */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, type Page } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Member = Schemas["UserDetail"];
export type Group = Schemas["Group"];
export type GroupMember = Schemas["Member"];
export type Role = Schemas["Role"];
export type Capability = Schemas["Capability"];
export type AccessEntry = Schemas["AccessEntry"];
export type AccessPage = Schemas["AccessPage"];
export type Reason = Schemas["Reason"];
export type Subject = Schemas["Subject"];
export type ObjectAccess = Schemas["ObjectAccess"];
export type Me = Schemas["Me"];

export type ObjectType = "workspace" | "folder" | "job" | "job_package" | "workflow" | "connector";
/** What can be shared. */
export interface Shareable {
  type: ObjectType;
  id: string;
  name: string;
}

const MOST = 200;

export const me = () =>
  queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => api.get<Me>("auth/me", undefined, signal),
  });

export interface MemberFilter {
  search?: string;
  is_active?: string;
  ordering?: string;
  page?: number;
  size?: number;
}

export const members = ({ page = 1, size = 25, ...filter }: MemberFilter) =>
  queryOptions({
    queryKey: ["members", { ...filter, page, size }],
    queryFn: ({ signal }) =>
      api.get<Page<Member>>("users", { ordering: "name", ...filter, page, page_size: size }, signal),
  });

export const member = (id: string) =>
  queryOptions({
    queryKey: ["members", id],
    queryFn: ({ signal }) => api.get<Member>(`users/${id}`, undefined, signal),
  });

export const memberAccess = (id: string, type: ObjectType, search: string, page: number) =>
  queryOptions({
    queryKey: ["members", id, "access", { type, search, page }],
    queryFn: ({ signal }) =>
      api.get<Page<ObjectAccess>>(
        `users/${id}/access`,
        { object_type: type, search, page, page_size: 25 },
        signal,
      ),
  });

export const groups = (search = "", page = 1, size = MOST) =>
  queryOptions({
    queryKey: ["groups", { search, page, size }],
    queryFn: ({ signal }) => api.get<Page<Group>>("groups", { search, page, page_size: size }, signal),
  });

export const group = (id: string) =>
  queryOptions({
    queryKey: ["groups", id],
    queryFn: ({ signal }) => api.get<Group>(`groups/${id}`, undefined, signal),
  });

export const groupMembers = (id: string, page: number) =>
  queryOptions({
    queryKey: ["groups", id, "members", page],
    queryFn: ({ signal }) =>
      api.get<Page<GroupMember>>(`groups/${id}/members`, { page, page_size: 25 }, signal),
  });

export const roles = () =>
  queryOptions({
    queryKey: ["roles"],
    queryFn: ({ signal }) => api.get<Page<Role>>("roles", { page_size: MOST }, signal),
    staleTime: 30_000,
  });

export const capabilities = () =>
  queryOptions({
    queryKey: ["capabilities"],
    queryFn: ({ signal }) => api.get<Page<Capability>>("capabilities", { page_size: MOST }, signal),
    staleTime: 600_000,
  });

export const ACCESS_SIZE = 50;

/** Who may do what with an object, and why. */
export const access = ({ type, id }: Shareable, search: string, size: number) =>
  queryOptions({
    queryKey: ["access", type, id, { search, size }],
    queryFn: ({ signal }) =>
      api.get<AccessPage>(
        "permissions/access",
        { object_type: type, object_id: id, search, page_size: size },
        signal,
      ),
  });

/** Whom one could share an object with. */
export const subjects = ({ type, id }: Shareable, search: string) =>
  queryOptions({
    queryKey: ["subjects", type, id, search],
    queryFn: ({ signal }) =>
      api.get<Page<Subject>>(
        "permissions/subjects",
        { object_type: type, object_id: id, search, page_size: 20 },
        signal,
      ),
  });

/** After people, groups, roles or what they were granted has changed. */
export const peopleChanged = (client: QueryClient) =>
  Promise.all(
    ["members", "groups", "roles", "access", "me", "usage", "permission"].map((key) =>
      client.invalidateQueries({ queryKey: [key] }),
    ),
  );
