using Weir.Contracts;
using Weir.Query.Parsing;

namespace Weir.Query;

/// <summary>The answer to a query.</summary>
/// <param name="Type">Scalar, string, vector (instant queries) or matrix (range queries and range selectors).</param>
/// <param name="Series">Values per series; one unnamed series for a scalar; empty for a string.</param>
/// <param name="Text">The text of a string; else empty.</param>
/// <param name="Warning">What the answer lacks because it could not be read, in a sentence; null where nothing.</param>
public sealed record QueryResult(ExprType Type, IReadOnlyList<SeriesSamples> Series, string Text = "", string? Warning = null);
