using Microsoft.Extensions.Logging.Abstractions;
using Weir.Contracts;
using Weir.Query;
using Weir.Query.Parsing;
using Weir.Server.Configuration;
using Weir.Server.Hosting;
using Weir.Writer;

namespace Weir.Server.Querying;

/// <summary>Reads a data directory that no server uses: opens its log, rebuilds the index and answers without a read limit.</summary>
internal sealed class OfflineSource : IQuerySource
{
    private const string Tenant = "default";
    private readonly Storage _storage;

    private OfflineSource(Storage storage) => _storage = storage;

    /// <summary>Opens a directory.</summary>
    /// <exception cref="StartupException">It is not a data directory, or in use.</exception>
    public static async Task<OfflineSource> OpenAsync(string directory, CancellationToken cancellationToken) =>
        new(await OpenStorageAsync(directory, cancellationToken));

    /// <summary>Opens the storage of a directory to read from it: all that is in its log is in the store when this returns.</summary>
    /// <exception cref="StartupException">It is not a data directory, or in use.</exception>
    public static async Task<Storage> OpenStorageAsync(string directory, CancellationToken cancellationToken)
    {
        // Nothing may expire, be judged anew or be made by looking at it: what a server put into quarantine stays there, what none has read yet is taken as it is.
        var config = new ServerConfig { DataDirectory = directory, Store = new() { RetentionAge = null, RetentionBytes = null, UpkeepShare = 1 }, Horizon = new Horizon { Ahead = null, Back = null }, ReserveBytes = 0 };
        Storage storage = await Storage.OpenAsync(config, create: false, new LateDirectives(), TimeProvider.System, NullLoggerFactory.Instance);
        try
        {
            await storage.Writer.CatchUpAsync(cancellationToken);
            return storage;
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<QueryResult> RunAsync(string query, QueryRange range, CancellationToken cancellationToken)
    {
        var options = new QueryOptions { MaxSamples = long.MaxValue, MaxSteps = int.MaxValue, Timeout = TimeSpan.FromHours(1) };
        var engine = new QueryEngine(_storage.Store, options);
        if (QueryEngine.TryGetSelector(query, out IReadOnlyList<LabelMatcher>? matchers))
        {
            var gaps = new ReadGaps();
            var selection = new SeriesSelection
            {
                Tenant = Tenant, Matchers = matchers, FromMs = range.FromMs, ToMs = range.ToMs, MaxSamples = long.MaxValue, MaxSeries = int.MaxValue, Gaps = gaps,
            };
            return new QueryResult(ExprType.Matrix, await _storage.Store.ReadAsync(selection, cancellationToken), Warning: gaps.ToString());
        }

        return range.StepMs is { } step
            ? await engine.RangeAsync(Tenant, query, range.FromMs, range.ToMs, step, null, cancellationToken)
            : await engine.InstantAsync(Tenant, query, range.ToMs, null, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _storage.DisposeAsync();
}
