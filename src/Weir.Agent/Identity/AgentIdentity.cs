using System.Net;
using System.Net.Security;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Weir.Agent.Configuration;
using Weir.Agent.Uplinks;
using Weir.Log;
using Weir.Protocol.Identity;

namespace Weir.Agent.Identity;

/// <summary>Joins where the agent has a token and no certificate, renews at two thirds of its life, and gives the uplink what it connects with.</summary>
/// <remarks>
/// Never gives up and needs nobody: what fails is tried again with growing delays, whatever the reason, also long after the certificate has expired.
/// Collection and spool do not wait for it. Thread-safe.
/// </remarks>
internal sealed class AgentIdentity : IDisposable
{
    private const string Folder = "identity";
    private const double RenewAt = 2.0 / 3;
    private const double RenewSpread = 0.05;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    private readonly ECDsa _key;
    private readonly CredentialsFile _file;
    private readonly EnrollmentClient _client;
    private readonly JoinToken? _token;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IdentityMetrics _metrics;
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WakeSignal _wake = new();
    private volatile AgentCredentials? _credentials;
    private volatile bool _asked;
    private long _failures;

    private AgentIdentity(ECDsa key, CredentialsFile file, AgentCredentials? credentials, EnrollmentClient client, JoinToken? token, TimeProvider time, ILogger logger)
    {
        _key = key;
        _file = file;
        _credentials = credentials;
        _client = client;
        _token = token;
        _time = time;
        _logger = logger;
        _metrics = new IdentityMetrics(() => (_credentials?.ExpiresAt - _time.GetUtcNow())?.TotalSeconds ?? 0);
        if (credentials is not null) _joined.TrySetResult();
    }

    /// <summary>What the agent has been given; null before it has joined.</summary>
    public AgentCredentials? Credentials => _credentials;

    /// <summary>Where the identity is below a data directory.</summary>
    public static string FolderOf(string dataDirectory) => Path.Combine(dataDirectory, Folder);

    /// <summary>Whether the agent of a data directory has ever joined.</summary>
    public static bool HasJoined(string dataDirectory) => File.Exists(Path.Combine(FolderOf(dataDirectory), CredentialsFile.Name));

