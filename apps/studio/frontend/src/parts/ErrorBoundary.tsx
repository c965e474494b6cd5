import { Button } from "@mantine/core";
import { Bug } from "lucide-react";
import { Component, type ReactNode } from "react";
import { text } from "~/text";
import { Notice } from "./Notice";

/** Keeps the shell alive when a page breaks, and says what broke. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Notice
        icon={Bug}
        tone="failed"
        role="alert"
        title={text.broken.title}
        action={
          <Button size="xs" variant="default" onClick={() => window.location.reload()}>
            {text.broken.reload}
          </Button>
        }
      >
        {error.message}
      </Notice>
    );
  }
}
