/** Every English sentence of the pages, in one place, ready for translation: a file for each part of the pages. */

import { connector } from "./connectors";
import { editor } from "./editor";
import { general } from "./general";
import { inspector } from "./inspector";
import { jobs } from "./jobs";
import { operate } from "./operate";
import { people } from "./people";
import { plan } from "./plan";
import { templates } from "./templates";
import { versions } from "./versions";

export const text = {
  ...general,
  ...operate,
  ...jobs,
  ...templates,
  ...connector,
  editor,
  inspector,
  people,
  plan,
  versions,
};
