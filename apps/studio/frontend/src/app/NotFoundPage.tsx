import { Button } from "@mantine/core";
import { MapPinOff } from "lucide-react";
import { Link } from "wouter";
import { Notice } from "~/parts/Notice";
import { text } from "~/text";
import { useCrumbs } from "./crumbs";

export function NotFoundPage() {
  useCrumbs([{ label: text.notFound.title }]);
  return (
    <Notice
      icon={MapPinOff}
      title={text.notFound.title}
      action={
        <Button component={Link} href="/" variant="default" size="xs">
          {text.notFound.home}
        </Button>
      }
    >
      {text.notFound.message}
    </Notice>
  );
}