    /// <summary>Opens the identity of an agent that has joined or is to join; null for one that speaks without TLS.</summary>
    /// <exception cref="AgentDataException">A file is damaged.</exception>
    public static AgentIdentity? Open(AgentConfig config, IFileSystem files, AgentId agent, TimeProvider time, ILoggerFactory loggers)
    {
        string directory = FolderOf(config.DataDirectory);
        var file = new CredentialsFile(files, directory);
        if (config.IsWithoutTls || (config.JoinToken is null && !file.Exists)) return null;
        Ensure(files, directory);
        ECDsa key = AgentKey.OpenOrCreate(files, directory, agent);
        try
        {
            EnrollmentClient client = ClientOf(config, agent, key, time);
            return new AgentIdentity(key, file, file.Read(agent, key), client, config.JoinToken, time, loggers.CreateLogger<AgentIdentity>());
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Joins now, once, for a command that does nothing else.</summary>
    /// <exception cref="RpcException">It was refused, or nobody answered as the token says.</exception>
    public static async Task<AgentCredentials> JoinAsync(AgentConfig config, IFileSystem files, AgentId agent, TimeProvider time, CancellationToken cancellationToken)
    {
        string directory = FolderOf(config.DataDirectory);
        Ensure(files, directory);
        using ECDsa key = AgentKey.OpenOrCreate(files, directory, agent);
        AgentCredentials credentials = await ClientOf(config, agent, key, time).JoinAsync(config.JoinToken!, cancellationToken).ConfigureAwait(false);
        new CredentialsFile(files, directory).Write(credentials);
        return credentials;
    }

    /// <summary>Keeps the certificate fresh until cancelled. Does not fail.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstDelay, LongestDelay, Random.Shared);
        while (!cancellationToken.IsCancellationRequested)
        {
            await WaitAsync(UntilDue(), cancellationToken).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested) return;
            if (!_asked && UntilDue() > TimeSpan.Zero) continue;
            _asked = false;
            if (await TryObtainAsync(cancellationToken).ConfigureAwait(false)) backoff.Reset();
            else await Task.Delay(backoff.Next(), _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What the next connection to a gateway is made with; waits until the agent has joined.</summary>
    public async Task<SslClientAuthenticationOptions> TlsAsync(CancellationToken cancellationToken)
    {
        await _joined.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _credentials!.ToTls(_time);
    }

    /// <summary>Renews now: a gateway does not take the certificate any more, whatever the clock of this host says.</summary>
    public void RenewSoon()
    {
        _asked = true;
        _wake.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics.Dispose();
        _key.Dispose();
    }

    private static EnrollmentClient ClientOf(AgentConfig config, AgentId agent, ECDsa key, TimeProvider time)
    {
        ProxySetting.TryRead(config.Proxy, out IWebProxy? proxy);
        return new EnrollmentClient(config.EnrollmentUri(), proxy, agent, key, time);
    }

    private static void Ensure(IFileSystem files, string directory)
    {
        if (files.DirectoryExists(directory)) return;
        files.CreateDirectory(directory);
        if (files is PhysicalFileSystem) OwnerOnly.Restrict(directory);
    }

    private TimeSpan UntilDue()
    {
        if (_credentials is not { } credentials) return TimeSpan.Zero;
        // Drawn from the certificate, so that it is the same at each look and another for each agent and time.
        double jitter = credentials.Certificate.SerialNumberBytes.Span[^1] / 255.0 * RenewSpread;
        TimeSpan due = credentials.ReceivedAt + (credentials.Lifetime * (RenewAt - jitter)) - _time.GetUtcNow();
        // A clock that went back by more than the certificate's life must not put renewal off.
        return due <= TimeSpan.Zero ? TimeSpan.Zero : due < credentials.Lifetime ? due : credentials.Lifetime;
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero || _asked) return;
        using var timer = _time.CreateTimer(_ => _wake.Set(), null, wait, Timeout.InfiniteTimeSpan);
        try
        {
            await _wake.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller sees it.
        }
    }

    private async Task<bool> TryObtainAsync(CancellationToken cancellationToken)
    {
        string kind = _credentials is null ? "join" : "renew";
        try
        {
            AgentCredentials obtained = await ObtainAsync(cancellationToken).ConfigureAwait(false);
            bool first = _credentials is null;
            _credentials = obtained;
            _joined.TrySetResult();
            // A disk that does not take it fails the attempt, which is repeated; what was obtained is used meanwhile. After a restart the older one renews.
            _file.Write(obtained);
            _failures = 0;
            _metrics.Request(kind, "issued");
            if (first) _logger.Joined(obtained.Tenant, obtained.Lifetime.TotalHours);
            else _logger.Renewed(obtained.Lifetime.TotalHours);
            return true;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e)
        {
            _metrics.Request(kind, "failed");
            string reason = e is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : e.Message;
            if (BitOperations.IsPow2(++_failures)) _logger.NotObtained(kind, reason, _failures);
            return false;
        }
    }

    // The token opens the door once more where the certificate no longer does: the same agent and key are the same use of it.
    private async Task<AgentCredentials> ObtainAsync(CancellationToken cancellationToken)
    {
        if (_credentials is not { } current) return await _client.JoinAsync(_token!, cancellationToken).ConfigureAwait(false);
        try
        {
            return await _client.RenewAsync(current, cancellationToken).ConfigureAwait(false);
        }
        // Too late, of an authority that is gone, or another server: the token's pin says whether the listener is the right one.
        catch (RpcException) when (_token is not null && !cancellationToken.IsCancellationRequested)
        {
            return await _client.JoinAsync(_token, cancellationToken).ConfigureAwait(false);
        }
    }
}
