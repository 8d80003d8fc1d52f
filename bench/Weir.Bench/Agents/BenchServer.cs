using Weir.TestKit.Processes;

namespace Weir.Bench.Agents;

/// <summary>A <c>weir</c> on loopback that does not measure its own host, and the folder of a run, which goes with it.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private WeirProcess? _weir;

    private BenchServer(string name) => Work = Directory.CreateTempSubdirectory($"weir-{name}-").FullName;

    /// <summary>The folder.</summary>
    public string Work { get; }

    /// <summary>Where agents connect.</summary>
    public Uri Gateway => _weir!.Grpc;

    /// <summary>Where it is asked.</summary>
    public Uri Http => _weir!.Http;

    /// <summary>Starts it.</summary>
    /// <param name="name">Of the benchmark.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<BenchServer> StartAsync(string name, CancellationToken cancellationToken)
    {
        var server = new BenchServer(name);
        try
        {
            string config = Path.Combine(server.Work, "weir.yaml");
            await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", cancellationToken);
            server._weir = await WeirProcess.UpAsync(WeirProcess.FindDll(), new WeirUp { DataDirectory = Path.Combine(server.Work, "weir"), ConfigFile = config }, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_weir is not null) await _weir.DisposeAsync();
        Directory.Delete(Work, recursive: true);
    }
}
