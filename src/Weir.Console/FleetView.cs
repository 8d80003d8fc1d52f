using Microsoft.AspNetCore.Http;
using Weir.Contracts;

namespace Weir.Console;

/// <summary>What the fleet page was asked to show: everything is in the URL, so a view can be shared.</summary>
/// <param name="Search">Text in name, id or attributes.</param>
/// <param name="State">One state, or empty for all.</param>
/// <param name="Sort">name, state, seen or series.</param>
/// <param name="Descending">Whether the order is reversed.</param>
/// <param name="Page">From 1.</param>
public sealed record FleetQuery(string Search, string State, string Sort, bool Descending, int Page)
{
    private const int MaxSearch = 200;

    /// <summary>Reads a query; nonsense becomes the default.</summary>
    public static FleetQuery Read(IQueryCollection query)
    {
        string search = query["q"].ToString();
        string sort = query["sort"].ToString();
        _ = int.TryParse(query["page"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int page);
        return new FleetQuery(
            search.Length > MaxSearch ? search[..MaxSearch] : search, query["state"].ToString(), sort is "state" or "seen" or "series" ? sort : "name", query["desc"] == "1", Math.Max(1, page));
    }

    /// <summary>The URL of this view with something changed.</summary>
    public string Url() =>
        $"/?q={Uri.EscapeDataString(Search)}&state={Uri.EscapeDataString(State)}&sort={Sort}&desc={(Descending ? 1 : 0)}&page={Page}";
}

/// <summary>One row of the fleet page.</summary>
public sealed record FleetRow(HostInfo Host, HostState State, long AgeMs);

/// <summary>What the fleet page shows.</summary>
public sealed record FleetView(FleetQuery Query, IReadOnlyList<FleetRow> Rows, int Matching, int Pages, IReadOnlyDictionary<HostState, int> Counts)
{
    /// <summary>Hosts per page.</summary>
    public const int PageSize = 100;

    /// <summary>Filters, sorts and cuts out a page.</summary>
    public static FleetView Make(IReadOnlyList<HostInfo> hosts, FleetQuery query, long nowMs)
    {
        FleetRow[] all = [.. hosts.Select(host => new FleetRow(host, HostStates.Of(host, nowMs), Math.Max(0, nowMs - host.LastSampleMs)))];
        Dictionary<HostState, int> counts = Enum.GetValues<HostState>().ToDictionary(static state => state, state => all.Count(row => row.State == state));
        IEnumerable<FleetRow> matching = all.Where(row => Meets(row, query));
        IOrderedEnumerable<FleetRow> sorted = query.Sort switch
        {
            "state" => Order(matching, query, static row => (int)row.State),
            "seen" => Order(matching, query, static row => row.AgeMs),
            "series" => Order(matching, query, static row => row.Host.SeriesCount),
            _ => query.Descending
                ? matching.OrderByDescending(static row => row.Host.Name, StringComparer.OrdinalIgnoreCase)
                : matching.OrderBy(static row => row.Host.Name, StringComparer.OrdinalIgnoreCase),
        };
        FleetRow[] rows = [.. sorted.ThenBy(static row => row.Host.Name, StringComparer.Ordinal).ThenBy(static row => row.Host.AgentId, StringComparer.Ordinal)];
        int pages = Math.Max(1, (rows.Length + PageSize - 1) / PageSize);
        int page = Math.Min(query.Page, pages);
        return new FleetView(query with { Page = page }, [.. rows.Skip((page - 1) * PageSize).Take(PageSize)], rows.Length, pages, counts);
    }

    private static IOrderedEnumerable<FleetRow> Order<T>(IEnumerable<FleetRow> rows, FleetQuery query, Func<FleetRow, T> key) =>
        query.Descending ? rows.OrderByDescending(key) : rows.OrderBy(key);

    private static bool Meets(FleetRow row, FleetQuery query)
    {
        if (query.State.Length > 0 && HostStates.Word(row.State) != query.State) return false;
        return query.Search.Length == 0
            || row.Host.Name.Contains(query.Search, StringComparison.OrdinalIgnoreCase)
            || row.Host.AgentId.Contains(query.Search, StringComparison.OrdinalIgnoreCase)
            || row.Host.Attributes.Any(attribute => attribute.Value.Contains(query.Search, StringComparison.OrdinalIgnoreCase));
    }
}
