using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The links of each bonded interface, and how many of them are up, from /proc/net/bonding.</summary>
/// <remarks>Bonds are looked for once a minute, and after one went away. Not here where the module was never loaded.</remarks>
internal sealed class BondingCollector(CollectorContext context) : ICollector
{
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMinutes(1);
    private static readonly string[] States = ["configured", "up"];

    private readonly string _folder = Path.Combine(context.Roots.Proc, "net", "bonding");
    private readonly NamePatterns _names = context.Config.Names;
    private ProcFile[]? _bonds;
    private long _searchedAt;
    private bool _isGone;

    /// <inheritdoc/>
    public string Name => "bonding";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (_bonds is null || _isGone || context.Time.GetElapsedTime(_searchedAt) >= SearchInterval) Search(columns);
        _isGone = false;
        for (int i = 0; i < _bonds!.Length; i++) Take(_bonds[i], i * States.Length, columns);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ProcFile bond in _bonds ?? []) bond.Dispose();
        _bonds = null;
    }

    private void Take(ProcFile bond, int at, Columns columns)
    {
        try
        {
            int links = 0, up = 0;
            var lines = new ProcText(bond.Read());
            while (lines.TryLine(out ProcText line))
            {
                ReadOnlySpan<byte> key = line.Until((byte)':');
                if (key.SequenceEqual("Slave Interface"u8)) links++;
                // What stands above the first link is the bond's own.
                else if (links > 0 && key.SequenceEqual("MII Status"u8) && line.Word().SequenceEqual("up"u8)) up++;
            }

            columns.Set(at, links);
            columns.Set(at + 1, up);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            FailureReason reason = NumberFile.ReasonOf(error);
            _isGone |= reason == FailureReason.NotHere;
            columns.Fail(at, reason);
            columns.Fail(at + 1, reason);
        }
    }

    private void Search(Columns columns)
    {
        _searchedAt = context.Time.GetTimestamp();
        string[] paths = [.. Directory.EnumerateFileSystemEntries(_folder).Where(path => _names.Says(Path.GetFileName(path)) != false).Order(StringComparer.Ordinal)];
        if (_bonds is not null && paths.AsSpan().SequenceEqual(_bonds.Select(static bond => bond.Path).ToArray()) && (columns.Count > 0 || paths.Length == 0)) return;
        Dispose();
        _bonds = [.. paths.Select(static path => new ProcFile(path))];
        columns.Shape(paths.Length == 0 ? [] : [new SchemaPart(Templates.BondingLinks, [.. paths.SelectMany(static path => States.Select(state => (string[])[Path.GetFileName(path), state]))])]);
    }
}
