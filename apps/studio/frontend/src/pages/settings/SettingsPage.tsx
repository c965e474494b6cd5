import {
  Boxes,
  Gauge,
  IdCard,
  KeyRound,
  type LucideIcon,
  ScrollText,
  UserRound,
  Users,
  Vault,
} from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Person } from "~/app/boot";
import { useCrumbs } from "~/app/crumbs";
import { NotFoundPage } from "~/app/NotFoundPage";
import { useBoot } from "~/app/person";
import { GroupPage } from "~/pages/members/GroupPage";
import { GroupsPage } from "~/pages/members/GroupsPage";
import { MemberPage } from "~/pages/members/MemberPage";
import { MembersPage } from "~/pages/members/MembersPage";
import { RolesPage } from "~/pages/members/RolesPage";
import { text } from "~/text";
import { ApiKeysPage } from "./ApiKeys";
import { AuditPage } from "./AuditPage";
import { PlanPage } from "./PlanPage";
import { ProfilePage } from "./ProfilePage";
import styles from "./Settings.module.css";
import { VaultPage } from "./VaultPage";

const said = text.people.room;

interface Section {
  at: string;
  label: string;
  icon: LucideIcon;
  /** Any of them opens the section; none asks for nothing. */
  needs: readonly string[];
  page: () => ReactNode;
  /** What a single one of the section's list shows. */
  one?: (id: string) => ReactNode;
}

const YOU: Section[] = [
  { at: "profile", label: said.profile, icon: UserRound, needs: [], page: () => <ProfilePage /> },
  { at: "api-keys", label: said.keys, icon: KeyRound, needs: [], page: () => <ApiKeysPage /> },
];
const ORGANISATION: Section[] = [
  {
    at: "members",
    label: said.members,
    icon: Users,
    needs: ["users.manage"],
    page: () => <MembersPage />,
    one: (id) => <MemberPage key={id} id={id} />,
  },
  {
    at: "groups",
    label: said.groups,
    icon: Boxes,
    needs: ["groups.manage"],
    page: () => <GroupsPage />,
    one: (id) => <GroupPage key={id} id={id} />,
  },
  {
    at: "roles",
    label: said.roles,
    icon: IdCard,
    needs: ["roles.manage", "users.manage", "groups.manage"],
    page: () => <RolesPage />,
  },
  { at: "plan", label: said.plan, icon: Gauge, needs: [], page: () => <PlanPage /> },
  { at: "vault", label: said.vault, icon: Vault, needs: ["vault.manage"], page: () => <VaultPage /> },
  { at: "audit", label: said.audit, icon: ScrollText, needs: ["audit.read"], page: () => <AuditPage /> },
];

const opens = ({ needs }: Section, { capabilities }: Person) =>
  needs.length === 0 || needs.some((name) => capabilities.includes(name));

function Sections({ title, sections, at }: { title: string; sections: Section[]; at: string }) {
  return (
    <div className={styles.sections}>
      <h2 id={`sections-${title}`}>{title}</h2>
      <ul aria-labelledby={`sections-${title}`}>
        {sections.map(({ at: path, label, icon: Icon }) => (
          <li key={path}>
            <Link
              href={`/settings/${path}`}
              className={styles.section}
              aria-current={path === at ? "page" : undefined}
            >
              <Icon size={16} strokeWidth={1.75} aria-hidden />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Crumbs({ section }: { section: Section }) {
  useCrumbs([{ label: text.nav.settings, href: "/settings" }, { label: section.label }]);
  return null;
}

/** One room for everything about oneself and about the organisation, with its sections at the side. */
export function SettingsPage({ at }: { at: string }) {
  const { user } = useBoot();
  const [path = "", id] = (at || "profile").split("/");
  const organisation = ORGANISATION.filter((section) => opens(section, user));
  // Who may not open a section is told so by the server, in its words.
  const section = [...YOU, ...ORGANISATION].find((each) => each.at === path);
  if (section === undefined || (id !== undefined && section.one === undefined)) return <NotFoundPage />;
  return (
    <div className={styles.room}>
      <nav className={styles.side} aria-label={said.label}>
        <Sections title={said.you} sections={YOU} at={path} />
        <Sections title={said.organisation} sections={organisation} at={path} />
      </nav>
      <div className={styles.content}>
        {id === undefined && <Crumbs section={section} />}
        {id === undefined ? section.page() : section.one?.(id)}
      </div>
    </div>
  );
}
