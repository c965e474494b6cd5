import {
  ActionIcon,
  Avatar,
  Menu,
  Skeleton,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { spotlight } from "@mantine/spotlight";
import {
  Activity,
  BookOpen,
  CalendarClock,
  FolderTree,
  Gauge,
  House,
  LogOut,
  Moon,
  Plug,
  Search,
  Settings,
  Sun,
  UserCheck,
  WifiOff,
} from "lucide-react";
import { type ComponentType, Fragment, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { api } from "~/api/client";
import { initialsOf } from "~/format/initials";
import { useLivePhase } from "~/live/useChannel";
import { text } from "~/text";
import { Bell } from "./Bell";
import type { Boot, Person } from "./boot";
import { useKnownCrumbs } from "./crumbs";
import { Mark } from "./Mark";
import styles from "./Shell.module.css";

interface Room {
  href: string;
  label: string;
  icon: ComponentType<{ size?: number; strokeWidth?: number }>;
  owns: RegExp;
}

const OPERATIONS = "/operations";
const ROOMS: Room[] = [
  { href: "/", label: text.nav.home, icon: House, owns: /^\/$/ },
  {
    href: "/workspaces",
    label: text.nav.workspaces,
    icon: FolderTree,
    owns: /^\/(workspaces|folders|jobs|job-packages|job-runs|workflows|templates)/,
  },
  { href: "/executions", label: text.nav.executions, icon: Activity, owns: /^\/executions/ },
  { href: "/connectors", label: text.nav.connectors, icon: Plug, owns: /^\/connectors/ },
  { href: "/schedules", label: text.nav.schedules, icon: CalendarClock, owns: /^\/schedules/ },
  { href: "/approvals", label: text.nav.approvals, icon: UserCheck, owns: /^\/approvals/ },
  { href: OPERATIONS, label: text.nav.operations, icon: Gauge, owns: /^\/operations/ },
];
const SETTINGS: Room = {
  href: "/settings",
  label: text.nav.settings,
  icon: Settings,
  owns: /^\/settings/,
};

function Rail({ person }: { person: Person }) {
  const [location] = useLocation();
  const rooms = ROOMS.filter(({ href }) => href !== OPERATIONS || person.may_operate);
  return (
    <nav className={styles.rail} aria-label={text.nav.label}>
      <Link href="/" className={styles.mark} aria-label={text.product}>
        <Mark size={28} />
      </Link>
      {rooms.map((room) => (
        <RailLink key={room.href} room={room} location={location} />
      ))}
      <span className={styles.railSpring} />
      <RailLink room={SETTINGS} location={location} />
    </nav>
  );
}

function RailLink({ room, location }: { room: Room; location: string }) {
  const { href, label, icon: Icon, owns } = room;
  return (
    <Tooltip label={label} position="right">
      <Link
        href={href}
        className={styles.railLink}
        aria-label={label}
        aria-current={owns.test(location) ? "page" : undefined}
      >
        <Icon size={20} strokeWidth={1.75} />
      </Link>
    </Tooltip>
  );
}

function Crumbs() {
  const crumbs = useKnownCrumbs();
  return (
    <nav className={styles.crumbs} aria-label="Breadcrumb">
      {crumbs.map((crumb, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a crumb is its place
        <Fragment key={index}>
          {index > 0 && (
            <span className={styles.slash} aria-hidden>
              /
            </span>
          )}
          {crumb.label === "" ? (
            <Skeleton height={12} width={96} />
          ) : crumb.href ? (
            <Link href={crumb.href} className={styles.crumb} title={crumb.label}>
              {crumb.label}
            </Link>
          ) : (
            <span className={styles.crumb} aria-current="page" title={crumb.label}>
              {crumb.label}
            </span>
          )}
        </Fragment>
      ))}
    </nav>
  );
}

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  const label = dark ? text.theme.toLight : text.theme.toDark;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={() => setColorScheme(dark ? "light" : "dark")}
      >
        {dark ? <Sun size={18} strokeWidth={1.75} /> : <Moon size={18} strokeWidth={1.75} />}
      </ActionIcon>
    </Tooltip>
  );
}

async function signOut() {
  await api.delete("auth/session");
  window.location.assign("/login");
}

function PersonMenu({ boot }: { boot: Boot }) {
  const { user, subscription } = boot;
  const initials = initialsOf(user.name || user.email);
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          radius="xl"
          aria-label={`${text.person.menu}: ${initials}`}
        >
          <Avatar size={28} radius="xl" color="iris">
            {initials}
          </Avatar>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--ink)" truncate>
            {user.name || user.email}
          </Text>
          <Text size="xs" truncate>
            {user.email}
          </Text>
          <Text size="xs" truncate>
            {subscription}
            {user.is_owner && ` · ${text.person.owner}`}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item component="a" href="/api/v1/docs/" leftSection={<BookOpen size={16} />}>
          {text.person.docs}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={16} />} onClick={() => void signOut()}>
          {text.person.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function LiveHint() {
  const phase = useLivePhase();
  if (phase !== "waiting") return null;
  return (
    <Tooltip label={text.live.hint}>
      <span className={styles.live} role="status">
        <WifiOff size={14} />
        {text.live.waiting}
      </span>
    </Tooltip>
  );
}

const isMac = /mac/i.test(navigator.userAgent);

/** The frame of every page: rail, top bar, content. */
export function Shell({ boot, children }: { boot: Boot; children: ReactNode }) {
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        {text.nav.skip}
      </a>
      <Rail person={boot.user} />
      <header className={styles.top}>
        <Crumbs />
        <LiveHint />
        <button type="button" className={styles.search} onClick={spotlight.open}>
          <Search size={15} aria-hidden />
          <span>{text.commands.open}</span>
          <kbd>{isMac ? "⌘K" : "Ctrl K"}</kbd>
        </button>
        <Bell user={boot.user.id} />
        <ThemeSwitch />
        <PersonMenu boot={boot} />
      </header>
      <main id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
