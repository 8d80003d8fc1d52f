using Weir.Query;

namespace Weir.Server.Querying;

/// <summary>Where <c>weir query</c> gets its answer from.</summary>
internal interface IQuerySource : IAsyncDisposable
{
    /// <summary>Runs a query: raw samples for a bare selector, else values at each step.</summary>
    /// <exception cref="QueryException">It was not answered.</exception>
    Task<QueryResult> RunAsync(string query, QueryRange range, CancellationToken cancellationToken);
}
