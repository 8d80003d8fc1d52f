// One chart: a card with uPlot, a legend that shows last or hovered values, a table for those who cannot see the canvas.
import uPlot from "/assets/uplot.mjs";
import { isDark } from "/assets/shell.mjs";
import { clock, formats } from "/assets/format.mjs";

// Okabe and Ito's palette: told apart with every common form of colour blindness; the yellow is darkened on white.
const light = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7a5195", "#6b7280"];
const dark = ["#4fa8e0", "#f08a4b", "#2bc49a", "#e39cc5", "#8ad0f5", "#f0c04a", "#b79be0", "#9aa3b2"];
// Bytes are written in powers of 1024, so their axis steps in powers of two.
const binarySteps = Array.from({ length: 50 }, (_, power) => 2 ** power);
const height = 190;
const tableRows = 30;

const sync = uPlot.sync("weir");
let clips = 0;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export class Chart {
  #plot = null;
  #names = [];
  #raw = [];
  #times = [];
  #definition;
  #onZoom;

  constructor(container, definition, onZoom) {
    this.#definition = definition;
    this.#onZoom = onZoom;
    const id = `chart-${clips++}`;
    this.canvas = element("div", { className: "plot", tabIndex: 0 });
    this.canvas.setAttribute("role", "img");
    this.legend = element("ul", { className: "legend" });
    this.message = element("p", { className: "empty", textContent: "Waiting for the first values …" });
    this.table = element("div", { className: "values", hidden: true });
    this.tableButton = element("button", { type: "button", className: "quiet small", textContent: "table", title: "Show as table" });
    this.tableButton.setAttribute("aria-pressed", "false");
    this.tableButton.addEventListener("click", () => this.#toggleTable());
    const title = element("h2", { id, textContent: definition.title });
    this.card = element("section", { className: "card chart" }, element("div", { className: "card-head" }, title, this.tableButton), this.canvas, this.message, this.table, this.legend);
    this.card.setAttribute("aria-labelledby", id);
    container.append(this.card);
    this.canvas.addEventListener("keydown", (event) => this.#moveCursor(event));
    new ResizeObserver(() => this.#plot?.setSize({ width: this.canvas.clientWidth, height })).observe(this.canvas);
    addEventListener("weir-theme", () => this.#rebuild());
  }

  /** Shows series: times in seconds, one array of values (null: none) per name. */
  update(times, names, values, from, to) {
    this.#times = times;
    this.#raw = values;
    this.message.hidden = names.length > 0;
    if (names.length === 0) this.message.textContent = "No such values on this host in this range.";
    this.canvas.classList.toggle("blank", names.length === 0);
    const same = names.length === this.#names.length && names.every((name, i) => name === this.#names[i]);
    this.#names = names;
    if (!this.#plot || !same) this.#rebuild();
    else this.#plot.setData(this.#data(), false);
    this.#plot?.setScale("x", { min: from, max: to });
    this.#showLegend(this.#plot?.cursor.idx);
    if (!this.table.hidden) this.#fillTable();
  }

  fail(text) {
    this.message.hidden = false;
    this.message.textContent = text;
  }

  #format(value) {
    return formats[this.#definition.format](value);
  }

  // Stacked: each series is drawn on top of those before it; the legend still tells its own value.
  #data() {
    if (!this.#definition.stacked) return [this.#times, ...this.#raw];
    const sums = this.#times.map(() => 0);
    const stacked = this.#raw.map((values) => values.map((value, i) => (value === null ? null : (sums[i] += value))));
    return [this.#times, ...stacked];
  }

  #rebuild() {
    this.#plot?.destroy();
    this.#plot = null;
    if (this.#names.length === 0) return;
    const style = getComputedStyle(document.documentElement);
    const text = style.getPropertyValue("--muted").trim();
    const grid = { stroke: style.getPropertyValue("--line").trim(), width: 1 };
    const colors = isDark() ? dark : light;
    const { stacked, max } = this.#definition;
    const axis = { stroke: text, grid, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    this.#plot = new uPlot(
      {
        width: this.canvas.clientWidth || 400,
        height,
        legend: { show: false },
        cursor: { sync: { key: sync.key }, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
        scales: { x: { time: true }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), max ? Math.max(max, high ?? 0) : (high || 1) * 1.08] } },
        axes: [
          { ...axis, space: 70, size: 28, values: (plot, splits) => splits.map((split, i) => this.#tick(plot, split, splits[i - 1])) },
          { ...axis, ...(this.#definition.format.startsWith("bytes") && { incrs: binarySteps }), size: 68, space: 34, values: (_, splits) => splits.map((split) => this.#format(split)) },
        ],
        series: [
          {},
          ...this.#names.map((label, i) => {
            const color = colors[i % colors.length];
            return { label, stroke: color, width: stacked ? 1 : 1.5, fill: stacked ? `${color}55` : undefined, dash: i >= colors.length ? [4, 3] : undefined, points: { show: false }, spanGaps: false };
          }),
        ],
        bands: stacked ? this.#names.slice(1).map((_, i) => ({ series: [i + 2, i + 1] })) : [],
        hooks: {
          setCursor: [(plot) => this.#showLegend(plot.cursor.idx)],
          setSelect: [
            (plot) => {
              if (plot.select.width < 5) return;
              this.#onZoom(plot.posToVal(plot.select.left, "x"), plot.posToVal(plot.select.left + plot.select.width, "x"));
              plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
            },
          ],
        },
      },
      this.#data(),
      this.canvas,
    );
    sync.sub(this.#plot);
  }

  #tick(plot, split) {
    const seconds = plot.scales.x.max - plot.scales.x.min;
    const options = { hour12: false, hour: "2-digit", minute: "2-digit", second: seconds <= 600 ? "2-digit" : undefined };
    return new Date(split * 1000).toLocaleTimeString([], options);
  }

  #showLegend(index) {
    const at = index ?? this.#times.length - 1;
    const colors = isDark() ? dark : light;
    const items = this.#names.map((name, i) => {
      let row = at;
      // Without a cursor, the last value that is there.
      while (index == null && row > 0 && this.#raw[i][row] == null) row--;
      const swatch = element("i", { className: "swatch" });
      swatch.style.background = colors[i % colors.length];
      return element("li", {}, swatch, element("span", { textContent: name }), element("b", { textContent: this.#format(this.#raw[i][row]) }));
    });
    this.legend.replaceChildren(...items);
    const summary = this.#names.map((name, i) => `${name} ${this.#format(this.#raw[i].findLast((value) => value != null))}`).join(", ");
    this.canvas.setAttribute("aria-label", `${this.#definition.title}: ${summary || "no values"}`);
  }

  #moveCursor(event) {
    if (!this.#plot || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    const index = this.#plot.cursor.idx ?? this.#times.length - 1;
    const next = Math.min(this.#times.length - 1, Math.max(0, index + (event.key === "ArrowRight" ? 1 : -1) * (event.shiftKey ? 10 : 1)));
    this.#plot.setCursor({ left: this.#plot.valToPos(this.#times[next], "x"), top: 20 });
  }

  #toggleTable() {
    this.table.hidden = !this.table.hidden;
    this.canvas.hidden = !this.table.hidden;
    this.tableButton.setAttribute("aria-pressed", String(!this.table.hidden));
    if (!this.table.hidden) this.#fillTable();
  }

  #fillTable() {
    const head = element("tr", {}, element("th", { textContent: "time", scope: "col" }), ...this.#names.map((name) => element("th", { textContent: name, scope: "col", className: "number" })));
    const rows = [];
    for (let row = this.#times.length - 1; row >= 0 && rows.length < tableRows; row--) {
      const cells = this.#raw.map((values) => element("td", { textContent: this.#format(values[row]), className: "number" }));
      rows.push(element("tr", {}, element("th", { textContent: clock(this.#times[row]), scope: "row" }), ...cells));
    }
    this.table.replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)));
  }
}
