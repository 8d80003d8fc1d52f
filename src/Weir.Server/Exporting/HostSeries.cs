using Weir.Contracts;

namespace Weir.Server.Exporting;

/// <summary>One series of an hour, and whose it is.</summary>
/// <param name="HostName">Name of the host.</param>
/// <param name="HostId">Its agent id.</param>
/// <param name="Labels">From <see cref="LabelText"/>.</param>
/// <param name="Samples">Its samples, in time order.</param>
internal sealed record HostSeries(string HostName, string HostId, string Labels, SeriesSamples Samples);
