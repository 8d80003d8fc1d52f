// The host page: one loop fetches what is new once a second and hands it to the charts.
import { queryInstant, queryRange } from "/assets/api.mjs";
import { Chart } from "/assets/chart.mjs";
import { definitions } from "/assets/host-charts.mjs";
import { clock, duration, formats } from "/assets/format.mjs";
import { onKey } from "/assets/shell.mjs";

const page = document.getElementById("host");
const agent = page.dataset.agent;
const host = `host_id="${agent}"`;
const ranges = { "5m": 300, "15m": 900, "1h": 3600, "6h": 21600, "24h": 86400 };
const maxPoints = 600;
const slowEvery = 10; // ticks between refreshes of what changes slowly
const overlapSteps = 8; // steps fetched again, since late samples may still fill them
const watchEvery = 20_000; // ms; the lease that it renews lasts a minute

const url = new URLSearchParams(location.search);
const state = {
  range: ranges[url.get("range")] ? url.get("range") : "5m",
  from: Number(url.get("from")) || null,
  to: Number(url.get("to")) || null,
  paused: false,
  cpus: 1,
};

const charts = definitions.map((definition) => ({
  definition,
  chart: new Chart(document.getElementById("charts"), definition, zoom),
  series: new Map(),
}));

function span(now) {
  if (state.from && state.to) return { from: state.from, to: state.to, live: false };
  return { from: now - ranges[state.range], to: now, live: true };
}

const stepOf = ({ from, to }) => Math.max(1, Math.ceil((to - from) / maxPoints));

function remember() {
  const parameters = state.from ? { from: state.from.toFixed(0), to: state.to.toFixed(0) } : { range: state.range };
  history.replaceState(null, "", `?${new URLSearchParams(parameters)}`);
  for (const button of document.querySelectorAll(".range")) button.setAttribute("aria-pressed", String(!state.from && button.dataset.range === state.range));
  document.getElementById("reset").hidden = !state.from;
}

function reload() {
  for (const one of charts) Object.assign(one, { series: new Map(), end: null });
  remember();
  void draw();
}

function zoom(from, to) {
  Object.assign(state, { from: Math.floor(from), to: Math.ceil(to) });
  reload();
}

function resetZoom() {
  if (!state.from) return;
  Object.assign(state, { from: null, to: null });
  reload();
}

function setPaused(paused) {
  state.paused = paused;
  const button = document.getElementById("pause");
  button.setAttribute("aria-pressed", String(paused));
  button.textContent = paused ? "Resume" : "Pause";
}

// Fetches a chart's series: all of the range at first, later only the end of it.
async function load(one, shown, step) {
  const { definition, series } = one;
  const seconds = Math.max(5, step * 4);
  const window = `${seconds}s`;
  const end = Math.floor(shown.to / step) * step;
  const start = Math.ceil(shown.from / step) * step;
  const scale = definition.scaleByCpus ? 100 / state.cpus : 1;
  const known = one.end && series.size > 0 && shown.live && end - one.end < (shown.to - shown.from) / 2;
  for (const { query, name, order } of definition.queries(host, window)) {
    const fetched = await queryRange(query, known ? Math.max(start, one.end - overlapSteps * step) : start, end, step, seconds);
    for (const { labels, times, values } of fetched) {
      const key = name(labels);
      if (!series.has(key)) series.set(key, { samples: new Map(), rank: order ? order.indexOf(key) : 0 });
      const { samples } = series.get(key);
      times.forEach((time, i) => samples.set(Math.round(time), values[i] * scale));
    }
  }
  // Another range has been chosen meanwhile: what it shows is not this.
  if (one.series !== series) return;
  one.end = end;
  for (const { samples } of series.values()) for (const time of samples.keys()) if (time < start) samples.delete(time);
  const names = [...series.keys()].sort((a, b) => series.get(a).rank - series.get(b).rank || a.localeCompare(b, undefined, { numeric: true }));
  const times = [];
  for (let time = start; time <= end; time += step) times.push(time);
  const values = names.map((key) => times.map((time) => series.get(key).samples.get(time) ?? null));
  one.chart.update(times, names, values, shown.from, shown.to);
}

