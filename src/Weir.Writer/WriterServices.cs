using Microsoft.Extensions.Logging;
using Weir.Contracts;

namespace Weir.Writer;

/// <summary>What all partitions of a writer share.</summary>
internal sealed record WriterServices(ILogger Logger, WriterMetrics Metrics, IAgentDirectives Directives, TimeProvider Time);
