namespace Weir.Agent.Collectors.Windows;

/// <summary>The states of TCP connections, in the numbers of MIB_TCP_STATE and in the conventions' names.</summary>
internal static class ConnectionStates
{
    private static readonly string[] Names =
        ["closed", "listen", "syn_sent", "syn_received", "established", "fin_wait_1", "fin_wait_2", "close_wait", "closing", "last_ack", "time_wait"];

    /// <summary>How many states there are.</summary>
    public static int Count => Names.Length;

    /// <summary>The instances of <see cref="Templates.ConnectionCount"/>: TCP in each state, then UDP.</summary>
    public static IReadOnlyList<string[]> Instances { get; } = [.. Names.Select(static name => (string[])["tcp", name]), ["udp", ""]];

    /// <summary>The place of a state, from 0. A connection that is being deleted, or in a state that is not known, is closed.</summary>
    public static int PlaceOf(uint state) => state >= 1 && state <= Names.Length ? (int)state - 1 : 0;
}
