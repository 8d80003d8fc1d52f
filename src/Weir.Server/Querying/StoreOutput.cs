namespace Weir.Server.Querying;

/// <summary>How what a store holds is printed.</summary>
internal enum StoreOutput
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For programs.</summary>
    Json,
}
