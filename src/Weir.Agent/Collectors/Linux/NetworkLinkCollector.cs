using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Whether each network interface is up, its speed, packet size and changes of carrier, from /sys/class/net.</summary>
/// <remarks>
/// Reading the speed waits for the network configuration lock, which a slow driver may hold: hence the lane for what may hang. Virtual interfaces have no speed. The
/// interfaces are those of <see cref="NetworkCollector"/>, whether or not they had a packet, and looked for once a minute, and after one went away.
/// </remarks>
internal sealed class NetworkLinkCollector(CollectorContext context) : ICollector
{
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMinutes(1);

    private const double BitsPerMegabit = 1e6;
    private const int Values = 4;

    private readonly string _class = Path.Combine(context.Roots.Sys, "class", "net");
    private readonly NamePatterns _names = context.Config.Names;
    private Link[]? _links;
    private long _searchedAt;
    private bool _isGone;

    /// <inheritdoc/>
    public string Name => "network_link";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (_links is null || _isGone || context.Time.GetElapsedTime(_searchedAt) >= SearchInterval) Search(columns);
        _isGone = false;
        for (int i = 0; i < _links!.Length; i++) _isGone |= !_links[i].Set(columns, i * Values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Link link in _links ?? []) link.Dispose();
        _links = null;
    }

    private void Search(Columns columns)
    {
        _searchedAt = context.Time.GetTimestamp();
        string[] names = [.. Directory.EnumerateFileSystemEntries(_class).Select(static path => Path.GetFileName(path)).Where(IsWanted).Order(StringComparer.Ordinal)];
        if (_links is not null && names.AsSpan().SequenceEqual(_links.Select(static link => link.Name).ToArray()) && columns.Count > 0)
        {
            foreach (Link link in _links) link.AsksSpeed = true;
            return;
        }

        Dispose();
        _links = [.. names.Select(name => new Link(_class, name))];
        columns.Shape(names.Length == 0 ? [] : [new SchemaPart(Templates.NetworkLink, [.. names.Select(static name => (string[])[name])])]);
    }

    // bonding_masters is a file among the interfaces.
    private bool IsWanted(string name) => Directory.Exists(Path.Combine(_class, name)) && NetworkCollector.UseOf(name, _names) != DeviceUse.Never;

    private sealed class Link(string folder, string name) : IDisposable
    {
        private readonly ProcFile _state = new(Path.Combine(folder, name, "operstate"));
        private readonly NumberFile _speed = new(Path.Combine(folder, name, "speed"));
        private readonly NumberFile _mtu = new(Path.Combine(folder, name, "mtu"));
        private readonly NumberFile _changes = new(Path.Combine(folder, name, "carrier_changes"));

        public string Name => name;

        /// <summary>Whether the speed is asked for. The kernel answers with an error where there is none to tell: it is then left until the next search.</summary>
        public bool AsksSpeed { get; set; } = true;

        /// <summary>Reads; false where the interface seems to be gone.</summary>
        public bool Set(Columns columns, int at)
        {
            bool isHere = TrySetState(columns, at);
            if (AsksSpeed)
            {
                AsksSpeed = _speed.TryRead(out double speed) is null;
                // -1: the driver does not know.
                if (AsksSpeed && speed > 0) columns.Set(at + 1, speed * BitsPerMegabit);
            }

            _mtu.Set(columns, at + 2, 1);
            _changes.Set(columns, at + 3, 1);
            return isHere;
        }

        public void Dispose()
        {
            _state.Dispose();
            _speed.Dispose();
            _mtu.Dispose();
            _changes.Dispose();
        }

        private bool TrySetState(Columns columns, int series)
        {
            try
            {
                columns.Set(series, new ProcText(_state.Read()).Word().TrimEnd((byte)'\n').SequenceEqual("up"u8) ? 1 : 0);
                return true;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                columns.Fail(series, NumberFile.ReasonOf(error));
                return false;
            }
        }
    }
}
