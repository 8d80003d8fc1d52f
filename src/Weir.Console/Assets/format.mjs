// Numbers as people read them.

const binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const decimal = ["", "k", "M", "G", "T"];

function scaled(value, base, units) {
  let unit = 0;
  let size = Math.abs(value);
  while (size >= base && unit < units.length - 1) {
    size /= base;
    unit++;
  }
  const digits = size >= 100 || (unit === 0 && Number.isInteger(size)) ? 0 : size >= 10 ? 1 : 2;
  return [(value < 0 ? "-" : "") + size.toFixed(digits), units[unit]];
}

const isNumber = (value) => value !== null && value !== undefined && Number.isFinite(value);

export const formats = {
  percent: (value) => (isNumber(value) ? `${value.toFixed(Math.abs(value) < 10 ? 1 : 0)} %` : "–"),
  bytes: (value) => (isNumber(value) ? scaled(value, 1024, binary).join(" ") : "–"),
  bytesPerSecond: (value) => (isNumber(value) ? `${scaled(value, 1024, binary).join(" ")}/s` : "–"),
  perSecond: (value) => (isNumber(value) ? `${scaled(value, 1000, decimal).join(" ").trim()}/s` : "–"),
  plain: (value) => (isNumber(value) ? scaled(value, 1000, decimal).join(" ").trim() : "–"),
};

/** 93784 seconds: "1 d 2 h". */
export function duration(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const first = parts.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0 s";
  const head = `${Math.floor(seconds / parts[first][0])} ${parts[first][1]}`;
  const rest = parts[first + 1] && Math.floor((seconds % parts[first][0]) / parts[first + 1][0]);
  return rest ? `${head} ${rest} ${parts[first + 1][1]}` : head;
}

export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour12: false });
