// What a classic dashboard may hold, by the types of Grafana itself, with what
// only older ones read beside it.
import type {
  AnnotationQuery,
  Dashboard as Newest,
  Panel,
  RowPanel,
  TableFieldOptions,
  VariableModel,
} from "@grafana/schema";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as timeline from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as graph from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

// Loose takes the value of an enum for its member, as JSON has it.
type Loose<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends (infer U)[]
      ? Loose<U>[]
      : T extends object
        ? { [K in keyof T]: Loose<T[K]> }
        : T;

type Of<Type, Options, Custom> = Omit<Panel<Options, Custom>, "type" | "options"> & { type: Type; options: Options };

// The heatmap before Grafana 9, which later ones translate.
type Heatmap = Omit<Panel, "type"> & {
  type: "heatmap";
  dataFormat: "tsbuckets";
  color: { mode: "spectrum"; colorScheme: string; cardColor: string; colorScale: "sqrt"; exponent: number };
  yAxis: { format: string; logBase: number; show: boolean };
  xAxis: { show: boolean };
  legend: { show: boolean };
  tooltip: { show: boolean; showHistogram: boolean };
  hideZeroBuckets: boolean;
};

type Panels =
  | Of<"timeseries", graph.Options, graph.FieldConfig>
  | Of<"stat", stat.Options, Record<string, never>>
  | Of<"state-timeline", timeline.Options, timeline.FieldConfig>
  | Of<"table", table.Options, TableFieldOptions & { displayMode: string }>
  | Heatmap
  | RowPanel;

export type Dashboard = Loose<
  Omit<Newest, "panels" | "annotations" | "templating"> & {
    panels: Panels[];
    annotations: { list: (AnnotationQuery & { expr: string; titleFormat: string; textFormat: string })[] };
    templating: { list: (VariableModel & { definition?: string })[] };
  }
>;