async function draw() {
  const shown = span(Date.now() / 1000);
  const step = stepOf(shown);
  await Promise.all(charts.map((one) => load(one, shown, step).catch((error) => one.chart.fail(error.message))));
  document.getElementById("charts").setAttribute("aria-busy", "false");
}

async function refreshState() {
  const response = await fetch(`/host/${agent}/state`).catch(() => null);
  const notice = document.getElementById("notice");
  if (!response?.ok) {
    notice.hidden = false;
    notice.textContent = "The server does not answer; charts show what was loaded.";
    return;
  }
  const { state: word, lastSampleMs } = await response.json();
  document.getElementById("state-dot").className = `dot ${word}`;
  document.getElementById("state-text").textContent = word;
  notice.hidden = word === "up";
  if (word === "unknown") notice.textContent = "This host has sent no sample yet.";
  else if (word !== "up") notice.textContent = `No data since ${new Date(lastSampleMs).toLocaleDateString()} ${clock(lastSampleMs / 1000)}.`;
}

// Says that somebody looks, so that the agent sends each tick at once. Nothing depends on the answer.
let watchedAt = -Infinity;
async function watch() {
  if (performance.now() - watchedAt < watchEvery) return;
  watchedAt = performance.now();
  await fetch(`/api/v1/weir/hosts/${agent}/watch`, { method: "POST" }).catch(() => null);
}

function cell(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

async function refreshSlow() {
  const [cpus, uptime, usage] = await Promise.all([
    queryInstant(`count(system_cpu_utilization_ratio{${host}})`),
    queryInstant(`system_uptime_seconds{${host}}`),
    queryInstant(`system_filesystem_usage_bytes{${host}}`),
  ]);
  if (cpus[0]) state.cpus = cpus[0].value;
  if (uptime[0]) document.getElementById("uptime").textContent = `up ${duration(uptime[0].value)}`;
  const mounts = new Map();
  for (const { labels, value } of usage) {
    const key = labels.system_filesystem_mountpoint;
    if (!mounts.has(key)) mounts.set(key, { type: labels.system_filesystem_type ?? "", device: labels.system_device ?? "" });
    mounts.get(key)[labels.system_filesystem_state] = value;
  }
  if (mounts.size > 0) document.getElementById("filesystems").replaceChildren(filesystemTable(mounts));
}

function filesystemTable(mounts) {
  const table = cell("table", "");
  const head = document.createElement("tr");
  for (const [text, className] of [["Mount", ""], ["Device", ""], ["Type", ""], ["Used", "number"], ["Free", "number"], ["Use", ""]]) {
    const heading = cell("th", text, className);
    heading.scope = "col";
    head.append(heading);
  }
  table.createTHead().append(head);
  const body = table.createTBody();
  for (const [mount, { device, type, used = 0, free = 0, reserved = 0 }] of [...mounts].sort((a, b) => a[0].localeCompare(b[0]))) {
    const percent = (100 * used) / (used + free + reserved || 1);
    const row = body.insertRow();
    const bar = Object.assign(document.createElement("meter"), { min: 0, max: 100, high: 90, optimum: 0, value: percent });
    bar.setAttribute("aria-label", `${mount} ${formats.percent(percent)} used`);
    const use = cell("td", "");
    use.append(bar, ` ${formats.percent(percent)}`);
    row.append(cell("th", mount), cell("td", device), cell("td", type), cell("td", formats.bytes(used), "number"), cell("td", formats.bytes(free), "number"), use);
  }
  return table;
}

for (const button of document.querySelectorAll(".range")) {
  button.addEventListener("click", () => {
    Object.assign(state, { range: button.dataset.range, from: null, to: null });
    reload();
  });
}
document.getElementById("pause").addEventListener("click", () => setPaused(!state.paused));
document.getElementById("reset").addEventListener("click", resetZoom);
onKey("p", () => setPaused(!state.paused));
onKey("r", resetZoom);

let tick = 0;
async function loop() {
  const started = performance.now();
  if (!document.hidden) {
    if (!state.paused && !state.from) void watch();
    await refreshState();
    if (tick % slowEvery === 0) await refreshSlow().catch(() => tick--);
    if (!state.paused && (!state.from || tick === 0)) await draw();
    tick++;
  }
  setTimeout(loop, Math.max(200, 1000 - (performance.now() - started)));
}

remember();
void loop();
