/** The page that `charts.py` measures: our charts over a backend in memory. Bundled by esbuild, which finds packages in labextension/. */
import { createRoot } from "react-dom/client";
import { flushSync } from "react-dom";
import { ChartGrid } from "../../labextension/src/components/charts";
import { CompareScreen } from "../../labextension/src/components/compare";
import { Provide } from "../../labextension/src/components/surroundings";
import type { IRunRow, ISeries } from "../../labextension/src/model/contract";
import {
  MemoryBackend,
  memoryHost,
} from "../../labextension/src/testing/backend";

interface ISize {
  runs: number;
  points: number;
  metrics: number;
}

function series({ runs, points, metrics }: ISize): ISeries[] {
  return Array.from({ length: runs * metrics }, (_, at) => {
    const run = Math.floor(at / metrics);
    let noise = 0;
    return {
      run: `run-${run}`,
      key: ["loss", "accuracy", "val_loss", "val_accuracy"][at % metrics],
      points: Array.from(
        { length: points },
        (_, step): [number, number, number] => {
          noise = noise * 0.8 + Math.sin(step * 12.9898 + run * 78.233) * 0.02;
          const curve = Math.exp((-3 * step) / points) * (1 + run / 40) + noise;
          return [
            step,
            (at % metrics) % 2 ? 1 - curve * 0.5 : curve + 0.1,
            1.8e9 + run * 60 + step / 7,
          ];
        },
      ),
      total: points,
    };
  });
}

function row(at: number): IRunRow {
  const depth = [2, 4, 8, 16][at % 4];
  const rate = 10 ** -(1 + (at % 5) * 0.7);
  return {
    id: `run-${at}`,
    name: `train-${["amber", "noble", "brisk", "silent", "lucid", "keen", "vivid"][at % 7]}-${130 + at}`,
    ...{
      function: "train",
      workflow: null,
      step: null,
      iteration: null,
      parent: null,
      state: "completed",
      reason: "",
    },
    ...{
      created: 1.8e9 + at * 600,
      started: 1.8e9,
      ended: 1.8e9,
      duration: 12 + at,
      version: "abcdef0123",
      user: "ann",
      host: "box",
    },
    ...{ origin: "notebook", tags: {}, children: 0, best: false },
    params: {
      learning_rate: rate,
      max_depth: depth,
      model: at % 3 ? "boosted" : "forest",
      ...(at % 4 ? { subsample: 0.6 + (at % 5) / 10 } : {}),
      seed: 7,
    },
    results: {
      accuracy: 0.8 + ((at * 37) % 100) / 1000 + depth / 200,
      loss: 0.3 - ((at * 53) % 100) / 1000,
    },
  };
}

/** Show one of our screens; resolves when it is on screen, with the milliseconds that took. */
async function show(what: "grid" | "compare", size: ISize): Promise<number> {
  const rows = Array.from({ length: size.runs }, (_, at) => row(at));
  const answers = series(size);
  const keys = [...Object.keys(rows[0].params), "subsample"];
  const line = (section: "params" | "results", key: string) => {
    const values = rows.map((run) => run[section][key] ?? null);
    return {
      section,
      key,
      values,
      differs: values.some((value) => value !== values[0]),
    };
  };
  const backend = new MemoryBackend({
    "runs.metrics": { series: answers },
    "runs.compare": ({ runs }) => ({
      runs: rows.filter(({ id }) => runs.includes(id)),
      rows: [
        ...[...new Set(keys)].map((key) => line("params", key)),
        line("results", "accuracy"),
        line("results", "loss"),
      ],
      metrics: ["loss"],
    }),
    "runs.list": {
      total: rows.length,
      rows,
      columns: { params: [], results: [], tags: [], metrics: [] },
      offset: 0,
    },
  });
  const place = document.getElementById("place") as HTMLElement;
  const ids = rows.map(({ id }) => id);
  await backend.call("runs.metrics", { runs: ids });
  const before = performance.now();
  const root = createRoot(place);
  flushSync(() =>
    root.render(
      <Provide backend={backend} host={memoryHost()}>
        <div className="jmo-root">
          {what === "grid" ? (
            <div style={{ overflow: "auto", padding: 10 }}>
              <ChartGrid runs={ids} nameOf={(run) => `train-${run}`} legend />
            </div>
          ) : (
            <CompareScreen runs={ids} />
          )}
        </div>
      </Provide>,
    ),
  );
  while (!place.querySelector(".jmo-curves canvas")) {
    await frame();
  }
  await frame();
  await frame();
  return performance.now() - before;
}

const frame = (): Promise<number> => new Promise(requestAnimationFrame);

/** Call `act` in each of `count` frames; the frames per second that came of it. */
async function rate(count: number, act: (at: number) => void): Promise<number> {
  const before = await frame();
  let now = before;
  for (let at = 0; at < count; at += 1) {
    act(at);
    now = await frame();
  }
  return (count / (now - before)) * 1000;
}

Object.assign(window, { show, rate });
