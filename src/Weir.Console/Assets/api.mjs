// The Prometheus HTTP API of this server.

/** A query was refused, or nobody answered. */
export class QueryError extends Error {}

async function get(path, parameters, signal) {
  let response;
  try {
    response = await fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`, { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new QueryError("The server does not answer.");
  }
  const body = await response.json().catch(() => null);
  if (!response.ok || body?.status !== "success") throw new QueryError(body?.error ?? `The server answered ${response.status}.`);
  return body.data.result;
}

const number = (text) => (text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text));

/** Series over a range: [{ labels, times (s), values }]. A gap longer than `lookback` (s) stays a gap. */
export async function queryRange(query, start, end, step, lookback, signal) {
  const result = await get("query_range", { query, start, end, step, lookback_delta: lookback }, signal);
  return result.map((series) => ({
    labels: series.metric,
    times: series.values.map((sample) => sample[0]),
    values: series.values.map((sample) => number(sample[1])),
  }));
}

/** Series at one time: [{ labels, value }]. */
export async function queryInstant(query, signal) {
  const result = await get("query", { query }, signal);
  return result.map((series) => ({ labels: series.metric, value: number(series.value[1]) }));
}
