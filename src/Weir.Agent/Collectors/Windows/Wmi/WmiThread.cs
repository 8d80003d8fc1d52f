namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>A thread with its own connection to WMI, for as long as it lives.</summary>
/// <remarks>
/// Long-lived and multi-threaded apartment. The connection is made with the first query and closed by the thread itself. A background thread: one that hangs does
/// not keep the process. <see cref="IsHung"/> and <see cref="IsAbandoned"/> are guarded by the queue's lock.
/// </remarks>
internal sealed class WmiThread(WmiQueue queue, Func<IWmiConnection> connect, TimeProvider time, TimeSpan deadline)
{
    /// <summary>Whether its query has hung beyond the limit.</summary>
    public bool IsHung { get; set; }

    /// <summary>Whether another has taken its place, so that it ends when it returns.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Starts it.</summary>
    public void Start()
    {
        var thread = new Thread(Work) { IsBackground = true, Name = "weir wmi" };
        if (OperatingSystem.IsWindows()) thread.SetApartmentState(ApartmentState.MTA);
        thread.Start();
    }

    private void Work()
    {
        IWmiConnection? connection = null;
        while (queue.Take(this) is { } request)
        {
            IReadOnlyList<WmiValue[]>? rows = null;
            Exception? error = null;
            try
            {
                connection ??= connect();
                rows = connection.Run(request.Query, new WmiDeadline(time, deadline));
            }
            catch (Exception caught)
            {
                error = caught;
            }

            queue.Return(this, request, rows, error);
        }

        connection?.Dispose();
    }
}
