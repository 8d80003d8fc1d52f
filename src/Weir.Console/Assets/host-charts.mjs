// Which charts a host page has. `window` is the rate window in PromQL; `host` the matcher of the host.

const direction = (labels) => labels.disk_io_direction ?? labels.network_io_direction;

export const definitions = [
  {
    title: "CPU by mode", format: "percent", stacked: true, max: 100, scaleByCpus: true,
    queries: (host, window) => [{ query: `sum by (cpu_mode) (rate(system_cpu_time_seconds_total{${host},cpu_mode!="idle"}[${window}]))`, name: (labels) => labels.cpu_mode, order: ["user", "system", "nice", "iowait", "softirq", "interrupt", "steal"] }],
  },
  {
    title: "CPU per core", format: "percent", max: 100,
    queries: (host) => [{ query: `100 * system_cpu_utilization_ratio{${host}}`, name: (labels) => `cpu ${labels.cpu_logical_number}` }],
  },
  {
    title: "Memory", format: "bytes", stacked: true,
    queries: (host) => [{ query: `system_memory_usage_bytes{${host}}`, name: (labels) => labels.system_memory_state, order: ["used", "buffers", "cached", "free"] }],
  },
  {
    title: "Load", format: "plain",
    queries: (host) => ["1m", "5m", "15m"].map((span) => ({ query: `system_cpu_load_average_${span}{${host}}`, name: () => span })),
  },
  {
    title: "Disk throughput", format: "bytesPerSecond",
    queries: (host, window) => [{ query: `rate(system_disk_io_bytes_total{${host}}[${window}])`, name: (labels) => `${labels.system_device} ${direction(labels)}` }],
  },
  {
    title: "Disk operations", format: "perSecond",
    queries: (host, window) => [{ query: `rate(system_disk_operations_total{${host}}[${window}])`, name: (labels) => `${labels.system_device} ${direction(labels)}` }],
  },
  {
    title: "Network", format: "bytesPerSecond",
    queries: (host, window) => [{ query: `rate(system_network_io_bytes_total{${host}}[${window}])`, name: (labels) => `${labels.network_interface_name} ${direction(labels)}` }],
  },
  {
    title: "Paging faults", format: "perSecond",
    queries: (host, window) => [{ query: `rate(system_paging_faults_total{${host}}[${window}])`, name: (labels) => labels.system_paging_fault_type }],
  },
];
